# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What stands in the way of poses, in words: the estimator's health as seen by its node."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
import math
from typing import TYPE_CHECKING

from mm_fusion_ros.health import ClockHealth, SILENT_S
from mm_fusion_ros.stamps import NS_PER_MS
from mm_fusion_ros.sync.recent_values import RecentValues

if TYPE_CHECKING:
    from mm_fusion_ros.localization.condition import LocalizationHealth, SourceHealth
    from mm_fusion_ros.localization.source import Source

_REMEMBERED = 500


class AnswerLog:
    """
    How many poses were published, and how late the last of them.

    Attributes
    ----------
    count : int
        Poses.

    """

    def __init__(self) -> None:
        self.count = 0
        self._late_ns = RecentValues(_REMEMBERED)

    def add(self, stamp_ns: int, now_ns: int) -> None:
        """Note a pose of a stamp that is published now."""
        self.count += 1
        self._late_ns.add(now_ns - stamp_ns)

    def latency_ms(self, fraction: float) -> float:
        """Give how late poses were, as this rank from 0 to 1; NaN without any."""
        return self._late_ns.quantile(fraction) / NS_PER_MS if self.count else math.nan


@dataclass(frozen=True, slots=True)
class InputState:
    """
    The subscription to one source.

    Attributes
    ----------
    topic : str
        Its resolved name.
    publishers : int
        How many there are.
    reliability : str
        QoS in use; empty while it is not known what is published.

    """

    topic: str
    publishers: int
    reliability: str


@dataclass(frozen=True, slots=True)
class LocalizationNodeHealth:
    """
    Everything that is known about why poses come, or do not.

    Attributes
    ----------
    name : str
        Who reports.
    estimator : LocalizationHealth
        What became of the measurements.
    inputs : dict of Source to InputState
        Where they come from.
    conflicts : tuple of str
        Transforms that others publish too.
    clock : ClockHealth
        Of the node.
    unanswered_s : float
        Since the last pose, by a clock that never stops.
    latency_ms, latency_p99_ms : float
        From the stamp of a pose to its publication; NaN without any.

    """

    name: str
    estimator: LocalizationHealth
    inputs: dict[Source, InputState]
    conflicts: tuple[str, ...] = ()
    clock: ClockHealth = field(default_factory=ClockHealth)
    unanswered_s: float = 0.0
    latency_ms: float = math.nan
    latency_p99_ms: float = math.nan

    @property
    def sources(self) -> tuple[SourceHealth, ...]:
        """The sources under the names that their topics have here."""
        return tuple(self._located(source) for source in self.estimator.sources)

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that is wrong, worst first."""
        found = self.clock.problems
        if self.unanswered_s > SILENT_S:
            found.append(f'no pose was published for {self.unanswered_s:.0f} s')
        estimator = replace(self.estimator, sources=self.sources)
        return (*found, *estimator.problems, *self.conflicts)

    def _located(self, source: SourceHealth) -> SourceHealth:
        state = self.inputs.get(source.source)
        if state is None:
            return source
        nobody = '' if state.publishers else ' (no publisher)'
        return replace(source, topic=state.topic + nobody)
