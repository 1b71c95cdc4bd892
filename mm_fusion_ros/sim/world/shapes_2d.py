# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Many small areas on the plan, those near a place quickly found; and how areas become cells.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_SHIFT = 4  # bits of a cell to which corners are rounded


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """
    P areas without holes.

    Attributes
    ----------
    rings : tuple of (K, 2) float64
        Corners of each, m.
    values : (P,) uint8
        What is drawn.

    """

    rings: tuple[NDArray[np.float64], ...]
    values: NDArray[np.uint8]
    _lows: NDArray[np.float64] = field(init=False, repr=False)
    _highs: NDArray[np.float64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Measure all."""
        lows = np.array([ring.min(axis=0) for ring in self.rings]).reshape(-1, 2)
        highs = np.array([ring.max(axis=0) for ring in self.rings]).reshape(-1, 2)
        object.__setattr__(self, '_lows', lows)
        object.__setattr__(self, '_highs', highs)

    def near(
        self, low: NDArray[np.float64], high: NDArray[np.float64]
    ) -> NDArray[np.intp]:
        """Give the indices of those that may reach into a rectangle, in order."""
        return np.flatnonzero(((self._highs >= low) & (self._lows <= high)).all(axis=1))


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """
    Turns places into cells.

    Attributes
    ----------
    origin : (2,) float64
        Of the corner of cell (0, 0), m.
    cell_m : float
        m.
    count : int
        Cells along either side.

    """

    origin: NDArray[np.float64]
    cell_m: float
    count: int

    def blank(self, value: int = 0) -> NDArray[np.uint8]:
        """Give cells of one value."""
        return np.full((self.count, self.count), value, np.uint8)

    def fill(self, cells: NDArray[np.uint8], area: shapely.Geometry, value: int) -> None:
        """Set the cells of an area, which may have holes and parts."""
        low, high = self.origin - 1.0, self.origin + self.count * self.cell_m + 1.0
        shown = shapely.clip_by_rect(area, *low, *high)
        polygons = [part for part in shapely.get_parts(shown) if part.geom_type == 'Polygon']
        rings = [self._pixels(shapely.get_coordinates(ring))
                 for ring in shapely.get_rings(polygons)]
        if rings:
            cv2.fillPoly(cells, rings, value, shift=_SHIFT)

    def draw(self, cells: NDArray[np.uint8], patches: Patches, *, is_smooth: bool) -> None:
        """Set the cells of patches, each over those before; smooth ones cover edges partly."""
        line = cv2.LINE_AA if is_smooth else cv2.LINE_8
        low, high = self.origin, self.origin + self.count * self.cell_m
        for index in patches.near(low, high):
            self.ring(cells, patches.rings[index], int(patches.values[index]), line)

    def ring(
        self, cells: NDArray[np.uint8], ring: NDArray[np.float64], value: int,
        line: int = cv2.LINE_8,
    ) -> None:
        """Set the cells of one area without holes."""
        cv2.fillPoly(cells, [self._pixels(ring)], value, line, _SHIFT)

    def _pixels(self, places: NDArray[np.float64]) -> NDArray[np.int32]:
        cells = (places - self.origin) / self.cell_m - 0.5  # whole numbers are middles of cells
        return np.asarray(np.round(cells * 2**_SHIFT), np.int32)


def patches(rings: Sequence[NDArray[np.float64]], value: int) -> Patches:
    """Make patches of one value."""
    return Patches(tuple(rings), np.full(len(rings), value, np.uint8))
