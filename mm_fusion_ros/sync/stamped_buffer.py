# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Messages of one sensor that may still serve a match, ordered by stamp.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Generic, TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from mm_fusion_ros.sync.match import Sample

T = TypeVar('T')


@dataclass(slots=True)
class Held(Generic[T]):
    """
    A message while it is kept.

    Attributes
    ----------
    sample : Sample
        The message.
    born : int
        How many matches had been emitted when it arrived.
    used : bool
        Whether it has served a match.

    """

    sample: Sample[T]
    born: int
    used: bool = False


class StampedBuffer(Generic[T]):
    """
    Held messages with increasing stamps; positions count from the oldest.
    """

    __slots__ = ('_held', '_stamps')

    def __init__(self) -> None:
        self._stamps: list[int] = []
        self._held: list[Held[T]] = []

    def __len__(self) -> int:
        return len(self._stamps)

    @property
    def span_ns(self) -> int:
        """
        Time from the oldest to the newest stamp.
        """
        return self._stamps[-1] - self._stamps[0] if self._stamps else 0

    @property
    def newest(self) -> Held[T] | None:
        """
        The message with the newest stamp.
        """
        return self._held[-1] if self._held else None

    def append(self, held: Held[T]) -> None:
        """
        Add a message newer than all others.
        """
        self._stamps.append(held.sample.stamp_ns)
        self._held.append(held)

    def position_after(self, stamp_ns: int) -> int:
        """
        Return the position of the first message newer than this.
        """
        return bisect_right(self._stamps, stamp_ns)

    def nearest(self, stamp_ns: int, tolerance_ns: int) -> Held[T] | None:
        """
        Return the message nearest to a stamp, the older of two as near, None beyond tolerance.
        """
        stamps = self._stamps
        after = bisect_right(stamps, stamp_ns)
        best = None
        if after and stamp_ns - stamps[after - 1] <= tolerance_ns:
            best = after - 1
            tolerance_ns = stamp_ns - stamps[best] - 1
        if after < len(stamps) and stamps[after] - stamp_ns <= tolerance_ns:
            best = after
        return None if best is None else self._held[best]

    def between(self, first: int, last: int) -> list[Held[T]]:
        """
        Return the messages at positions from first up to, not including, last.
        """
        return self._held[first:last]

    def take_oldest(self, count: int) -> list[Held[T]]:
        """
        Remove so many of the oldest and return them.
        """
        taken = self._held[:count]
        del self._held[:count]
        del self._stamps[:count]
        return taken
