# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What went wrong with the messages of one source lately, as it would get lost in hours of counts.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from mm_fusion_ros.stamps import NS_PER_S

_SECONDS = 10  # with messages


class Troubles(NamedTuple):
    """Counts of messages: that could not be read, came twice, are of another time, or late."""

    invalid: int = 0
    repeated: int = 0
    misstamped: int = 0
    late: int = 0


class RecentTroubles:
    """Counts by the second of arrival, and forgets those of long ago."""

    def __init__(self) -> None:
        self._totals = Troubles()
        self._second = -1
        self._by_second: deque[list[int]] = deque(maxlen=_SECONDS)  # received, then Troubles

    def add(self, arrival_ns: int, totals: Troubles) -> None:
        """Note a message, after which there are so many troubles in all."""
        second = arrival_ns // NS_PER_S
        if second != self._second or not self._by_second:
            self._second = second
            self._by_second.append([0] * (1 + len(totals)))
        counts = self._by_second[-1]
        counts[0] += 1
        if totals != self._totals:
            for number, (total, before) in enumerate(zip(totals, self._totals, strict=True)):
                counts[1 + number] += max(total - before, 0)  # some counts begin anew
            self._totals = totals

    @property
    def received(self) -> int:
        """All messages of lately."""
        return sum(counts[0] for counts in self._by_second)

    @property
    def troubles(self) -> Troubles:
        """What was wrong with them."""
        return Troubles(*(sum(column) for column in [*zip(*self._by_second, strict=True)][1:]))
