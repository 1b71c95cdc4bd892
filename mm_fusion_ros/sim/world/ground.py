# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
How high the ground is: hills, carriageways below their kerbs and higher in their middle, ditches.
"""

from __future__ import annotations

from typing import NamedTuple, TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.world.footprint import Footprint
    from mm_fusion_ros.sim.world.street_plan import StreetPlan
    from mm_fusion_ros.sim.world.terrain import Terrain

_STEP_M = 2.0
_CROWN = 0.02
_RIDGE_M = 0.35  # half width of the round top of a crown
_FADE_M = 14.0  # along a street, in which its profile goes over into that of a junction
_INSIDE_M = 3.0  # before the end of its lanes a street begins to flatten
DITCH_M = np.array([1.0, 2.8, 4.6])  # from the edge of a rural road
_DITCH_DEPTHS_M = np.array([0.0, 0.4, 0.0])
_DITCH_FADE_M = 26.0


class OnStreet(NamedTuple):
    """The nearest street (N,), way along its middle (N,) and distance from it (N,), m."""

    street: NDArray[np.intp]
    way_m: NDArray[np.float64]
    distance_m: NDArray[np.float64]


class Ground:
    """
    The surface of a site.

    Parameters
    ----------
    terrain : Terrain
        What everything is laid on.
    plan : StreetPlan
        The streets.
    footprint : Footprint
        Their areas.
    kerb_m : float
        Height of kerbs.

    """

    def __init__(
        self, terrain: Terrain, plan: StreetPlan, footprint: Footprint, kerb_m: float
    ) -> None:
        self._terrain = terrain
        self._drivable = footprint.drivable
        shapely.prepare(self._drivable)
        streets = plan.streets
        self._halves = np.array([street.section.half_m for street in streets])
        self._is_rural = np.array([street.section.is_rural for street in streets])
        self._spans = np.array([street.span_m for street in streets])
        self._is_through = np.zeros((len(streets), 2), np.bool_)
        self._kerbs = np.zeros((len(streets), 3))  # at either end, and between
        for junction in plan.junctions:
            mine = [arm.street for arm in junction.arms]
            is_through = len(mine) == 2 and streets[mine[0]].section == streets[mine[1]].section
            kerb = 0.0 if self._is_rural[mine].all() else kerb_m
            for arm in junction.arms:
                self._is_through[arm.street, arm.end] = is_through
                self._kerbs[arm.street, arm.end] = kerb
        self._kerbs[:, 2] = np.where(self._is_rural, 0.0, kerb_m)
        self._sample(plan)

    def _sample(self, plan: StreetPlan) -> None:
        """Scatter places along the middles, to find the nearest street by."""
        positions, tangents, ways, owners = [], [], [], []
        for index, street in enumerate(plan.streets):
            length = street.middle.length_m
            way = np.linspace(0.0, length, int(length / _STEP_M) + 1)
            on = street.middle.at(way)
            positions.append(on.positions)
            tangents.append(np.stack([np.cos(on.headings), np.sin(on.headings)], axis=1))
            ways.append(way)
            owners.append(np.full(len(way), index))
        self._tree = cKDTree(np.concatenate(positions))
        self._tangents = np.concatenate(tangents)
        self._ways = np.concatenate(ways)
        self._owners = np.concatenate(owners)

    def on_street(self, xy: NDArray[np.float64]) -> OnStreet:
        """Find the nearest street to positions (N, 2)."""
        _, nearest = self._tree.query(xy)
        tangents = self._tangents[nearest]
        gap = xy - self._tree.data[nearest]
        way = self._ways[nearest] + (gap * tangents).sum(axis=1)
        across = np.abs(tangents[:, 0] * gap[:, 1] - tangents[:, 1] * gap[:, 0])
        return OnStreet(self._owners[nearest], way, across)

    def height(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the height (N,), m, of what one drives or walks on at positions (N, 2), m."""
        xy = np.asarray(xy, np.float64)
        is_road = shapely.contains_xy(self._drivable, xy[:, 0], xy[:, 1])
        on = self.on_street(xy)
        return np.where(is_road, self.road_height(xy, on), self.side_height(xy, on))

    def road_height(self, xy: NDArray[np.float64], on: OnStreet) -> NDArray[np.float64]:
        """Give the height (N,) of carriageways, also of where they would be."""
        half = self._halves[on.street]
        rise = np.hypot(half, _RIDGE_M) - np.hypot(on.distance_m, _RIDGE_M)
        crown = _CROWN * np.maximum(rise, 0.0) * self._fade(on, -_INSIDE_M).min(axis=0)
        fades = self._fade(on, 0.0)
        start, end, between = self._kerbs[on.street].T
        kerb = between + (start - between) * (1.0 - fades[0]) + (end - between) * (1.0 - fades[1])
        return np.asarray(self._terrain.height(xy) + crown - kerb)

    def side_height(self, xy: NDArray[np.float64], on: OnStreet) -> NDArray[np.float64]:
        """Give the height (N,) of what lies beside carriageways, also of where it would be."""
        beyond = on.distance_m - self._halves[on.street]
        depth = np.interp(beyond, DITCH_M, _DITCH_DEPTHS_M) * self._is_rural[on.street]
        depth *= self._fade(on, 8.0, _DITCH_FADE_M).min(axis=0)
        return np.asarray(self._terrain.height(xy) - depth)

    def _fade(
        self, on: OnStreet, after_m: float, in_m: float = _FADE_M
    ) -> NDArray[np.float64]:
        """Give 0 at a street's start and end (2, N), and 1 a while after where its lanes begin."""
        spans = self._spans[on.street].T
        way = np.stack([on.way_m - spans[0], spans[1] - on.way_m])
        t = np.clip((way - after_m) / in_m, 0.0, 1.0)
        fade = t * t * (3.0 - 2.0 * t)
        return np.where(self._is_through[on.street].T, 1.0, fade)
