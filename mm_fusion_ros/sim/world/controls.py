# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Who waits where: traffic lights, who gives way, and where people cross.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.geometry.transforms import wrap_angle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.world.street_plan import Junction, StreetPlan

_BETWEEN_SHARE, _BETWEEN_LEAST_M = 0.3, 70.0  # crosswalks between junctions


@dataclass(frozen=True, slots=True, eq=False)
class Controls:
    """
    What rules at the ends of streets, by street and end.

    Attributes
    ----------
    has_crossing : (S, 2) bool
        Whether there is a crosswalk.
    signals : (S, 2) int
        Index of the signal, -1 for none.
    yields : (S, 2) bool
        Whether one gives way to others there.
    crossings_m : (S,) float64
        Way along the middle to a crosswalk between the junctions; NaN for none.

    """

    has_crossing: NDArray[np.bool_]
    signals: NDArray[np.intp]
    yields: NDArray[np.bool_]
    crossings_m: NDArray[np.float64]


def controls(rng: np.random.Generator, plan: StreetPlan) -> Controls:
    """Decide who waits where, and where people cross."""
    count = len(plan.streets)
    has_crossing = np.zeros((count, 2), np.bool_)
    signals = np.full((count, 2), -1)
    yields = np.zeros((count, 2), np.bool_)
    number = 0
    for junction in plan.junctions:
        if junction.is_bend:
            continue
        ranks = [plan.streets[arm.street].section.rank for arm in junction.arms]
        is_big = sorted(ranks)[-3] >= 1 or (max(ranks) >= 1 and rng.random() < .3)
        first = _first_road(junction, ranks)
        for k, arm in enumerate(junction.arms):
            at = arm.street, arm.end
            if is_big:
                signals[at] = number
                number += 1
            yields[at] = not is_big and k not in first
            likely = 0.0 if ranks[k] == 2 else (.95 if is_big else .5)
            has_crossing[at] = rng.random() < likely
    crossings = np.full(count, np.nan)
    for index, street in enumerate(plan.streets):
        low, high = street.span_m
        if street.section.rank < 2 and high - low > _BETWEEN_LEAST_M and (
                rng.random() < _BETWEEN_SHARE):
            crossings[index] = low + (high - low) * rng.uniform(.4, .6)
    return Controls(has_crossing, signals, yields, crossings)


def _first_road(junction: Junction, ranks: list[int]) -> tuple[int, int]:
    """Give the two arms that have the right of way: the most important that lie in line."""
    pairs = [(a, b) for a in range(len(ranks)) for b in range(a)]
    turns = [abs(float(wrap_angle(junction.arms[a].heading_rad - junction.arms[b].heading_rad)))
             for a, b in pairs]
    return max(zip(pairs, turns, strict=True),
               key=lambda item: min(ranks[k] for k in item[0]) + 4.0 * item[1])[0]
