# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Keeps account of which ground is taken while a site is furnished.
"""

from __future__ import annotations

from typing import NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.world.shapes_2d import Canvas

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.materials import Surface
    from mm_fusion_ros.sim.world.footprint import Footprint

_CELL_M, _PROBE_M = 0.4, 0.7
_MARGIN_M = 120.0
_CROWN_M = 6.5
FREE, PAVED, VERGE, TAKEN, ROAD = range(5)


class Placed(NamedTuple):
    """A copy of a shape: which, where (2,), in which direction, and how large."""

    kind: int
    position: NDArray[np.float64]
    yaw_rad: float
    scale: float


class Layout:
    """
    The plan of a site in cells, and what has been placed on it.

    Parameters
    ----------
    footprint : Footprint
        Where nothing may stand.

    """

    def __init__(self, footprint: Footprint) -> None:
        bounds = np.array(footprint.drivable.bounds).reshape(2, 2)
        self.low, self.high = bounds[0] - _MARGIN_M, bounds[1] + _MARGIN_M
        count = int(np.ceil((self.high - self.low).max() / _CELL_M))
        self._canvas = Canvas(self.low, _CELL_M, count)
        self._cells = self._canvas.blank(FREE)
        self._canvas.fill(self._cells, footprint.paved, PAVED)
        self._canvas.fill(self._cells, footprint.verges, VERGE)
        self._canvas.fill(self._cells, footprint.drivable, ROAD)
        self.placed: list[Placed] = []
        self.covers: list[tuple[NDArray[np.float64], Surface]] = []
        self.pits: list[NDArray[np.float64]] = []

    def what(self, places: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Tell what lies at places (N, 2): FREE, ..., ROAD."""
        cells = ((places - self.low) * (1.0 / _CELL_M)).astype(np.int32)
        np.minimum(np.maximum(cells, 0, out=cells), self._canvas.count - 1, out=cells)
        return np.asarray(self._cells[cells[:, 1], cells[:, 0]])

    def most(self, places: NDArray[np.float64]) -> int:
        """Tell what, of places (N, 2), is taken most."""
        return int(self.what(places).max())

    def has_room(self, places: NDArray[np.float64], radius_m: float) -> NDArray[np.bool_]:
        """Tell where a tree (N,) has free ground around it, and no carriageway below its crown."""
        around = (places[:, None] + radius_m * _DISC).reshape(-1, 2)
        below = (places[:, None] + _CROWN_M * _DISC).reshape(-1, 2)
        is_free = self.what(around).reshape(-1, len(_DISC)).max(axis=1) == FREE
        return np.asarray(is_free & (self.what(below).reshape(-1, len(_DISC)).max(axis=1) < ROAD))

    def put(
        self, kind: int, position: NDArray[np.float64], yaw_rad: float, scale: float = 1.0
    ) -> None:
        """Place something without asking."""
        self.placed.append(Placed(kind, position, yaw_rad, scale))

    def put_if_free(self, item: Placed, radius_m: float, worst: int = FREE) -> bool:
        """Place something round where nothing worse than that is."""
        if self.most(item.position + radius_m * _DISC) > worst:
            return False
        self.placed.append(item)
        self._take(item.position + radius_m * _DISC[:8])
        return True

    def put_block(self, item: Placed, width_m: float, depth_m: float) -> bool:
        """Place something that takes a rectangle behind its front, if all of that is free."""
        along = np.array([np.cos(item.yaw_rad), np.sin(item.yaw_rad)])
        behind = np.array([-along[1], along[0]])
        x = np.linspace(-.5, .5, int(width_m / _PROBE_M) + 2) * width_m
        y = np.linspace(0.0, 1.0, int(depth_m / _PROBE_M) + 2) * depth_m
        places = item.position + x[:, None, None] * along + y[:, None] * behind
        if self.most(places.reshape(-1, 2)) > FREE:
            return False
        self.placed.append(item)
        self._take(places[[0, -1, -1, 0], [0, 0, -1, -1]])
        return True

    def _take(self, ring: NDArray[np.float64]) -> None:
        self._canvas.ring(self._cells, ring, TAKEN)


_ANGLES = np.arange(8) * np.pi / 4
_DISC = np.concatenate([np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1), np.zeros((1, 2))])
