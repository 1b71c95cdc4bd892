# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Sums up the frame reports of a run: how many sets were complete, and where the time went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.messages.convert_in import to_frame_report
from mm_fusion_ros.output import OUTPUT_NAMESPACE
from mm_fusion_ros.outputs import FRAME_REPORT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mm_fusion_ros.data_types import FrameReport


@dataclass(frozen=True, slots=True)
class StageFigures:
    """Percentiles of one stage, ms."""

    stage: str
    p50_ms: float
    p90_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class ReportFigures:
    """
    What the reports of a run say together.

    Attributes
    ----------
    answers, complete, partial : int
        Reports; those with every sensor; those without one.
    stages : tuple of StageFigures
        In the order of the way from stamp to publication.

    """

    answers: int
    complete: int
    partial: int
    stages: tuple[StageFigures, ...]


def read_reports(bag: Path) -> list[FrameReport]:
    """Read every `frame_report` of a bag of answers, in order."""
    with BagReader(bag) as reader:
        topic = f'{OUTPUT_NAMESPACE}/{FRAME_REPORT}'
        return [to_frame_report(recorded.message) for recorded in reader.messages([topic])]


def summarise_reports(reports: Sequence[FrameReport]) -> ReportFigures:
    """Sum reports up; percentiles are over the answers that have the stage."""
    partial = sum(report.is_partial for report in reports)
    elapsed: dict[str, list[float]] = {}
    for report in reports:
        for item in report.stages:
            elapsed.setdefault(item.stage, []).append(item.elapsed_ms)
    stages = tuple(
        StageFigures(stage, *(float(p) for p in np.percentile(values, (50, 90, 99))))
        for stage, values in elapsed.items()
    )
    return ReportFigures(len(reports), len(reports) - partial, partial, stages)
