# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Says each warning once every few seconds, however often it is raised."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rclpy.impl.rcutils_logger import RcutilsLogger

_MAX_KINDS = 1000
_NUMBER = re.compile(r'\d+(\.\d+)?')


class ThrottledWarnings:
    """
    A logger that keeps count of what it did not repeat.

    Parameters
    ----------
    logger : rclpy logger
        Speaks.
    timer : callable
        Returns a monotonic time, ns.
    period_s : float
        Shortest time between texts that differ in numbers at most, s.

    """

    def __init__(
        self, logger: RcutilsLogger, timer: Callable[[], int], period_s: float = 5.0
    ) -> None:
        self._logger = logger
        self._timer = timer
        self._period_ns = int(period_s * 1e9)
        self._said_ns: dict[str, int] = {}
        self._held: dict[str, int] = {}

    def __call__(self, text: str) -> None:
        """Warn, unless the same was said a moment ago."""
        now_ns = self._timer()
        kind = _NUMBER.sub('#', text)  # the same complaint with another number is no news
        said_ns = self._said_ns.get(kind)
        if said_ns is not None and now_ns - said_ns < self._period_ns:
            self._held[kind] = self._held.get(kind, 0) + 1
            return
        if len(self._said_ns) >= _MAX_KINDS:
            self._said_ns.clear()
            self._held.clear()
        held = self._held.pop(kind, 0)
        self._said_ns[kind] = now_ns
        self._logger.warning(f'{text} (and {held} times before)' if held else text)

    def all(self, texts: Iterable[str]) -> None:
        """Warn of each."""
        for text in texts:
            self(text)
