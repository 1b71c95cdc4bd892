# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Which clusters get a box: those that may be a road user, or an object that one could hit.

Walls, hedges, bushes, trunks and poles are left as labelled points: they are where they are, and
a box around a piece of them helps nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from mm_fusion_ros.obstacles.box_fit import Footprints
    from mm_fusion_ros.obstacles.settings import ObstacleSettings

# Curves from 0 (no box) to 1, linear between (value, plausibility).
_BY_TOP_M = ((0.4, 0.0), (0.9, 1.0), (2.1, 1.0), (2.5, 0.2), (2.6, 0.2))  # of what is slim
_BY_SOLIDITY = ((0.5, 0.0), (0.85, 1.0))
_BY_LENGTH_M = ((0.1, 0.3), (0.4, 1.0), (5.5, 1.0), (7.0, 0.5))
_BY_POINTS = ((5, 0.4), (30, 1.0))
_THIN_M = 0.3  # long and thinner than this: a piece of a fence, rail or wall, or a car's side
_SLIM_M = 1.5  # tall and slimmer than this: a trunk, a pole, a bush


def judge(
    seen: Footprints,
    top_m: NDArray[np.float64],
    num_points: NDArray[np.intp],
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
    settings : ObstacleSettings
        Largest sizes and smallest score.

    Returns
    -------
    (C,) float64

    """
    length, width = seen.sizes.T
    is_slim = width < _SLIM_M
    by_top = _curve(_BY_TOP_M, np.where(is_slim, top_m, np.minimum(top_m, 2.1)))
    is_fence = (length > 2.0) & (width < _THIN_M) & ((top_m < 1.0) | (length > 5.5))
    score = (
        by_top
        * _curve(_BY_SOLIDITY, seen.solidity)
        * _curve(_BY_LENGTH_M, length)
        * _curve(_BY_POINTS, num_points)
        * np.where(is_fence, 0.4, 1.0)
    )
    fits = (length < settings.max_length_m) & (width < settings.max_width_m)
    return np.where(fits & (score >= settings.min_score), score, 0.0)


def _curve(points: tuple[tuple[float, float], ...], values: ArrayLike) -> NDArray[np.float64]:
    xs, ys = zip(*points, strict=True)
    return np.interp(values, xs, ys)
