# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Scores under conditions (which sensors, which fault) and of slices (near, far, hidden)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.evaluation.bootstrap import interval_of
from mm_fusion_ros.evaluation.detection_frame import CLASSES
from mm_fusion_ros.evaluation.detection_matching import match_frames
from mm_fusion_ros.evaluation.detection_scores import (
    figure,
    mean_average_precision,
    score_detections,
)
from mm_fusion_ros.evaluation.detection_slices import ALL, slices_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mm_fusion_ros.evaluation.bootstrap import Interval
    from mm_fusion_ros.evaluation.detection_frame import Category, FrameDetections
    from mm_fusion_ros.evaluation.detection_scores import DetectionScores


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """
    The scores of one slice under one condition.

    Attributes
    ----------
    condition : str
        Such as 'full', 'no camera', '64 to 16 beams'.
    slice : str
        Such as 'all', '0-20 m'.
    scores : DetectionScores
        Of all categories.
    mean_ap : Interval, optional
        mAP and how sure it is, where it was asked for.

    """

    condition: str
    slice: str
    scores: DetectionScores
    mean_ap: Interval | None = None


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """
    Scores, printed and written.

    Attributes
    ----------
    rows : tuple of ScoreRow
        In the order of printing.

    """

    rows: tuple[ScoreRow, ...]

    def as_dict(self) -> dict[str, Any]:
        """Give name and value of each figure."""
        return asdict(self)

    def __str__(self) -> str:
        """Say it as a table: mAP with its interval, NDS, and AP of each category."""
        names = list(dict.fromkeys(
            each.name for row in self.rows for each in row.scores.categories))
        width = max([9, *(len(row.condition) for row in self.rows)]) + 2
        lines = [f'{"condition":<{width}}{"slice":<16}{"objects":>8}{"mAP":>24}{"NDS":>7}'
                 + ''.join(f'{name:>12}' for name in names)]
        for row in self.rows:
            scores = row.scores
            by_name = {each.name: each.ap for each in scores.categories}
            objects = sum(each.num_truth for each in scores.categories)
            mean_ap = figure(scores.mean_ap) if row.mean_ap is None else str(row.mean_ap)
            lines.append(
                f'{row.condition:<{width}}{row.slice:<16}{objects:>8}{mean_ap:>24}'
                f'{figure(scores.nds):>7}'
                + ''.join(f'{figure(by_name.get(name, np.nan)):>12}' for name in names))
        return '\n'.join(lines)


def score_slices(
    condition: str,
    frames: Sequence[FrameDetections],
    categories: Sequence[Category] = CLASSES,
    rng: np.random.Generator | None = None,
    draws: int = 1000,
) -> tuple[ScoreRow, ...]:
    """
    Measure frames as a whole and slice by slice.

    Parameters
    ----------
    condition : str
        Under which they were answered.
    frames : sequence of FrameDetections
        Of at least one scene.
    categories : sequence of Category
        What is measured.
    rng : Generator, optional
        Draws scenes for the interval of mAP over all; None: no interval.
    draws : int
        How often.

    """
    rows = []
    for part in slices_of(frames):
        matches = match_frames(part.frames, categories)
        interval = None
        if rng is not None and part.name == ALL:
            interval = interval_of(matches, mean_average_precision, rng, draws)
        rows.append(ScoreRow(condition, part.name, score_detections(matches), interval))
    return tuple(rows)
