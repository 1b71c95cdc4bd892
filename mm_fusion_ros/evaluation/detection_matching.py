# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Which answer hits which true object, as nuScenes does it: greedily, the surest answer first.

An answer takes the nearest true object of its frame and category that no surer answer took, if
its centre is nearer than the distance asked for, seen from above. All that figures are made of
is kept in columns, so that scenes can be drawn again without matching again.

Source: Caesar et al., nuScenes: a multimodal dataset for autonomous driving, 2020.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import NamedTuple, TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import cdist

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.evaluation.detection_errors import pair_errors
from mm_fusion_ros.evaluation.detection_frame import CLASSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D
    from mm_fusion_ros.evaluation.detection_frame import Category, FrameDetections

DISTANCES_M = (0.5, 1.0, 2.0, 4.0)
ERROR_DISTANCE_M = 2.0


class Outcome(IntEnum):
    """What an answer turned out to be."""

    FALSE = 0
    HIT = 1
    OUT = -1  # neither: it was on something ignored, or was excused


@dataclass(frozen=True, slots=True, eq=False)
class CategoryMatches:
    """
    All answers of a category, the surest first, and all its counted truth.

    Of equally sure answers the last of the last frame comes first, as in nuScenes' tools.

    Attributes
    ----------
    category : Category
        Which.
    scenes : tuple of str
        S names, sorted.
    frames_per_scene : (S,) int64
        How many frames, those without a box included.
    distances_m : tuple of float
        D distances of matching, rising, m.
    scores : (K,) float32
        Of answers, falling.
    answer_scenes : (K,) int32
        Rows of scenes.
    outcomes : (D, K) int8
        Values of `Outcome`.
    errors : (K, 4) float64
        Of those that hit within 2 m: translation in the plane, m; 1 - IoU of aligned boxes;
        orientation, rad; velocity in the plane, m/s. NaN of others, and where unknown.
    truth_scenes : (T,) int32
        Rows of scenes, of counted true objects.
    truth_tracks : (T,) int64
        The same number for the same object of a scene; -1 without identity.
    found_scores : (D, T) float32
        Score of the answer that hit it; -inf for none.
    has_velocities : bool
        Whether the velocity of any counted object is known.

    """

    category: Category
    scenes: tuple[str, ...]
    frames_per_scene: NDArray[np.int64]
    distances_m: tuple[float, ...]
    scores: NDArray[np.float32]
    answer_scenes: NDArray[np.int32]
    outcomes: NDArray[np.int8]
    errors: NDArray[np.float64]
    truth_scenes: NDArray[np.int32]
    truth_tracks: NDArray[np.int64]
    found_scores: NDArray[np.float32]
    has_velocities: bool

    @property
    def num_truth(self) -> int:
        """How many true objects count."""
        return len(self.truth_scenes)

    @property
    def num_frames(self) -> int:
        """How many frames were looked at."""
        return int(self.frames_per_scene.sum())

    def row_of(self, distance_m: float) -> int:
        """
        Find the row of a distance.

        Raises
        ------
        InvalidMessageError
            If nothing was matched by it.

        """
        if distance_m not in self.distances_m:
            raise InvalidMessageError(
                'matching distance', f'one of {self.distances_m} m', distance_m)
        return self.distances_m.index(distance_m)

    def resampled(self, counts: NDArray[np.int64]) -> CategoryMatches:
        """Take each scene (S,) so many times, as if frames had come so often."""
        answers = np.repeat(np.arange(len(self.scores)), counts[self.answer_scenes])
        times = counts[self.truth_scenes]
        truth = np.repeat(np.arange(self.num_truth), times)
        # Copies of an object are objects of their own.
        copies = np.arange(len(truth)) - np.repeat(np.cumsum(times) - times, times)
        tracks = self.truth_tracks[truth]
        step = int(self.truth_tracks.max(initial=-1)) + 1
        return replace(
            self,
            frames_per_scene=self.frames_per_scene * counts,
            scores=self.scores[answers],
            answer_scenes=self.answer_scenes[answers],
            outcomes=self.outcomes[:, answers],
            errors=self.errors[answers],
            truth_scenes=self.truth_scenes[truth],
            truth_tracks=np.where(tracks < 0, tracks, tracks + copies * step),
            found_scores=self.found_scores[:, truth],
        )


def match_frames(
    frames: Sequence[FrameDetections],
    categories: Sequence[Category] = CLASSES,
    distances_m: tuple[float, ...] = DISTANCES_M,
) -> tuple[CategoryMatches, ...]:
    """
    Match the answers of all frames to their truth.

    Parameters
    ----------
    frames : sequence of FrameDetections
        In any order.
    categories : sequence of Category
        What is matched apart from each other.
    distances_m : tuple of float
        Rising; errors are of pairs nearer than 2 m, or the largest of these if that is less.

    Returns
    -------
    tuple of CategoryMatches
        In the order of categories.

    """
    names, rows = np.unique([frame.scene for frame in frames], return_inverse=True)
    scenes = tuple(str(name) for name in names)
    return tuple(
        _match_category(category, frames, _Scenes(scenes, rows.astype(np.int32)), distances_m)
        for category in categories)


def error_row(distances_m: Sequence[float] | NDArray[np.float64]) -> int:
    """Find the row of the distance that errors are measured at."""
    return max(int(np.searchsorted(distances_m, ERROR_DISTANCE_M, 'right')) - 1, 0)


class _Scenes(NamedTuple):
    """S names, and the row of each frame's (F,)."""

    names: tuple[str, ...]
    of_frames: NDArray[np.int32]


class _FrameMatch(NamedTuple):
    """Of one frame and category: M answers and N counted true boxes, in their own order."""

    answers: Boxes3D
    truth: Boxes3D
    partners: NDArray[np.int64]  # (D, M) rows of truth, -1 for none
    is_out: NDArray[np.bool_]  # (D, M)
    errors: NDArray[np.float64]  # (M, 4)


def _match_category(
    category: Category, frames: Sequence[FrameDetections], scenes: _Scenes,
    distances_m: tuple[float, ...],
) -> CategoryMatches:
    limits = np.array(distances_m)
    matches = [_match_frame(category, frame, limits) for frame in frames]
    scores = np.concatenate([np.empty(0, np.float32), *(each.answers.scores for each in matches)])
    order = np.argsort(scores, kind='stable')[::-1]
    outcomes = np.concatenate([
        np.empty((len(limits), 0), np.int8), *(_outcomes(each) for each in matches)], axis=1)
    truth_scenes = np.repeat(scenes.of_frames, [len(each.truth) for each in matches])
    return CategoryMatches(
        category=category,
        scenes=scenes.names,
        frames_per_scene=np.bincount(scenes.of_frames, minlength=len(scenes.names)),
        distances_m=distances_m,
        scores=scores[order],
        answer_scenes=np.repeat(scenes.of_frames, [len(each.answers) for each in matches])[order],
        outcomes=outcomes[:, order],
        errors=np.concatenate([np.empty((0, 4)), *(each.errors for each in matches)])[order],
        truth_scenes=truth_scenes,
        truth_tracks=_tracks([each.truth for each in matches], truth_scenes),
        found_scores=np.concatenate([
            np.empty((len(limits), 0), np.float32),
            *(_found_scores(each) for each in matches)], axis=1),
        has_velocities=any(
            each.truth.velocities is not None and np.isfinite(each.truth.velocities[:, :2]).any()
            for each in matches),
    )


def _match_frame(
    category: Category, frame: FrameDetections, limits: NDArray[np.float64]
) -> _FrameMatch:
    belongs = category.of_answers(frame.answers)
    answers, is_excused = frame.answers[belongs], frame.is_excused[belongs]
    counts = category.of_truth(frame.truth) & ~frame.is_ignored
    truth = frame.truth[counts]
    ignored = frame.truth[frame.is_ignored & (
        category.of_truth(frame.truth) | (frame.truth.classes == ObjectClass.OBSTACLE))]
    order = np.argsort(answers.scores, kind='stable')[::-1]
    partners = _take_nearest(answers[order], truth, limits)
    on_ignored = _take_nearest(answers[order], ignored, limits, partners < 0) >= 0
    back = np.argsort(order)
    partners, on_ignored = partners[:, back], on_ignored[:, back]
    errors = np.full((len(answers), 4), np.nan)
    nearest = partners[error_row(limits)]
    hit = np.flatnonzero(nearest >= 0)
    errors[hit] = pair_errors(truth[nearest[hit]], answers[hit], category.yaw_period_rad)
    return _FrameMatch(answers, truth, partners, on_ignored | is_excused, errors)


def _take_nearest(
    answers: Boxes3D, truth: Boxes3D, limits: NDArray[np.float64],
    may_take: NDArray[np.bool_] | None = None,
) -> NDArray[np.int64]:
    """Let answers, the surest first, take the nearest free box: rows of truth (D, M), -1: none."""
    between = cdist(answers.centers[:, :2], truth.centers[:, :2])
    D = np.arange(len(limits))
    partners = np.full((len(D), len(answers)), -1, np.int64)
    is_free = np.ones((len(D), len(truth)), np.bool_)
    for answer in np.flatnonzero((between < limits.max()).any(axis=1)):
        gaps = np.where(is_free, between[answer], np.inf)  # (D, N)
        nearest = gaps.argmin(axis=1)
        takes = gaps[D, nearest] < limits
        if may_take is not None:
            takes &= may_take[:, answer]
        partners[takes, answer] = nearest[takes]
        is_free[D[takes], nearest[takes]] = False
    return partners


def _outcomes(match: _FrameMatch) -> NDArray[np.int8]:
    missed = np.where(match.is_out, Outcome.OUT, Outcome.FALSE)
    return np.where(match.partners >= 0, Outcome.HIT, missed).astype(np.int8)


def _found_scores(match: _FrameMatch) -> NDArray[np.float32]:
    found = np.full((len(match.partners), len(match.truth)), -np.inf, np.float32)
    rows, answers = np.nonzero(match.partners >= 0)
    found[rows, match.partners[rows, answers]] = match.answers.scores[answers]
    return found


def _tracks(truth: Sequence[Boxes3D], scenes: NDArray[np.int32]) -> NDArray[np.int64]:
    """Give each object of a scene a number of its own (T,), -1 without identity."""
    ids = [np.full(len(each), -1, np.int64) if each.ids is None else each.ids for each in truth]
    of_scene = np.stack([scenes, np.concatenate([np.empty(0, np.int64), *ids])], axis=1)
    _, numbers = np.unique(of_scene, axis=0, return_inverse=True)
    return np.where(of_scene[:, 1] < 0, -1, numbers.reshape(-1))
