# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Draws the map of the ground around a place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import shapely

from mm_fusion_ros.sim.materials import Surface
from mm_fusion_ros.sim.world.ground_map import GroundMap
from mm_fusion_ros.sim.world.shapes_2d import Canvas

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.world.footprint import Footprint
    from mm_fusion_ros.sim.world.markings import Markings
    from mm_fusion_ros.sim.world.shapes_2d import Patches

_KERB_M = 0.15
_SHOULDER_M = 0.9
_NOISE_CELLS, _NOISE_CELL_M = 256, 0.4  # of the texture of worn paint, repeated everywhere
_WORN = (70.0, 255.0)


class GroundRaster:
    """
    All that lies on the ground of a site.

    Parameters
    ----------
    rng : numpy.random.Generator
        For how worn paint is.
    footprint : Footprint
        Carriageways and sidewalks.
    markings : Markings
        Paint.
    patches : Patches
        What lies on the land beside streets, values of `Surface`.
    pits : Patches
        What lies in sidewalks.

    """

    def __init__(
        self, rng: np.random.Generator, footprint: Footprint, markings: Markings,
        patches: Patches, pits: Patches,
    ) -> None:
        self._markings = markings
        self._patches, self._pits = patches, pits
        self._drivable = footprint.drivable
        self._paved = footprint.paved
        self._kerb = shapely.difference(
            shapely.buffer(footprint.drivable, _KERB_M, join_style='mitre'), footprint.verges)
        self._shoulder = shapely.intersection(
            shapely.buffer(footprint.drivable, _SHOULDER_M), footprint.verges)
        self._wear = _wear(rng)

    def around(self, center: NDArray[np.float64], radius_m: float, cell_m: float) -> GroundMap:
        """Give the map of the square of half width `radius_m` about a place (2,)."""
        canvas = Canvas(center - radius_m, cell_m, round(2.0 * radius_m / cell_m))
        surface = canvas.blank(Surface.GRASS)
        canvas.draw(surface, self._patches, is_smooth=False)
        canvas.fill(surface, self._paved, Surface.SIDEWALK)
        canvas.draw(surface, self._pits, is_smooth=False)
        canvas.fill(surface, self._shoulder, Surface.GRAVEL)
        canvas.fill(surface, self._kerb, Surface.KERB)
        canvas.fill(surface, self._drivable, Surface.ASPHALT)
        is_drivable = np.uint8(255) * (surface == Surface.ASPHALT)
        paint, lines, crosswalks = (canvas.blank() for _ in range(3))
        canvas.draw(paint, self._markings.paint, is_smooth=True)
        canvas.draw(lines, self._markings.lines, is_smooth=False)
        canvas.draw(crosswalks, self._markings.crosswalks, is_smooth=False)
        cv2.multiply(paint, self._worn(canvas), dst=paint, scale=1.0 / 255.0)
        return GroundMap(
            canvas.origin, cell_m, surface, _within(paint, is_drivable), is_drivable,
            _within(lines, is_drivable), _within(crosswalks, is_drivable))

    def _worn(self, canvas: Canvas) -> NDArray[np.uint8]:
        """Give how much of the paint is left; the same at a place on every map."""
        first = np.floor(canvas.origin / _NOISE_CELL_M)
        count = int(canvas.count * canvas.cell_m / _NOISE_CELL_M) + 2
        columns, rows = ((first[:, None].astype(int) + np.arange(count)) % _NOISE_CELLS)
        size = round(count * _NOISE_CELL_M / canvas.cell_m)
        worn = cv2.resize(self._wear[np.ix_(rows, columns)], (size, size))
        skip = np.round((canvas.origin - first * _NOISE_CELL_M) / canvas.cell_m).astype(int)
        return np.asarray(
            worn[skip[1]:, skip[0]:][:canvas.count, :canvas.count], np.uint8)


def _within(cells: NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.bitwise_and(cells, mask, dst=cells), np.uint8)


def _wear(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Make a texture of patches, a few metres wide, that fits to itself at its edges."""
    waves = np.fft.fftfreq(_NOISE_CELLS, _NOISE_CELL_M)
    frequency = np.hypot(waves, waves[:, None])
    spectrum = np.fft.fft2(rng.normal(size=(_NOISE_CELLS, _NOISE_CELLS)))
    noise = np.fft.ifft2(spectrum / (1.0 + (frequency * 3.0) ** 2)).real
    return np.asarray(np.clip(225.0 + 55.0 * noise / noise.std(), *_WORN), np.uint8)
