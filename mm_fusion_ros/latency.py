# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Where the time of one answer went, from the stamp of its reference to its publication.

Up to the arrival it is a difference on the receiving clock, which may be simulated; from there
on it is measured by a monotonic timer, so it cannot be negative or jump.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mm_fusion_ros.data_types import StageTiming
from mm_fusion_ros.stamps import NS_PER_MS
from mm_fusion_ros.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from mm_fusion_ros.intake import Received
    from mm_fusion_ros.sync.match import Match


class AnswerLatency:
    """
    Follows one match through the worker.

    Parameters
    ----------
    match : Match
        Already emitted.
    emitted_ns : int
        By the timer, when it was handed to the worker.
    timer : callable
        Returns a monotonic time, ns.

    """

    def __init__(
        self, match: Match[Received], emitted_ns: int, timer: Callable[[], int]
    ) -> None:
        self._taken_ns = _reference(match).taken_ns
        # A simulated clock moves in steps: a message may seem to arrive before its stamp.
        self._transport_ms = max(match.arrival_ns - match.stamp_ns, 0) / NS_PER_MS
        self._wait_ms = (emitted_ns - self._taken_ns) / NS_PER_MS
        self._queue_ms = (timer() - emitted_ns) / NS_PER_MS
        self._timer = timer
        self._stopwatch = Stopwatch(timer)

    def lap(self, stage: str) -> None:
        """End a stage."""
        self._stopwatch.lap(stage)

    def published(self) -> None:
        """Note that the results are out: `total` ends here, whatever is drawn afterwards."""
        self.lap('publish')
        self._total_ms = self._transport_ms + (self._timer() - self._taken_ns) / NS_PER_MS

    def stages(self, inner: tuple[StageTiming, ...]) -> tuple[StageTiming, ...]:
        """
        Give all stages: those up to `total` sum up to it, those after it are no part of it.

        Parameters
        ----------
        inner : tuple of StageTiming
            Parts of the stage `perceive`.

        """
        laps = self._stopwatch.laps
        published = [lap.stage for lap in laps].index('publish') + 1
        return (
            StageTiming('transport', self._transport_ms),
            StageTiming('sync_wait', self._wait_ms),
            StageTiming('queue', self._queue_ms),
            *laps[:published],
            StageTiming('total', self._total_ms),
            *laps[published:],
            *(StageTiming(f'perceive.{item.stage}', item.elapsed_ms) for item in inner),
        )


def _reference(match: Match[Received]) -> Received:
    member = next(m for m in match.members if m.name == match.reference)
    return member.samples[-1].payload
