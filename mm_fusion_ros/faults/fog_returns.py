# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What fog leaves of the returns of a LiDAR.
"""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.faults.kinds import CONTRAST_SEEN

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CLEAR_RANGE_M = 120.0  # how far a LiDAR sees what it just sees
_FOG_RETURNS = 0.1  # share of the lost returns in whose stead the fog itself returns


def fog_returns(
    ranges_m: NDArray[np.floating[Any]], sight_m: float, rng: np.random.Generator
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """
    Lose returns that are too weak: by the square of the distance, and by the fog, twice.

    Parameters
    ----------
    ranges_m : (N,)
        Distances of the returns; NaN where there is none.
    sight_m : float
        How far one sees.
    rng : numpy.random.Generator
        Chance.

    Returns
    -------
    is_lost : (N,) bool
        Returns that do not come back from where they were.
    nearer_m : (N,) float64
        Where the fog returns instead of some of these; NaN for the others.

    """
    count = len(ranges_m)
    strengths = (_CLEAR_RANGE_M / ranges_m)**2 * CONTRAST_SEEN**(2.0 * ranges_m / sight_m)
    is_lost = strengths < rng.uniform(0.0, 2.0, count)
    is_fog = is_lost & (rng.random(count) < _FOG_RETURNS)
    near = rng.exponential(sight_m / 20.0, count) + 0.5
    return is_lost, np.where(is_fog, np.minimum(near, ranges_m), np.nan)
