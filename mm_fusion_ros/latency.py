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

    @property
    def stages(self) -> tuple[StageTiming, ...]:
        """All stages so far; `total` is from stamp to now and counts every one once."""
        total_ms = self._transport_ms + (self._timer() - self._taken_ns) / NS_PER_MS
        return (
            StageTiming('transport', self._transport_ms),
            StageTiming('sync_wait', self._wait_ms),
            StageTiming('queue', self._queue_ms),
            *self._stopwatch.laps,
            StageTiming('total', total_ms),
        )


def _reference(match: Match[Received]) -> Received:
    member = next(m for m in match.members if m.name == match.reference)
    return member.samples[-1].payload
