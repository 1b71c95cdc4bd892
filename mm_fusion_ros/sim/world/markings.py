# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What is painted on the streets, as four-cornered patches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.world.street_network import middle_line
from mm_fusion_ros.sim.world.street_plan import LANE_M, PARKING_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.world.path import Path
    from mm_fusion_ros.sim.world.street_plan import Street, StreetPlan
    from mm_fusion_ros.sim.world.streets import Streets

_LINE_M = 0.14
_PIECE_M = 1.5  # lines are cut into pieces that are straight enough
_BAR_M, _BAR_GAP_M = 0.5, 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Markings:
    """
    Paint by meaning, corners in the world, m.

    Attributes
    ----------
    lines : (L, 4, 2) float64
        Pieces of lines between and beside lanes.
    crosswalks : (C, 4, 2) float64
        Bars of crosswalks.
    others : (O, 4, 2) float64
        Stop lines and parking bays.
    crosswalk_areas : (A, 4, 2) float64
        All that a crosswalk takes.

    """

    lines: NDArray[np.float64]
    crosswalks: NDArray[np.float64]
    others: NDArray[np.float64]
    crosswalk_areas: NDArray[np.float64]


def markings(plan: StreetPlan, streets: Streets, rng: np.random.Generator) -> Markings:
    """Paint a plan."""
    lines: list[NDArray[np.float64]] = []
    others: list[NDArray[np.float64]] = []
    for street in plan.streets:
        lines += _lane_lines(street, rng)
        others += _across(street)
    bars, areas = [], []
    for crossing in streets.crossings:
        path, half = crossing.path, crossing.width_m / 2.0
        starts = np.arange(.3, path.length_m - .3, _BAR_M + _BAR_GAP_M)
        bars.append(_pieces(path, starts, starts + _BAR_M, 2.0 * half))
        areas.append(_pieces(path, np.zeros(1), np.array([path.length_m]), 2.0 * half))
    nothing = np.empty((0, 4, 2))
    return Markings(*(np.concatenate([nothing, *parts]) for parts in (lines, bars, others, areas)))


def _lane_lines(street: Street, rng: np.random.Generator) -> list[NDArray[np.float64]]:
    middle = middle_line(street, True)
    profile = street.profile
    found = []
    is_marked = profile.lanes > 1 or not profile.has_parking or rng.random() < .7
    if profile.lanes > 1:
        found += [_line(middle.beside(aside), 0.0) for aside in (-.13, .13)]
    elif is_marked:
        found.append(_line(middle, 4.5 if rng.random() < .7 else 0.0))
    for k in range(1, profile.lanes):
        found += [_line(middle.beside(side * k * LANE_M), 4.5) for side in (-1, 1)]
    edge = profile.lanes * LANE_M
    if is_marked and not profile.has_parking:
        found += [_line(middle.beside(side * (edge - .05)), 0.0) for side in (-1, 1)]
    return found


def _line(path: Path, gap_m: float) -> NDArray[np.float64]:
    """Give the pieces of a line, with gaps after every 3 m if they have a length."""
    if gap_m:
        starts = np.arange(1.0, path.length_m - 3.0, 3.0 + gap_m)
        starts = (starts[:, None] + np.array([0.0, 1.5])).ravel()
        return _pieces(path, starts, starts + 1.5, _LINE_M)
    starts = np.arange(0.0, path.length_m - _PIECE_M, _PIECE_M)
    return _pieces(path, starts, starts + _PIECE_M, _LINE_M)


def _across(street: Street) -> list[NDArray[np.float64]]:
    """Give stop lines, and the lines between parking bays."""
    found = []
    for is_forward in (True, False):
        middle = middle_line(street, is_forward)
        width = street.profile.lanes * LANE_M
        end = middle.length_m
        found.append(_pieces(middle.beside(-width / 2.0), np.array([end - .4]),
                             np.array([end]), width - .3))
        if street.profile.has_parking:
            beside = middle.beside(-(street.profile.half_m - .2 - PARKING_M / 2.0))
            ways = np.arange(6.0, beside.length_m - 6.0, 6.0)
            found.append(_pieces(beside, ways - .06, ways + .06, PARKING_M - .2))
    return found


def _pieces(
    path: Path, starts: NDArray[np.float64], ends: NDArray[np.float64], width_m: float
) -> NDArray[np.float64]:
    """Give patches (N, 4, 2) between ways along a path, centred on it."""
    if not len(starts):
        return np.empty((0, 4, 2))
    sides = []
    for ways in (starts, ends):
        on = path.at(ways)
        left = np.stack([-np.sin(on.headings), np.cos(on.headings)], axis=1) * (width_m / 2.0)
        sides.append((on.positions - left, on.positions + left))
    (a, b), (d, c) = sides
    return np.stack([a, b, c, d], axis=1)
