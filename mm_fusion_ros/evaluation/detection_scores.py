# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The nuScenes detection metrics: average precision, errors of what was hit, and one score of all.

The average precision is that of nuScenes: precision at 101 recalls, those up to 0.1 left out, and
only what exceeds a precision of 0.1 counts, scaled to 0 to 1. mAP is its mean over four matching
distances, 0.5, 1, 2 and 4 m, and over the categories. Errors are of pairs nearer than 2 m, as a
mean over recalls from 0.1 on of the mean up to each recall. Attributes do not exist here, so

    NDS = (5 mAP + sum over the four errors of (1 - min(1, error))) / 9

of translation, scale, orientation and velocity, is not comparable with the board of nuScenes,
which divides six terms by 10. Barriers have no velocity, and their front is as their rear. An
error that the truth does not allow to measure is left out, and the divisor is less by 1.

A category without truth is left out; nuScenes, where all classes have truth, would count it as 0.

Source: Caesar et al., nuScenes: a multimodal dataset for autonomous driving, 2020.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.evaluation.detection_errors import ERROR_NAMES
from mm_fusion_ros.evaluation.detection_frame import CLASSES
from mm_fusion_ros.evaluation.detection_matching import error_row, match_frames, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from mm_fusion_ros.evaluation.detection_frame import Category, FrameDetections
    from mm_fusion_ros.evaluation.detection_matching import CategoryMatches

RECALLS = np.linspace(0.0, 1.0, 101)
_MIN_PRECISION = 0.1
_FIRST = 11  # of the recalls above 0.1
_MEAN_AP_WEIGHT = 5.0


class PrecisionCurve(NamedTuple):
    """Precision (101,), and the score of the answer that reaches each of `RECALLS` (101,)."""

    precisions: NDArray[np.float64]
    scores: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ErrorFigures:
    """
    Mean errors of what was hit within 2 m; NaN where the truth does not allow to measure them.

    Attributes
    ----------
    translation_m : float
        Distance of centres in the plane.
    scale : float
        1 - IoU of boxes laid into each other.
    orientation_rad : float
        Angle between headings.
    velocity_mps : float
        Distance of velocities in the plane.

    """

    translation_m: float
    scale: float
    orientation_rad: float
    velocity_mps: float


@dataclass(frozen=True, slots=True)
class CategoryScores:
    """
    Figures of one category; NaN where there is no truth.

    Attributes
    ----------
    name : str
        Of the category.
    num_truth, num_answers : int
        True objects that count; answers.
    ap_by_distance : tuple of float
        Average precision at each matching distance, 0 to 1.
    ap : float
        Their mean.
    errors : ErrorFigures
        Of what was hit.

    """

    name: str
    num_truth: int
    num_answers: int
    ap_by_distance: tuple[float, ...]
    ap: float
    errors: ErrorFigures


@dataclass(frozen=True, slots=True)
class DetectionScores:
    """
    Figures of all categories; NaN where there is no truth at all.

    Attributes
    ----------
    num_frames : int
        Frames looked at.
    distances_m : tuple of float
        Of matching.
    categories : tuple of CategoryScores
        All that were asked for.
    mean_ap, nds : float
        Over the categories that have truth, 0 to 1.
    errors : ErrorFigures
        Means over them.

    """

    num_frames: int
    distances_m: tuple[float, ...]
    categories: tuple[CategoryScores, ...]
    mean_ap: float
    nds: float
    errors: ErrorFigures

    def as_dict(self) -> dict[str, Any]:
        """Give name and value of each figure."""
        return asdict(self)

    def __str__(self) -> str:
        """Say it as a table, a category a row."""
        missing = [name.split('_')[0] for name in ERROR_NAMES
                   if np.isnan(getattr(self.errors, name))]
        without = ', '.join(['attributes', *missing])
        rows = [
            ('', 'objects', *(f'AP {d:g} m' for d in self.distances_m), 'AP', 'error m', 'scale',
             'yaw rad', 'm/s'),
            *(_row(each.name, each.num_truth, (*each.ap_by_distance, each.ap), each.errors)
              for each in self.categories if each.num_truth),
        ]
        table = '\n'.join(
            f'{row[0]:<12}' + ''.join(f'{cell:>9}' for cell in row[1:]) for row in rows)
        mean = _row('', '', (), self.errors)[2:]
        return (f'mAP {figure(self.mean_ap)}, NDS without {without} {figure(self.nds)}, errors '
                + ' '.join(mean) + f'\n{table}')


def _row(
    name: str, count: int | str, precisions: tuple[float, ...], errors: ErrorFigures
) -> tuple[str, ...]:
    figures = (*precisions, *(getattr(errors, each) for each in ERROR_NAMES))
    return (name, str(count), *(figure(each) for each in figures))


def figure(value: float) -> str:
    """Write a figure, or that there is none."""
    return '-' if np.isnan(value) else f'{value:.3f}'


def evaluate_detections(
    frames: Sequence[FrameDetections], categories: Sequence[Category] = CLASSES
) -> DetectionScores:
    """Match and measure; see `match_frames` where the same frames are measured in many ways."""
    return score_detections(match_frames(frames, categories))


def score_detections(matches: Sequence[CategoryMatches]) -> DetectionScores:
    """Measure all categories."""
    scores = tuple(_score_category(each) for each in matches)
    by_name = (
        mean_of_known(getattr(each.errors, name) for each in scores) for name in ERROR_NAMES)
    errors = ErrorFigures(*by_name)
    mean_ap = mean_of_known(each.ap for each in scores)
    return DetectionScores(
        num_frames=matches[0].num_frames if matches else 0,
        distances_m=matches[0].distances_m if matches else (),
        categories=scores,
        mean_ap=mean_ap,
        nds=_nds(mean_ap, errors),
        errors=errors,
    )


def mean_average_precision(matches: Sequence[CategoryMatches]) -> float:
    """Give mAP, 0 to 1, NaN without truth; the rest of the figures costs as much again."""
    return mean_of_known(
        average_precision(precision_curve(each, distance_m))
        for each in matches if each.num_truth for distance_m in each.distances_m)


def detection_score(matches: Sequence[CategoryMatches]) -> float:
    """Give NDS, 0 to 1, NaN without truth."""
    return score_detections(matches).nds


def precision_curve(matches: CategoryMatches, distance_m: float) -> PrecisionCurve:
    """Give precision and score over recall, 0 beyond what is reached."""
    outcomes = matches.outcomes[matches.row_of(distance_m)]
    counts = outcomes != Outcome.OUT
    is_hit = outcomes[counts] == Outcome.HIT
    if not is_hit.any():
        return PrecisionCurve(np.zeros(len(RECALLS)), np.zeros(len(RECALLS)))
    hits = np.cumsum(is_hit)
    precisions = hits / np.arange(1, len(hits) + 1)
    recalls = hits / matches.num_truth
    scores = matches.scores[counts].astype(np.float64)
    return PrecisionCurve(
        np.interp(RECALLS, recalls, precisions, right=0.0),
        np.interp(RECALLS, recalls, scores, right=0.0))


def average_precision(curve: PrecisionCurve) -> float:
    """Give the average of nuScenes, 0 to 1."""
    above = np.maximum(curve.precisions[_FIRST:] - _MIN_PRECISION, 0.0)
    return float(above.mean()) / (1.0 - _MIN_PRECISION)


def _score_category(matches: CategoryMatches) -> CategoryScores:
    if matches.num_truth:
        precisions = tuple(
            average_precision(precision_curve(matches, distance_m))
            for distance_m in matches.distances_m)
    else:
        precisions = (float('nan'),) * len(matches.distances_m)
    return CategoryScores(
        name=matches.category.name,
        num_truth=matches.num_truth,
        num_answers=len(matches.scores),
        ap_by_distance=precisions,
        ap=float(np.mean(precisions)),
        errors=_mean_errors(matches),
    )


def _mean_errors(matches: CategoryMatches) -> ErrorFigures:
    if not matches.num_truth:
        return ErrorFigures(*[float('nan')] * 4)
    row = error_row(matches.distances_m)
    curve = precision_curve(matches, matches.distances_m[row])
    hit = matches.outcomes[row] == Outcome.HIT
    hit_scores = matches.scores[hit].astype(np.float64)
    reached = np.flatnonzero(curve.scores)
    last = int(reached[-1]) if len(reached) else 0
    figures = [
        1.0 if last < _FIRST else float(np.interp(
            curve.scores[::-1], hit_scores[::-1], _running_mean(errors)[::-1],
        )[::-1][_FIRST : last + 1].mean())
        for errors in matches.errors[hit].T]
    if not (matches.has_velocities and matches.category.is_one_way):
        figures[3] = float('nan')
    return ErrorFigures(*figures)


def _running_mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the mean of the known values up to each; 1 if none is known at all."""
    is_known = np.isfinite(values)
    if not is_known.any():
        return np.ones(len(values))
    counts = np.cumsum(is_known)
    means: NDArray[np.float64] = np.nancumsum(values) / np.maximum(counts, 1)
    return means


def _nds(mean_ap: float, errors: ErrorFigures) -> float:
    known = [error for error in asdict(errors).values() if not np.isnan(error)]
    goodness = sum(1.0 - min(1.0, error) for error in known)
    return float((_MEAN_AP_WEIGHT * mean_ap + goodness) / (_MEAN_AP_WEIGHT + len(known)))


def mean_of_known(values: Iterable[float]) -> float:
    """Give the mean of those that are numbers; NaN of none."""
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float('nan')
