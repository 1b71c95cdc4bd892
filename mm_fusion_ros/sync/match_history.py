# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The stamps of the newest emitted matches: tells which of them a message could have served.
"""

from __future__ import annotations

from bisect import bisect_right

_KEPT = 256


class MatchHistory:
    """
    Numbers matches from 0 in the order of emission and remembers the stamps of the newest.
    """

    __slots__ = ('_stamps', 'count')

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """
        Forget everything.
        """
        self.count = 0
        self._stamps: list[int] = []

    def append(self, stamp_ns: int) -> None:
        """
        Add an emitted match, newer than all before.
        """
        self.count += 1
        self._stamps.append(stamp_ns)
        if len(self._stamps) >= 2 * _KEPT:
            del self._stamps[:_KEPT]

    def newest_within(self, first_ns: int, last_ns: int) -> int:
        """
        Return the number of the newest match with a stamp in this closed range, or -1.
        """
        index = bisect_right(self._stamps, last_ns) - 1
        if index < 0 or self._stamps[index] < first_ns:
            return -1
        return self.count - len(self._stamps) + index
