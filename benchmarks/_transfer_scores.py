# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What was found in recorded frames: recall within a budget of wrong answers, average precision.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import Boxes3D, ObjectClass
from mm_fusion_ros.evaluation.detection_frame import Category
from mm_fusion_ros.evaluation.detection_matching import CategoryMatches, match_frames
from mm_fusion_ros.evaluation.detection_scores import average_precision, precision_curve
from mm_fusion_ros.evaluation.recall_at_budget import recall_at_budget, RecallAtBudget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _real_frames import RealFrame

BUDGETS = (2.0, 1.0)  # unmatched answers a frame
DISTANCES_M = (1.0, 2.0)
_VEHICLES = (ObjectClass.CAR, ObjectClass.TRUCK, ObjectClass.BUS)
CAR = Category('car', (ObjectClass.CAR,))
CAR_BY_ANY = Category('car', (ObjectClass.CAR,), (ObjectClass.OBSTACLE,))
CAR_BY_VEHICLE = Category('car', (ObjectClass.CAR,), _VEHICLES)
CYCLIST = Category('cyclist', (ObjectClass.CYCLIST,))
PEDESTRIAN = Category('pedestrian', (ObjectClass.PEDESTRIAN,))


@dataclass(frozen=True, slots=True)
class Row:
    """
    What one system found of one class.

    Attributes
    ----------
    system, category : str
        Which.
    within : tuple of RecallAtBudget
        Recall at 1 m for each of `BUDGETS`.
    ap : tuple of float
        At each of `DISTANCES_M`.

    """

    system: str
    category: str
    within: tuple[RecallAtBudget, ...]
    ap: tuple[float, ...]

    @property
    def recall(self) -> float:
        """Give the recall within the larger budget."""
        return self.within[0].recall

    def as_dict(self) -> dict[str, Any]:
        """Give name and value of each figure."""
        return asdict(self)

    def __str__(self) -> str:
        """Say it as a line of a table."""
        cells = ''.join(
            f'{each.recall:>9.3f}{each.track_recall:>9.3f}{each.unmatched_per_frame:>9.2f}'
            f'{each.threshold:>9.3f}' for each in self.within)
        return (f'{self.system:<34}{self.category:<12}{self.within[0].num_truth:>6}'
                f'{self.within[0].num_tracks:>6}{cells}'
                + ''.join(f'{ap:>9.3f}' for ap in self.ap))


def header() -> str:
    """Give the names of the columns of a row."""
    cells = ''.join(
        f'{f"<= {budget:g}":>9}{"objects":>9}{"wrong":>9}{"score":>9}' for budget in BUDGETS)
    return (f'{"":<34}{"":<12}{"boxes":>6}{"objs":>6}{cells}'
            + ''.join(f'{f"AP {distance:g} m":>9}' for distance in DISTANCES_M))


def matches_of(
    frames: Sequence[RealFrame], answers: Sequence[Boxes3D], category: Category
) -> CategoryMatches:
    """Match the answers to all frames."""
    (matches,) = match_frames(
        [frame.with_answers(each) for frame, each in zip(frames, answers, strict=True)],
        [category], DISTANCES_M)
    return matches


def score(
    system: str, frames: Sequence[RealFrame], answers: Sequence[Boxes3D], category: Category
) -> Row:
    """Measure the answers of a system to all frames."""
    matches = matches_of(frames, answers, category)
    ap = tuple(
        average_precision(precision_curve(matches, distance_m)) if matches.num_truth else np.nan
        for distance_m in DISTANCES_M)
    return Row(
        system, category.name,
        tuple(recall_at_budget(matches, DISTANCES_M[0], budget) for budget in BUDGETS), ap)
