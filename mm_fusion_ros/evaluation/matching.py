# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Which found box belongs to which true one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D


@dataclass(frozen=True, slots=True)
class MatchResult:
    """
    The partner of each of T true boxes.

    Attributes
    ----------
    indices : (T,) int32
        Row of the found box; -1 for none.
    distances : (T,) float64
        Between the centres, seen from above, m; infinite for none.

    """

    indices: NDArray[np.int32]
    distances: NDArray[np.float64]


def match_by_distance(truth: Boxes3D, found: Boxes3D, radius_m: float) -> MatchResult:
    """
    Pair boxes one to one by the distance of their centres, seen from above.

    As many pairs as possible within the radius; among such pairings the one of the smallest sum.

    Source: Kuhn, the Hungarian method for the assignment problem, 1955.
    """
    indices = np.full(len(truth), -1, np.int32)
    distances = np.full(len(truth), np.inf)
    between = cdist(truth.centers[:, :2], found.centers[:, :2])
    # Beyond the radius all pairs cost the same, and more than any number of pairs within.
    cost = np.where(between <= radius_m, between, radius_m * (len(truth) + 1))
    rows, columns = linear_sum_assignment(cost)
    within = between[rows, columns] <= radius_m
    indices[rows[within]] = columns[within]
    distances[rows[within]] = between[rows, columns][within]
    return MatchResult(indices, distances)
