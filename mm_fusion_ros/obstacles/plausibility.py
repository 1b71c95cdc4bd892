# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Which clusters get a box: those that may be a road user, or an object that one could hit.

Walls, hedges, bushes, trunks and poles are left as labelled points: they are where they are, and
a box around a piece of them helps nobody.
"""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.obstacles.box_fit import Footprints
    from mm_fusion_ros.obstacles.settings import ObstacleSettings

# Curves from 0 (no box) to 1, linear between (value, plausibility).
_BY_SOLIDITY = ((0.25, 0.0), (0.5, 0.85), (0.9, 1.0))
_BY_FILL = ((0.12, 0.0), (0.28, 0.85), (0.6, 1.0))
_IN_STRUCTURE = 0.6  # a part of something long and tall: seldom what stands before it
# A face or the whole of a vehicle.
_VEHICLE_LENGTH_M = ((0.8, 0.0), (1.3, 1.0), (5.5, 1.0), (7.0, 0.7))
_VEHICLE_TOP_M = ((0.6, 0.0), (0.9, 1.0), (1.85, 1.0), (2.1, 0.4))  # taller: a van, or a bush
_VEHICLE_POINTS = ((5, 0.6), (20, 0.9), (100, 1.0))
# Somebody on foot or on two wheels.
_PERSON_LENGTH_M = ((0.15, 0.0), (0.4, 1.0), (1.9, 1.0), (2.4, 0.0))
_PERSON_WIDTH_M = ((0.9, 1.0), (1.3, 0.0))
_PERSON_TOP_M = ((1.1, 0.0), (1.4, 1.0), (2.0, 1.0), (2.2, 0.0))
_PERSON_POINTS = ((5, 0.8), (10, 1.0))
_PERSON_DISTANCE_M = ((20.0, 1.0), (40.0, 0.75))  # farther away it is mostly a post
# Anything else that one could hit: the nearer, the more it matters.
_THING_DISTANCE_M = ((10.0, 0.8), (30.0, 0.2))
_THING_TOP_M = ((0.4, 0.0), (0.6, 1.0), (2.1, 1.0), (2.4, 0.0))  # taller and slim: trunk, pole
_FENCE_M = (2.0, 0.3)  # longer and thinner than this, and lower than a car


def judge(
    seen: Footprints,
    top_m: NDArray[np.float64],
    num_points: NDArray[np.intp],
    filled: NDArray[np.float64],
    in_structure: NDArray[np.bool_],
    settings: ObstacleSettings,
) -> NDArray[np.float64]:
    """
    Score clusters from 0 (no box) to 1 (as road users look).

    Parameters
    ----------
    seen : Footprints
        C rectangles around what was seen.
    top_m : (C,) float64
        Height of each above the ground.
    num_points : (C,) int
        Points of each.
    filled : (C,) float64
        Share of the beams that it returned, as `sampling.fill` gives it.
    settings : ObstacleSettings
        Largest sizes and smallest score.

    Returns
    -------
    (C,) float64

    """
    length, width = seen.sizes.T
    solidity = seen.solidity
    distance = np.linalg.norm(seen.centers, axis=1)
    is_low_fence = (length > _FENCE_M[0]) & (width < _FENCE_M[1]) & (top_m < 1.1)
    is_van = (length > 1.6) & (width > 1.2) & (solidity > 0.85) & (filled > 0.45)
    vehicle = (
        _curve(_VEHICLE_LENGTH_M, length)
        * np.where(is_van, 1.0, _curve(_VEHICLE_TOP_M, top_m))
        * ~is_low_fence
        * _curve(_VEHICLE_POINTS, num_points)
    )
    person = (
        _curve(_PERSON_LENGTH_M, length)
        * _curve(_PERSON_WIDTH_M, width)
        * _curve(_PERSON_TOP_M, top_m)
        * _curve(_PERSON_POINTS, num_points)
        * _curve(_PERSON_DISTANCE_M, distance)
    )
    thing = _curve(_THING_DISTANCE_M, distance) * _curve(_THING_TOP_M, top_m) * ~is_low_fence
    score = (
        np.maximum(np.maximum(vehicle, person), thing)
        * _curve(_BY_SOLIDITY, solidity)
        * _curve(_BY_FILL, filled)
        * np.where(in_structure, _IN_STRUCTURE, 1.0)
    )
    fits = (length < settings.max_length_m) & (width < settings.max_width_m)
    return np.where(fits & (score >= settings.min_score), score, 0.0)


def _curve(
    points: tuple[tuple[float, float], ...], values: NDArray[Any]
) -> NDArray[np.float64]:
    xs, ys = zip(*points, strict=True)
    plausibility: NDArray[np.float64] = np.interp(values, xs, ys)
    return plausibility
