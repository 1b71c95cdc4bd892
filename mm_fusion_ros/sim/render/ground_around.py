# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What lies on the ground around a place: finely near by, coarsely as far as one looks.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.world.ground_map import GroundMap
    from mm_fusion_ros.sim.world.world import Site

# The scene's origin is up to 18 m away, so 70 m reach 52 m ahead; there a pixel of a usual
# camera covers more than a coarse cell.
_NEAR_RADIUS_M, _NEAR_CELL_M = 70.0, 0.05
_MAP_COLUMNS = 1024  # cv2 takes no map of 32768 rows
_FAR_RADIUS_M, _FAR_CELL_M = 160.0, 0.2


class OnGround(NamedTuple):
    """
    What lies at N places.

    Attributes
    ----------
    surface : (N,) uint8
        Values of `Surface`.
    paint : (N,) uint8
        Coverage with white paint, 0 to 255.

    """

    surface: NDArray[np.uint8]
    paint: NDArray[np.uint8]


class GroundAround:
    """
    Two maps of different fineness.

    Parameters
    ----------
    site : Site
        What to take them from.

    """

    def __init__(self, site: Site) -> None:
        self._site = site

    def move_to(self, origin: NDArray[np.float64]) -> None:
        """Take the maps around a place (3,) in the world; positions count from there."""
        self._origin = origin[:2]
        self.near: GroundMap = self._site.map_around(origin[:2], _NEAR_RADIUS_M, _NEAR_CELL_M)
        self.far: GroundMap = self._site.map_around(origin[:2], _FAR_RADIUS_M, _FAR_CELL_M)

    def at(self, positions: NDArray[np.float32]) -> OnGround:
        """Look up what lies at positions (N, 3) in the frame of the scene."""
        xy = positions[:, :2]
        far = self.far.cells(xy + self._origin)
        surface, paint = self.far.surface.ravel()[far], self.far.paint.ravel()[far]
        near = np.flatnonzero((np.abs(xy) < _NEAR_RADIUS_M).all(axis=1))
        cells = self.near.cells(xy[near] + self._origin)
        surface[near] = self.near.surface.ravel()[cells]
        paint[near] = self.near.paint.ravel()[cells]
        return OnGround(surface, paint)

    def near_paint(self, positions: NDArray[np.float32]) -> NDArray[np.float32]:
        """Interpolate paint, 0 to 255, at positions (N, 2) within the near map."""
        return interpolated(
            self.near.paint, (positions + (_NEAR_RADIUS_M - _NEAR_CELL_M / 2.0)) / _NEAR_CELL_M)


def interpolated(layer: NDArray[Any], places: NDArray[np.float32]) -> NDArray[np.float32]:
    """Interpolate a layer, which repeats beyond its edges, at columns and rows (N, 2)."""
    count = len(places)
    rows = -(-max(count, 1) // _MAP_COLUMNS)
    where = np.zeros((rows * _MAP_COLUMNS, 2), np.float32)
    where[:count] = places
    found = cv2.remap(  # the second map is none, which the stubs do not know
        layer, where.reshape(rows, -1, 2), None, cv2.INTER_LINEAR,  # type: ignore[call-overload]
        borderMode=cv2.BORDER_WRAP)
    return np.asarray(found, np.float32).reshape(-1)[:count]
