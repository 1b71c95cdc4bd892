# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Compares answers with labels: how many labelled vehicles were found, and how near."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.datasets.names import TRUE_DETECTIONS
from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.evaluation.answered_frames import boxes_by_stamp
from mm_fusion_ros.evaluation.matching import match_by_distance
from mm_fusion_ros.geometry.boxes import count_points
from mm_fusion_ros.messages.convert_in import to_lidar_sweep
from mm_fusion_ros.messages.convert_in.fields import read_header

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D

DETECTIONS = '/mm_fusion/detections'
POINTS = '/mm_fusion/points_fused'

_VEHICLES = (ObjectClass.CAR, ObjectClass.TRUCK, ObjectClass.BUS)
_MAX_RANGE_M = 50.0
_MIN_POINTS = 10
_MATCH_RADIUS_M = 2.0


@dataclass(frozen=True, slots=True)
class AnswerFigures:
    """
    How well the answers of a run fit the labels.

    Attributes
    ----------
    answers : int
        Messages of detections.
    labelled : int
        Answers that have labels of the same stamp.
    vehicles : int
        Labelled vehicles within 50 m that hold 10 points or more.
    within_1m, within_2m : float
        Share of them that have a box whose centre is so near, seen from above; each box counts
        for one vehicle.
    median_error_m : float
        Median distance of those found; NaN if none was.
    boxes_per_answer : float
        Mean number of boxes.

    """

    answers: int
    labelled: int
    vehicles: int
    within_1m: float
    within_2m: float
    median_error_m: float
    boxes_per_answer: float

    def __str__(self) -> str:
        """Say it in three lines."""
        return (
            f'answers {self.answers}, labelled {self.labelled}, '
            f'boxes an answer {self.boxes_per_answer:.1f}\n'
            f'vehicles within {_MAX_RANGE_M:.0f} m with {_MIN_POINTS} points or more: '
            f'{self.vehicles}\n'
            f'  found within 1 m {self.within_1m:.1%}, within 2 m {self.within_2m:.1%}, '
            f'median error {self.median_error_m:.2f} m'
        )

    def as_dict(self) -> dict[str, Any]:
        """Give name and value of each figure."""
        return asdict(self)


def evaluate_answers(
    output: Path, labels: Path, between_ns: tuple[int, int] | None = None
) -> AnswerFigures:
    """
    Compare a bag of answers with the labels of the bag they were made from.

    Parameters
    ----------
    output : Path
        Bag with `/mm_fusion/detections` and `/mm_fusion/points_fused`.
    labels : Path
        Bag with `/ground_truth/detections`, of the same stamps and frame.
    between_ns : (int, int), optional
        Only answers of stamps from the first on and before the second, ns.

    Raises
    ------
    BagError
        If a topic is missing, or no stamp has both.

    """
    found = boxes_by_stamp(output, DETECTIONS)
    if between_ns is not None:
        found = {stamp_ns: boxes for stamp_ns, boxes in found.items()
                 if between_ns[0] <= stamp_ns < between_ns[1]}
    truth = boxes_by_stamp(labels, TRUE_DETECTIONS)
    stamps = sorted(found.keys() & truth.keys())
    if not stamps:
        raise BagError(f'bags {output} and {labels}', 'detections and labels of equal stamps',
                       f'{len(found)} and {len(truth)} without a common one')
    distances = [
        match_by_distance(vehicles, found[stamp_ns], _MATCH_RADIUS_M).distances
        for stamp_ns, vehicles in _visible_vehicles(output, truth, stamps)
    ]
    errors = np.concatenate([np.empty(0), *distances])
    matched = errors[np.isfinite(errors)]
    return AnswerFigures(
        answers=len(found),
        labelled=len(stamps),
        vehicles=len(errors),
        within_1m=_share(matched <= 1.0, len(errors)),
        within_2m=_share(matched <= _MATCH_RADIUS_M, len(errors)),
        median_error_m=float(np.median(matched)) if len(matched) else float('nan'),
        boxes_per_answer=float(np.mean([len(boxes) for boxes in found.values()])),
    )


def _share(hits: NDArray[np.bool_], total: int) -> float:
    return float(hits.sum()) / total if total else float('nan')


def _visible_vehicles(
    output: Path, truth: dict[int, Boxes3D], stamps: list[int]
) -> list[tuple[int, Boxes3D]]:
    """Keep of the labels the vehicles that are near and hold enough of the points looked at."""
    visible = []
    with BagReader(output) as bag:
        for recorded in bag.messages([POINTS]):
            message = recorded.message
            stamp_ns, _ = read_header(message)
            if stamp_ns in stamps:
                boxes = truth[stamp_ns]
                near = np.hypot(*boxes.centers[:, :2].T) <= _MAX_RANGE_M
                dense = count_points(to_lidar_sweep(message).points, boxes) >= _MIN_POINTS
                visible.append((stamp_ns, boxes[near & dense & np.isin(boxes.classes, _VEHICLES)]))
    return visible
