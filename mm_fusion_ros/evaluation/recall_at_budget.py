# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""How much is found if only so many answers a frame may be wrong, by frame and by object."""

from __future__ import annotations

from dataclasses import dataclass
import math
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.evaluation.detection_matching import Outcome

if TYPE_CHECKING:
    from mm_fusion_ros.evaluation.detection_matching import CategoryMatches


@dataclass(frozen=True, slots=True)
class RecallAtBudget:
    """
    What is found by the answers that are sure enough to keep within a budget of wrong ones.

    Attributes
    ----------
    num_truth, num_tracks : int
        True boxes that count, and the objects they are of, as far as they have identities.
    threshold : float
        Score of the least sure answer kept; infinite if none is.
    unmatched_per_frame : float
        Kept answers that hit nothing, a frame, at most the budget.
    recall : float
        Share of true boxes hit; NaN without any.
    track_recall : float
        Mean over objects of the share of their boxes hit, each object counting the same however
        long it was seen; NaN without identities.

    """

    num_truth: int
    num_tracks: int
    threshold: float
    unmatched_per_frame: float
    recall: float
    track_recall: float

    def __str__(self) -> str:
        """Say it in a line."""
        return (
            f'{self.recall:.1%} of {self.num_truth} boxes, {self.track_recall:.1%} of '
            f'{self.num_tracks} objects, at {self.unmatched_per_frame:.2f} unmatched a frame '
            f'(score {self.threshold:.3f})')


def recall_at_budget(
    matches: CategoryMatches, distance_m: float, unmatched_per_frame: float
) -> RecallAtBudget:
    """
    Keep as many answers, the surest first, as the budget allows; equally sure ones all or none.

    Parameters
    ----------
    matches : CategoryMatches
        Of all frames.
    distance_m : float
        Matching distance, one of those matched by.
    unmatched_per_frame : float
        The budget: mean number of answers a frame that hit nothing.

    """
    row = matches.row_of(distance_m)
    is_last = np.append(matches.scores[1:] != matches.scores[:-1], [True] * bool(len(
        matches.scores)))  # of equally sure ones
    ends = np.flatnonzero(is_last)
    unmatched = np.cumsum(matches.outcomes[row] == Outcome.FALSE)[ends]
    kept = int(np.count_nonzero(unmatched <= unmatched_per_frame * matches.num_frames))
    threshold = float(matches.scores[ends[kept - 1]]) if kept else math.inf
    found = matches.found_scores[row] >= threshold
    known = matches.truth_tracks >= 0
    _, track, lengths = np.unique(
        matches.truth_tracks[known], return_inverse=True, return_counts=True)
    shares = np.bincount(track, found[known], len(lengths)) / lengths
    return RecallAtBudget(
        num_truth=matches.num_truth,
        num_tracks=len(lengths),
        threshold=threshold,
        unmatched_per_frame=float(unmatched[kept - 1]) / matches.num_frames if kept else 0.0,
        recall=float(found.mean()) if len(found) else math.nan,
        track_recall=float(shares.mean()) if len(shares) else math.nan,
    )
