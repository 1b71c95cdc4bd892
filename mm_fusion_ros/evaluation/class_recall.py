# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""How many objects of each class were found as what they are, with the answers as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.evaluation.detection_frame import CLASSES
from mm_fusion_ros.evaluation.matching import match_by_distance

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mm_fusion_ros.evaluation.detection_frame import Category, FrameDetections

_RADIUS_M = 2.0


@dataclass(frozen=True, slots=True)
class ClassRecall:
    """
    What was found of one class.

    Attributes
    ----------
    name : str
        The class.
    objects : int
        True boxes that count.
    found : float
        Share of them that have a box of their class with its centre within 2 m, seen from above;
        each box counts once. NaN without objects.
    wrong : float
        Boxes of the class, a frame, that are of none.

    """

    name: str
    objects: int
    found: float
    wrong: float


def class_recalls(frames: Sequence[FrameDetections]) -> tuple[ClassRecall, ...]:
    """Measure each class that there is, in the truth or in the answers."""
    measured = (_of_class(category, frames) for category in CLASSES)
    return tuple(each for each in measured if each.objects or each.wrong)


def recall_table(parts: Mapping[str, Sequence[ClassRecall]]) -> str:
    """Draw a row for each class, and for each part of a run how much was found of how many."""
    names = dict.fromkeys(each.name for recalls in parts.values() for each in recalls)
    rows = ['found within 2 m with the right class, of so many; and wrong ones, a frame',
            f'  {"":<11}' + ''.join(f'{part:>22}' for part in parts)]
    for name in names:
        cells = (next((each for each in recalls if each.name == name), None)
                 for recalls in parts.values())
        rows.append(f'  {name:<11}' + ''.join(f'{_cell(each):>22}' for each in cells))
    return '\n'.join(rows)


def _cell(recall: ClassRecall | None) -> str:
    if recall is None:
        return '-'
    found = f'{recall.found:.1%}' if recall.objects else '-'
    return f'{found} {recall.objects:5d} {recall.wrong:5.1f}'


def _of_class(category: Category, frames: Iterable[FrameDetections]) -> ClassRecall:
    objects = found = wrong = count = 0
    for frame in frames:
        truth = frame.truth[category.of_truth(frame.truth)]
        counts = ~frame.is_ignored[category.of_truth(frame.truth)]
        own = category.of_answers(frame.answers)
        matches = match_by_distance(truth, frame.answers[own], _RADIUS_M).indices
        objects += int(np.count_nonzero(counts))
        found += int(np.count_nonzero(matches[counts] >= 0))
        is_wrong = ~frame.is_excused[own]
        is_wrong[matches[matches >= 0]] = False
        wrong += int(np.count_nonzero(is_wrong))
        count += 1
    share = found / objects if objects else float('nan')
    return ClassRecall(category.name, objects, share, wrong / max(count, 1))
