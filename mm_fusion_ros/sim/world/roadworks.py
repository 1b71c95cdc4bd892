# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Roadworks that close a part of a parking lane, or the edge of a road, behind cones and boards.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from mm_fusion_ros.geometry import transforms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.world.street_network import Height
    from mm_fusion_ros.sim.world.street_plan import Street, StreetPlan
    from mm_fusion_ros.sim.world.streets import ParkingSpace

_SHARE = 0.6  # of worlds with roadworks: more than of real cities, so that they are met
_CLEAR_M = 8.0  # from the ends of lanes
_CONE_GAP_M, _JERSEY_M = 2.5, 3.1
_CAR_M = 5.0  # of parking lane that stays empty at either end
_PARKED_M = 2.5
_MARGIN_M = 0.35  # from the lane


class BarrierKind(IntEnum):
    """What keeps traffic out."""

    CONE = 0
    JERSEY = 1
    BOARD = 2


@dataclass(frozen=True, slots=True, eq=False)
class Barrier:
    """One piece: its kind and its pose (4, 4) in the world."""

    kind: BarrierKind
    T_world: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Roadworks:
    """A stretch of one side (1 left, -1 right) of a street, by the way along its middle, m."""

    street: Street
    side: int
    start_m: float
    end_m: float

    def without(self, spaces: tuple[ParkingSpace, ...]) -> tuple[ParkingSpace, ...]:
        """Give the spaces where one can still park."""
        way = np.arange(self.start_m - _CAR_M, self.end_m + _CAR_M, 1.0)
        places = self.street.at(way, self.side * self.street.section.parking_middle_m)
        middles = np.array([space.position for space in spaces]).reshape(-1, 2)
        distances, _ = cKDTree(places).query(middles)
        return tuple(space for space, distance in zip(spaces, distances, strict=True)
                     if distance > _PARKED_M)


def roadworks(rng: np.random.Generator, plan: StreetPlan) -> tuple[Roadworks, ...]:
    """Decide where there are roadworks, if any."""
    streets = [street for street in plan.streets
               if street.section.parking_m and street.span_m[1] - street.span_m[0] > 60.0]
    if not streets or rng.random() > _SHARE:
        return ()
    works = []
    count = max(2, round(len(streets) * rng.uniform(.3, .7)))
    for index in rng.permutation(len(streets))[:count]:
        low, high = streets[index].span_m
        length = float(rng.uniform(14, 30))
        start = float(rng.uniform(low + _CLEAR_M, high - _CLEAR_M - length))
        works.append(Roadworks(streets[index], int(rng.choice([-1, 1])), start, start + length))
    return tuple(works)


def barriers(
    rng: np.random.Generator, works: tuple[Roadworks, ...], height: Height
) -> tuple[Barrier, ...]:
    """Fence them off: a board at either end, cones or concrete along the lane."""
    kinds: list[BarrierKind] = []
    places, yaws = [], []
    for work in works:
        section = work.street.section
        inner = section.lanes_m + section.bike_m + _MARGIN_M
        kind, gap = ((BarrierKind.CONE, _CONE_GAP_M) if rng.random() < .7
                     else (BarrierKind.JERSEY, _JERSEY_M))
        along = np.arange(work.start_m + 2.0, work.end_m - 1.5, gap)
        ends = np.array([work.start_m, work.end_m])
        way = np.concatenate([ends, along])
        left = work.side * np.concatenate([[section.parking_middle_m] * 2, [inner] * len(along)])
        kinds += [BarrierKind.BOARD] * 2 + [kind] * len(along)
        places.append(work.street.at(way, left))
        yaws.append(work.street.middle.at(way).headings + np.pi * (np.arange(len(way)) == 0))
    if not kinds:
        return ()
    xy, yaw = np.concatenate(places), np.concatenate(yaws)
    return tuple(
        Barrier(kind, transforms.from_euler((*place, z), 0.0, 0.0, angle))
        for kind, place, z, angle in zip(kinds, xy, height(xy), yaw, strict=True))
