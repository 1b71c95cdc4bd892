# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Draws the map of the ground around a place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from mm_fusion_ros.sim.materials import Surface
from mm_fusion_ros.sim.world.ground import ring_points
from mm_fusion_ros.sim.world.ground_map import GroundMap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mm_fusion_ros.sim.world.ground import Plots
    from mm_fusion_ros.sim.world.markings import Markings

_SHIFT = 4  # fractional bits of coordinates
_KERB_M = 0.18


class GroundPainter:
    """
    Knows outlines and paint of a whole world.

    Parameters
    ----------
    plots : Plots
        Carriageways and sidewalks.
    markings : Markings
        Paint.
    lot : Surface
        What lies beside the streets.

    """

    def __init__(self, plots: Plots, markings: Markings, lot: Surface) -> None:
        self._drive = ring_points(plots.carriageway)
        self._walk = ring_points(plots.sidewalk)
        self._markings = markings
        self._lot = lot

    def map_around(
        self, center: NDArray[np.float64], radius_m: float, cell_m: float
    ) -> GroundMap:
        """Draw the square about a place (2,)."""
        count = round(2.0 * radius_m / cell_m)
        origin = np.asarray(center, np.float64) - radius_m
        brush = _Brush(origin, cell_m, count)
        surface = np.full((count, count), self._lot, np.uint8)
        brush.fill(surface, self._walk, Surface.SIDEWALK)
        brush.outline(surface, self._drive, Surface.KERB, 2.0 * _KERB_M)
        brush.fill(surface, self._drive, Surface.ASPHALT)
        drivable, lines, walks, paint = (np.zeros((count, count), np.uint8) for _ in range(4))
        brush.fill(drivable, self._drive, 255)
        marks = self._markings
        brush.patches(lines, marks.lines, cv2.LINE_8)
        brush.patches(walks, marks.crosswalk_areas, cv2.LINE_8)
        for patches in (marks.lines, marks.crosswalks, marks.others):
            brush.patches(paint, patches, cv2.LINE_AA)
        return GroundMap(origin, cell_m, surface, paint, drivable, lines, walks)


class _Brush:
    """Draws world coordinates into one square."""

    def __init__(self, origin: NDArray[np.float64], cell_m: float, count: int) -> None:
        self._origin, self._cell_m, self._count = origin, cell_m, count

    def fill(
        self, layer: NDArray[np.uint8], rings: Sequence[NDArray[np.float64]], value: int
    ) -> None:
        """Fill an area, holes left out."""
        if rings:
            cv2.fillPoly(
                layer, [self._fixed(ring) for ring in rings], int(value), cv2.LINE_8, _SHIFT)

    def outline(
        self, layer: NDArray[np.uint8], rings: Sequence[NDArray[np.float64]], value: int,
        width_m: float,
    ) -> None:
        """Draw along outlines."""
        cv2.polylines(layer, [self._fixed(ring) for ring in rings], True, int(value),
                      max(round(width_m / self._cell_m), 1), cv2.LINE_8, _SHIFT)

    def patches(
        self, layer: NDArray[np.uint8], patches: NDArray[np.float64], line_type: int
    ) -> None:
        """Fill four-cornered patches."""
        middles = patches.mean(axis=1) - self._origin
        reach = self._count * self._cell_m
        near = ((middles > -3.0) & (middles < reach + 3.0)).all(axis=1)
        for patch in self._fixed(patches[near]):
            cv2.fillConvexPoly(layer, patch, 255, line_type, _SHIFT)

    def _fixed(self, points: NDArray[np.float64]) -> NDArray[np.int32]:
        cells = (points - self._origin) / self._cell_m - .5
        return np.asarray(np.rint(cells * (1 << _SHIFT)), np.int32)
