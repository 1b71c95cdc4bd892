# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Which clusters get a box: those that may be a road user, or an object that one could hit.

Walls, hedges, bushes, trunks and poles are left as labelled points: they are where they are, and
a box around a piece of them helps nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.obstacles.box_fit import Footprints
    from mm_fusion_ros.obstacles.settings import ObstacleSettings

# Curves from 0 (no box) to 1, linear between (value, plausibility).
_BY_SOLIDITY = ((0.25, 0.0), (0.5, 0.85), (0.9, 1.0))
_BY_FILL = ((0.12, 0.0), (0.25, 0.85), (0.45, 1.0))
# A part of something long and tall is seldom what stands before it; more so if like a person.
_IN_STRUCTURE = 0.6
_PERSON_IN_STRUCTURE = 0.85
# A face or the whole of a vehicle.
_VEHICLE_LENGTH_M = ((0.8, 0.0), (1.3, 1.0), (5.5, 1.0), (7.0, 0.7))
_VEHICLE_TOP_M = ((0.6, 0.0), (0.9, 0.75), (1.2, 1.0), (1.85, 1.0), (2.1, 0.4))  # taller: a bush
_VEHICLE_POINTS = ((5, 0.6), (20, 0.9), (100, 1.0))
# Somebody on foot or on two wheels.
_PERSON_LENGTH_M = ((0.1, 0.0), (0.3, 1.0), (1.9, 1.0), (2.4, 0.0))
_PERSON_WIDTH_M = ((0.9, 1.0), (1.3, 0.0))
_PERSON_TOP_M = ((1.1, 0.0), (1.4, 1.0), (2.0, 1.0), (2.2, 0.0))
_PERSON_POINTS = ((5, 0.8), (10, 1.0))
_PERSON_DISTANCE_M = ((20.0, 1.0), (40.0, 0.75))  # farther away it is mostly a post
# Anything else that one could hit: the nearer, the more it matters.
_THING_DISTANCE_M = ((6.0, 0.8), (20.0, 0.2))
_THING_TOP_M = ((0.4, 0.0), (0.6, 1.0), (2.1, 1.0), (2.4, 0.0))  # taller and slim: trunk, pole
_FENCE_M = (2.0, 0.3)  # longer and thinner than this, and lower than a car
_FENCE_TOP_M = 1.1
# In the vehicle's own way nothing as tall as a child is left out, whatever it looks like.
_WAY_LENGTH_M = 30.0
_WAY_HALF_WIDTH_M = 2.5
_CHILD_M = 0.8
_IN_THE_WAY = 0.8


@dataclass(frozen=True, slots=True)
class Evidence:
    """
    What is known about each of C clusters.

    Attributes
    ----------
    seen : Footprints
        Rectangles around what was seen, in the base frame.
    top_m : (C,) float64
        Height above the ground.
    num_points : (C,) int
        Points.
    filled : (C,) float64
        Share of the beams that it returned, as `sampling.fill` gives it.
    in_structure : (C,) bool
        Whether it was cut from something long and tall.

    """

    seen: Footprints
    top_m: NDArray[np.float64]
    num_points: NDArray[np.intp]
    filled: NDArray[np.float64]
    in_structure: NDArray[np.bool_]

    @property
    def distances_m(self) -> NDArray[np.float64]:
        """Distance of each from the base frame's origin, seen from above, (C,)."""
        return np.hypot(self.seen.centers[:, 0], self.seen.centers[:, 1])

    @property
    def is_low_fence(self) -> NDArray[np.bool_]:
        """Whether each is long, thin and low, (C,)."""
        length, width = self.seen.sizes.T
        is_thin: NDArray[np.bool_] = (length > _FENCE_M[0]) & (width < _FENCE_M[1])
        return is_thin & (self.top_m < _FENCE_TOP_M)


def judge(evidence: Evidence, settings: ObstacleSettings) -> NDArray[np.float64]:
    """
    Score clusters from 0 (no box) to 1 (as road users look).

    Parameters
    ----------
    evidence : Evidence
        Of C clusters.
    settings : ObstacleSettings
        Largest sizes and smallest score.

    Returns
    -------
    (C,) float64

    """
    alone = np.where(evidence.in_structure, _IN_STRUCTURE, 1.0)
    alone_person = np.where(evidence.in_structure, _PERSON_IN_STRUCTURE, 1.0)
    score = (
        np.maximum(
            np.maximum(_as_vehicle(evidence), _as_thing(evidence)) * alone,
            _as_person(evidence) * alone_person)
        * _curve(_BY_SOLIDITY, evidence.seen.solidity)
        * _curve(_BY_FILL, evidence.filled)
    )
    is_in_the_way = _is_in_the_way(evidence)
    score = np.where(is_in_the_way, np.maximum(score, _IN_THE_WAY), score)
    length, width = evidence.seen.sizes.T
    fits = (length < settings.max_length_m) & (width < settings.max_width_m)
    return np.where(fits & (is_in_the_way | (score >= settings.min_score)), score, 0.0)


def _as_vehicle(evidence: Evidence) -> NDArray[np.float64]:
    seen = evidence.seen
    length, width = seen.sizes.T
    is_van = (length > 1.6) & (width > 1.2) & (seen.solidity > 0.7) & (evidence.filled > 0.5)
    return (
        _curve(_VEHICLE_LENGTH_M, length)
        * np.where(is_van, 1.0, _curve(_VEHICLE_TOP_M, evidence.top_m))
        * ~evidence.is_low_fence
        * _curve(_VEHICLE_POINTS, evidence.num_points)
    )


def _as_person(evidence: Evidence) -> NDArray[np.float64]:
    length, width = evidence.seen.sizes.T
    return (
        _curve(_PERSON_LENGTH_M, length)
        * _curve(_PERSON_WIDTH_M, width)
        * _curve(_PERSON_TOP_M, evidence.top_m)
        * _curve(_PERSON_POINTS, evidence.num_points)
        * _curve(_PERSON_DISTANCE_M, evidence.distances_m)
    )


def _as_thing(evidence: Evidence) -> NDArray[np.float64]:
    return (
        _curve(_THING_DISTANCE_M, evidence.distances_m)
        * _curve(_THING_TOP_M, evidence.top_m)
        * ~evidence.is_low_fence
    )


def _is_in_the_way(evidence: Evidence) -> NDArray[np.bool_]:
    x, y = evidence.seen.centers.T
    is_ahead: NDArray[np.bool_] = (x > 0.0) & (x < _WAY_LENGTH_M) & (np.abs(y) < _WAY_HALF_WIDTH_M)
    return is_ahead & (evidence.top_m > _CHILD_M)


def _curve(
    points: tuple[tuple[float, float], ...], values: NDArray[Any]
) -> NDArray[np.float64]:
    xs, ys = zip(*points, strict=True)
    plausibility: NDArray[np.float64] = np.interp(values, xs, ys)
    return plausibility
