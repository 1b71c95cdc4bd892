# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What stands in the way of poses, in words: the estimator's health as seen by its node."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mm_fusion_ros.health import ClockHealth, SILENT_S

if TYPE_CHECKING:
    from mm_fusion_ros.localization.condition import LocalizationHealth, SourceHealth
    from mm_fusion_ros.localization.source import Source


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

    """

    name: str
    estimator: LocalizationHealth
    inputs: dict[Source, InputState]
    conflicts: tuple[str, ...] = ()
    clock: ClockHealth = field(default_factory=ClockHealth)
    unanswered_s: float = 0.0

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
