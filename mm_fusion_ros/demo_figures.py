# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What one run of the demo showed, and how it is printed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mm_fusion_ros.evaluation.class_recall import recall_table

if TYPE_CHECKING:
    from mm_fusion_ros.evaluation.answers import AnswerFigures
    from mm_fusion_ros.evaluation.class_recall import ClassRecall
    from mm_fusion_ros.evaluation.reports import ReportFigures
    from mm_fusion_ros.evaluation.trajectory_errors import TrajectoryFigures
    from mm_fusion_ros.processes import ProcessCost

_TOTAL_STAGE = 'total'


@dataclass(frozen=True, slots=True)
class TopicRate:
    """How many messages a topic carried, and how many a second."""

    topic: str
    messages: int
    rate_hz: float


@dataclass(frozen=True, slots=True)
class PhaseFigures:
    """
    A part of a run.

    Attributes
    ----------
    name : str
        before, during or after what breaks.
    from_s, to_s : float
        Since the bag begins.
    reports : ReportFigures
        Of the answers of that time.
    match : AnswerFigures, optional
        Of the same, if there are labels.
    classes : tuple of ClassRecall
        Of the same, if there are labels and a network.

    """

    name: str
    from_s: float
    to_s: float
    reports: ReportFigures
    match: AnswerFigures | None
    classes: tuple[ClassRecall, ...] = ()

    def __str__(self) -> str:
        """Draw a row."""
        total = next((s for s in self.reports.stages if s.stage == _TOTAL_STAGE), None)
        latency = f'{total.p50_ms:7.1f} {total.p99_ms:7.1f}' if total else ' ' * 15
        found = f'{self.match.within_2m:9.1%}' if self.match else ''
        return (f'  {self.name:<7} {self.from_s:5.1f}-{self.to_s:<5.1f} {self.reports.answers:8d} '
                f'{self.reports.complete:9d} {self.reports.partial:8d} {latency} {found}')


@dataclass(frozen=True, slots=True)
class DemoFigures:
    """
    What one run of the demo showed.

    Attributes
    ----------
    sets_expected : int
        Sweeps of the reference sensor in the bag.
    inputs, outputs : tuple of TopicRate
        What was played and what was recorded.
    reports : ReportFigures
        Sets and latencies.
    match : AnswerFigures, optional
        Against the labels, if the bag has any.
    odometry : TrajectoryFigures, optional
        Against the true motion, laid over it, if the bag has any.
    costs : dict of str to ProcessCost
        By process.
    phases : tuple of PhaseFigures
        Before, during and after what was broken on purpose; empty if nothing was.
    classes : tuple of ClassRecall
        Of all answers, if there are labels and a network.

    """

    duration_s: float
    sets_expected: int
    inputs: tuple[TopicRate, ...]
    outputs: tuple[TopicRate, ...]
    reports: ReportFigures
    match: AnswerFigures | None
    odometry: TrajectoryFigures | None
    costs: dict[str, ProcessCost]
    phases: tuple[PhaseFigures, ...] = ()
    classes: tuple[ClassRecall, ...] = ()

    def __str__(self) -> str:
        """Draw the table."""
        rows = ['', 'topic                                          messages      Hz']
        rows += [f'{r.topic:<44} {r.messages:>10} {r.rate_hz:>7.1f}'
                 for r in (*self.inputs, *self.outputs)]
        lost = self.sets_expected - self.reports.answers
        rows += ['', f'sets     {self.sets_expected} expected: {self.reports.complete} complete, '
                     f'{self.reports.partial} partial, {lost} lost']
        if self.phases:
            rows += ['part     s            answers  complete  partial  p50 ms  p99 ms  found 2 m']
            rows += [str(phase) for phase in self.phases]
        rows += ['latency  ms                 p50     p90     p99']
        rows += [f'  {s.stage:<20} {s.p50_ms:>9.1f} {s.p90_ms:>7.1f} {s.p99_ms:>7.1f}'
                 for s in self.reports.stages]
        rows += ['CPU']
        rows += [f'  {name:<20} {cost.cpu_s / self.duration_s:>8.0%} of a core, '
                 f'peak {cost.peak_rss_mib:.0f} MiB' for name, cost in self.costs.items()]
        if self.match:
            rows += ['', str(self.match)]
        if self.classes:
            parts = {phase.name: phase.classes for phase in self.phases} | {'all': self.classes}
            rows += ['', recall_table(parts)]
        if self.odometry:
            rows += ['', f'odometry, laid over the true motion: {self.odometry}']
        return '\n'.join(rows)
