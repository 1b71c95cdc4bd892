# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What is learned about the stamps of one sensor, and which of them to believe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mm_fusion_ros.stamps import NS_PER_MS
from mm_fusion_ros.sync.counts import Fate
from mm_fusion_ros.sync.recent_values import RecentValues

if TYPE_CHECKING:
    from mm_fusion_ros.sync.settings import SyncSettings

NEVER_NS = -(1 << 62)
_INTERVALS = 31
_INTERVALS_TRUSTED = 4  # fewer tell neither a period nor a lower bound
_DELAYS = 127
_OVERTAKEN_NS = 200 * NS_PER_MS  # so long after each other no messages come that were overtaken


class StampClock:
    """
    Period, jitter and arrival - stamp of one sensor, and when it falls silent.

    Attributes
    ----------
    newest_ns : int, optional
        The newest stamp believed.
    arrival_ns : int
        Its arrival.
    earliest_next_ns : int
        The next stamp is not expected before this, by the shortest interval seen lately.
    least_delay_ns : int
        Smallest arrival - stamp seen lately.
    silent_from_ns : int
        Without another message the sensor counts as silent from this arrival time on.
    intervals, delays : RecentValues
        Between stamps; arrival - stamp.

    """

    __slots__ = (
        '_settings', '_suspect', 'arrival_ns', 'delays', 'earliest_next_ns', 'intervals',
        'least_delay_ns', 'newest_ns', 'silent_from_ns',
    )

    def __init__(self, settings: SyncSettings) -> None:
        self._settings = settings
        self.reset()

    def reset(self) -> None:
        """
        Forget everything.
        """
        self.newest_ns: int | None = None
        self.arrival_ns = self.silent_from_ns = NEVER_NS
        self.earliest_next_ns = self.least_delay_ns = NEVER_NS
        self.intervals = RecentValues(_INTERVALS)
        self.delays = RecentValues(_DELAYS)
        self._suspect: tuple[int, int] | None = None

    @property
    def period_ns(self) -> int | None:
        """
        Median interval between stamps, None until known.
        """
        return self.intervals.median if len(self.intervals) >= _INTERVALS_TRUSTED else None

    def doubt(self, stamp_ns: int, arrival_ns: int) -> Fate | None:
        """
        Say why a stamp cannot be the next one, or None if it can.

        A step too large for the time that has passed is believed when the next message confirms
        it: one wild stamp is not a new time. A small step back is believed when all messages
        have confirmed it for a while: those that were overtaken are few.
        """
        if self.newest_ns is None:
            return None
        jump_ns = self._settings.clock_jump_ns
        advance_ns = stamp_ns - self.newest_ns
        if 0 < advance_ns <= arrival_ns - self.arrival_ns + jump_ns:
            return None
        if not advance_ns:
            return Fate.DUPLICATE
        is_near = -jump_ns <= advance_ns < 0
        if self._suspect:
            stamps_ns, arrivals_ns = stamp_ns - self._suspect[0], arrival_ns - self._suspect[1]
            margin_ns = (self.period_ns or 0) // 2 if is_near else jump_ns
            least_ns = arrivals_ns - margin_ns if is_near else 1
            if least_ns <= stamps_ns <= arrivals_ns + margin_ns:
                if not is_near or arrivals_ns >= _OVERTAKEN_NS:
                    return None
                return Fate.OUT_OF_ORDER
        self._suspect = stamp_ns, arrival_ns
        return Fate.OUT_OF_ORDER if is_near else Fate.INVALID_STAMP

    def learn(self, stamp_ns: int, arrival_ns: int) -> None:
        """
        Take in a believed stamp, newer than all before.
        """
        intervals = self.intervals
        if self.newest_ns is not None:
            intervals.add(stamp_ns - self.newest_ns)
        self.delays.add(arrival_ns - stamp_ns)
        self.newest_ns = stamp_ns
        self.arrival_ns = arrival_ns
        self._suspect = None
        settings = self._settings
        if len(intervals) >= _INTERVALS_TRUSTED:
            self.earliest_next_ns = stamp_ns + intervals.smallest
            self.least_delay_ns = self.delays.smallest
            silence_ns = int(settings.silent_periods * intervals.median)
            # Within the time that a match may wait, silence tells nothing.
            self.silent_from_ns = arrival_ns + max(silence_ns, settings.max_wait_ns)
        else:
            self.earliest_next_ns = stamp_ns + 1
            self.silent_from_ns = arrival_ns + max(settings.startup_ns, settings.max_wait_ns)
