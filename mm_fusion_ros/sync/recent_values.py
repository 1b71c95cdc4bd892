# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Order statistics of the newest values of a stream.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque


class RecentValues:
    """
    The newest values, kept sorted.

    Parameters
    ----------
    size : int
        How many to remember.

    """

    __slots__ = ('_oldest_first', '_size', '_sorted')

    def __init__(self, size: int) -> None:
        self._size = size
        self._oldest_first: deque[int] = deque()
        self._sorted: list[int] = []

    def __len__(self) -> int:
        return len(self._sorted)

    def add(self, value: int) -> None:
        """
        Append a value, forgetting the oldest where there are too many.
        """
        if len(self._sorted) == self._size:
            del self._sorted[bisect_left(self._sorted, self._oldest_first.popleft())]
        self._oldest_first.append(value)
        insort(self._sorted, value)

    def quantile(self, fraction: float) -> int:
        """
        Return the value of this rank, 0 for the smallest, 1 for the largest.
        """
        return self._sorted[round(fraction * (len(self._sorted) - 1))]

    @property
    def smallest(self) -> int:
        """
        The smallest value.
        """
        return self._sorted[0]

    @property
    def median(self) -> int:
        """
        The middle value.
        """
        return self._sorted[len(self._sorted) // 2]

    @property
    def deviation(self) -> int:
        """
        Median distance from the median.
        """
        median = self.median
        return sorted(abs(value - median) for value in self._sorted)[len(self._sorted) // 2]
