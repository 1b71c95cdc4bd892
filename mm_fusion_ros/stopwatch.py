# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Times the stages of one answer with a clock that is passed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mm_fusion_ros.data_types import StageTiming
from mm_fusion_ros.stamps import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Callable


class Stopwatch:
    """
    Collects one `StageTiming` per lap.

    Parameters
    ----------
    timer : callable
        Returns a monotonic time, ns.

    """

    def __init__(self, timer: Callable[[], int]) -> None:
        self._timer = timer
        self._last_ns = timer()
        self._laps: list[StageTiming] = []

    def lap(self, stage: str) -> None:
        """End the stage that began at the previous lap."""
        now_ns = self._timer()
        self._laps.append(StageTiming(stage, (now_ns - self._last_ns) / NS_PER_MS))
        self._last_ns = now_ns

    @property
    def laps(self) -> tuple[StageTiming, ...]:
        """The stages so far, in order."""
        return tuple(self._laps)
