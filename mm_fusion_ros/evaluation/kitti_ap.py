# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
KITTI's average precision at 40 recalls, by overlap, or by the same rules by distance.

Scores at which recall rises by a fortieth are found first, each label taking the surest answer
that fits. At each of these scores labels take the best fitting of the answers as sure as that,
and precision is counted; the precision at a recall is the largest from there on. What is not
counted (`KittiFrame`) takes answers, which then are neither right nor wrong.

Sources: Geiger et al., Are we ready for autonomous driving? The KITTI vision benchmark suite,
2012, and its development kit; Simonelli et al., Disentangling monocular 3D object detection,
2019, for the 40 recalls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.evaluation.box_affinity import bev_ious, box_ious, nearness
from mm_fusion_ros.evaluation.detection_frame import CLASSES
from mm_fusion_ros.evaluation.kitti_frame import DIFFICULTIES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D
    from mm_fusion_ros.evaluation.detection_frame import Category
    from mm_fusion_ros.evaluation.kitti_frame import Difficulty, KittiFrame

_RECALLS = 40
_IOUS = {ObjectClass.CAR: 0.7, ObjectClass.PEDESTRIAN: 0.5, ObjectClass.CYCLIST: 0.5}
KITTI_CLASSES = tuple(each for each in CLASSES if each.truth_classes[0] in _IOUS)


class Criterion(NamedTuple):
    """When an answer fits a label: if `measure` gives (M, N) numbers above the limit."""

    name: str
    measure: Callable[[Boxes3D, Boxes3D], NDArray[np.float64]]
    limit: float


@dataclass(frozen=True, slots=True)
class KittiScore:
    """
    One average precision.

    Attributes
    ----------
    category, criterion, difficulty : str
        Of what.
    num_truth : int
        Labels that count.
    ap : float
        Average precision at 40 recalls, 0 to 1; NaN without a label that counts.

    """

    category: str
    criterion: str
    difficulty: str
    num_truth: int
    ap: float


def kitti_criteria(category: Category) -> tuple[Criterion, ...]:
    """Give the criteria for a class of KITTI's: overlap from above, in space, within 1 m, 2 m."""
    iou = _IOUS[category.truth_classes[0]]
    return (
        Criterion('bev', bev_ious, iou), Criterion('3d', box_ious, iou),
        at_distance(1.0), at_distance(2.0))


def at_distance(distance_m: float) -> Criterion:
    """Let an answer fit if its centre is nearer than this, seen from above."""
    return Criterion(f'{distance_m:g} m', nearness, -distance_m)


def kitti_scores(
    frames: Sequence[KittiFrame], categories: Sequence[Category] = KITTI_CLASSES
) -> tuple[KittiScore, ...]:
    """Measure classes of KITTI's by all its criteria and difficulties."""
    return tuple(
        kitti_ap(frames, category, criterion, difficulty)
        for category in categories
        for criterion in kitti_criteria(category)
        for difficulty in DIFFICULTIES)


def kitti_ap(
    frames: Sequence[KittiFrame], category: Category, criterion: Criterion, difficulty: Difficulty
) -> KittiScore:
    """
    Measure one average precision.

    Parameters
    ----------
    frames : sequence of KittiFrame
        In any order.
    category : Category
        What is looked for.
    criterion : Criterion
        When it is found.
    difficulty : Difficulty
        Which labels count.

    """
    fits = [_fit(frame, category, criterion, difficulty) for frame in frames]
    num_truth = sum(int(fit.is_counted.sum()) for fit in fits)
    ap = float('nan')
    if num_truth:
        hit_scores = np.concatenate([_surest_scores(fit) for fit in fits])
        thresholds = _thresholds(hit_scores, num_truth)
        counts = sum((_count(fit, thresholds) for fit in fits), np.zeros((2, len(thresholds))))
        precisions = np.zeros(_RECALLS + 1)
        precisions[: len(thresholds)] = counts[0] / np.maximum(counts.sum(axis=0), 1)
        best = np.maximum.accumulate(precisions[::-1])[::-1]
        ap = float(best[1:].mean())
    return KittiScore(category.name, criterion.name, difficulty.name, num_truth, ap)


class _Fit(NamedTuple):
    """Of one frame, the M answers and N labels that have a part in it."""

    scores: NDArray[np.float32]
    is_low: NDArray[np.bool_]  # (M,) neither right nor wrong
    is_excused: NDArray[np.bool_]  # (M,) not wrong
    is_counted: NDArray[np.bool_]  # (N,)
    values: NDArray[np.float64]  # (M, N) -inf where the answer does not fit


def _fit(
    frame: KittiFrame, category: Category, criterion: Criterion, difficulty: Difficulty
) -> _Fit:
    low, label = frame.are_low(difficulty), category.of_truth(frame.truth)
    part = category.of_answers(frame.answers) | low  # low ones of any class, as in KITTI's kit
    answers = frame.answers[part]
    values = criterion.measure(answers, frame.truth[label])
    excused = np.zeros(len(part), np.bool_) if frame.excused is None else frame.excused
    return _Fit(
        answers.scores, low[part], excused[part], frame.are_counted(difficulty)[label],
        np.where(values > criterion.limit, values, -np.inf))


def _surest_scores(fit: _Fit) -> NDArray[np.float32]:
    """Let each label take the surest answer that fits: the scores of those that are right."""
    is_free = np.ones(len(fit.scores), np.bool_)
    scores = []
    for label in range(len(fit.is_counted)):
        fitting = np.flatnonzero(is_free & np.isfinite(fit.values[:, label]))
        if len(fitting):
            taken = fitting[fit.scores[fitting].argmax()]
            is_free[taken] = False
            if fit.is_counted[label] and not fit.is_low[taken]:
                scores.append(fit.scores[taken])
    return np.array(scores, np.float32)


def _thresholds(hit_scores: NDArray[np.float32], num_truth: int) -> NDArray[np.float32]:
    """Choose, of the scores of right answers, those nearest to each fortieth of recall."""
    falling = np.sort(hit_scores)[::-1]
    chosen: list[np.float32] = []
    wanted = 0.0
    for row, score in enumerate(falling):
        recall, is_last = (row + 1) / num_truth, row + 1 == len(falling)
        if is_last or (row + 2) / num_truth - wanted >= wanted - recall:
            chosen.append(score)
            wanted += 1.0 / _RECALLS  # summed up as in KITTI's kit: rounding decides ties
    return np.array(chosen, np.float32)


def _count(fit: _Fit, thresholds: NDArray[np.float32]) -> NDArray[np.int64]:
    """Count right and wrong answers (2, R) among those as sure as each threshold."""
    is_free = fit.scores >= thresholds[:, None]  # (R, M)
    rows = np.arange(len(thresholds))
    hits = np.zeros(len(thresholds), np.int64)
    if not len(fit.scores):
        return np.stack([hits, hits])
    for label, is_counted in enumerate(fit.is_counted):
        values = fit.values[:, label]
        proper = np.where(is_free & ~fit.is_low, values, -np.inf)
        any_low = is_free & fit.is_low & np.isfinite(values)
        has_proper = np.isfinite(proper).any(axis=1)
        taken = np.where(has_proper, proper.argmax(axis=1), any_low.argmax(axis=1))
        takes = has_proper | any_low.any(axis=1)
        is_free[rows[takes], taken[takes]] = False
        hits += is_counted & has_proper
    wrong = is_free & ~fit.is_low & ~fit.is_excused
    return np.stack([hits, wrong.sum(axis=1)])
