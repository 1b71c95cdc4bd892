# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Holds matches until ego poses cover them, at the latest until their deadline.

No clocks: the same matches, poses and instants give the same releases, however often one polls.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Generic, TYPE_CHECKING, TypeVar

from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

if TYPE_CHECKING:
    from mm_fusion_ros.sync.match import Match

T = TypeVar('T')

_SILENT_NS = 250 * NS_PER_MS  # without a pose for longer nobody waits for one
_RESTART_NS = NS_PER_S


@dataclass(slots=True)
class _Held(Generic[T]):
    """A match with the stamp whose pose it waits for, and when it goes in any case."""

    match: Match[T]
    needed_ns: int
    until_ns: int


class PoseWait(Generic[T]):
    """
    A queue of matches, released in their order.

    Parameters
    ----------
    max_wait_ns : int
        A match is released at the latest this long after its reference arrived.

    """

    def __init__(self, max_wait_ns: int) -> None:
        self._max_wait_ns = max_wait_ns
        self._held: deque[_Held[T]] = deque()
        self._now_ns = 0
        self._pose_ns: int | None = None  # stamp and arrival of the newest pose
        self._pose_arrival_ns = 0
        self._period_ns = 0  # between arrivals; several poses at once count as one

    def add(self, match: Match[T], needed_ns: int | None) -> None:
        """
        Take in a match; `poll` gives it back, at once if there is nothing to wait for.

        Parameters
        ----------
        match : Match
            Just emitted.
        needed_ns : int, optional
            Newest stamp whose pose it needs.

        """
        until_ns = match.emitted_ns
        if needed_ns is not None and self._is_worth_waiting(match, needed_ns):
            until_ns = max(until_ns, match.arrival_ns + self._max_wait_ns)
        self._held.append(_Held(match, needed_ns or 0, until_ns))

    def cover(self, newest_ns: int | None, arrival_ns: int) -> None:
        """
        Take note that a pose has arrived.

        Parameters
        ----------
        newest_ns : int, optional
            Stamp of the newest pose by now.
        arrival_ns : int
            By the receiving clock.

        """
        if newest_ns is None or newest_ns == self._pose_ns:
            return
        self._learn_period(arrival_ns - self._pose_arrival_ns)
        self._pose_ns, self._pose_arrival_ns = newest_ns, arrival_ns
        for held in self._held:
            if held.needed_ns <= newest_ns:
                held.until_ns = min(held.until_ns, max(arrival_ns, held.match.emitted_ns))

    def poll(self, now_ns: int) -> list[Match[T]]:
        """Give the matches that go by now, their `emitted_ns` set to when they went."""
        if now_ns < self._now_ns - _RESTART_NS:
            released = self.flush()
            self._now_ns, self._pose_ns, self._period_ns = now_ns, None, 0
            return released
        self._now_ns = max(self._now_ns, now_ns)
        released = []
        while self._held and self._held[0].until_ns <= now_ns:
            released.append(self._release())
        return released

    def next_deadline_ns(self) -> int | None:
        """Return when `poll` will next have something to give, None if nothing is held."""
        return self._held[0].until_ns if self._held else None

    def flush(self) -> list[Match[T]]:
        """Give everything."""
        return [self._release() for _ in range(len(self._held))]

    def _learn_period(self, gap_ns: int) -> None:
        if not 0 <= gap_ns <= _SILENT_NS:  # poses had ceased, or time began
            self._period_ns = 0
        elif gap_ns > 0:
            self._period_ns += (gap_ns - self._period_ns) // (4 if self._period_ns else 1)

    def _is_worth_waiting(self, match: Match[T], needed_ns: int) -> bool:
        if self._pose_ns is None or needed_ns <= self._pose_ns:
            return False
        if match.emitted_ns - self._pose_arrival_ns > _SILENT_NS:
            return False
        missing_ns = needed_ns - self._pose_ns
        if self._period_ns:  # poses come in steps
            missing_ns = -(-missing_ns // self._period_ns) * self._period_ns
        return self._pose_arrival_ns + missing_ns <= match.arrival_ns + self._max_wait_ns

    def _release(self) -> Match[T]:
        held = self._held.popleft()
        for later in self._held:  # none overtakes another
            later.until_ns = max(later.until_ns, held.until_ns)
        return replace(held.match, emitted_ns=held.until_ns)
