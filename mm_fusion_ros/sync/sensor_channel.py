# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
One sensor of a synchroniser: takes messages in, serves matches, and accounts for each message.
"""

from __future__ import annotations

from typing import Generic, TYPE_CHECKING, TypeVar

from mm_fusion_ros.stamps import clock_kind
from mm_fusion_ros.sync.counts import Fate, MessageCounts, SensorStatistics
from mm_fusion_ros.sync.match import MatchMember
from mm_fusion_ros.sync.stamp_clock import NEVER_NS, StampClock
from mm_fusion_ros.sync.stamped_buffer import Held, StampedBuffer

if TYPE_CHECKING:
    from mm_fusion_ros.sync.match import Sample
    from mm_fusion_ros.sync.match_history import MatchHistory
    from mm_fusion_ros.sync.settings import SensorSpec, SyncSettings

T = TypeVar('T')


class SensorChannel(Generic[T]):
    """
    The messages of one sensor.

    Parameters
    ----------
    spec : SensorSpec
        The sensor.
    rank : int
        Its place in the succession of those that can lead; larger than all if it cannot.
    settings : SyncSettings
        Bounds.
    history : MatchHistory
        The matches emitted so far, common to all sensors.

    """

    __slots__ = (
        '_counts', '_expired_ns', '_history', '_is_window', '_last_arrival_ns', '_last_stamp_ns',
        '_received', '_refused', '_settings', '_tolerance_ns', 'buffer', 'clock', 'name',
        'offset_ns', 'rank',
    )

    def __init__(
        self, spec: SensorSpec, rank: int, settings: SyncSettings, history: MatchHistory
    ) -> None:
        self.name = spec.name
        self.offset_ns = spec.offset_ns
        self.rank = rank
        self.clock = StampClock(settings)
        self.buffer: StampedBuffer[T] = StampedBuffer()
        self._is_window = spec.kind == 'window'
        self._tolerance_ns = spec.tolerance_ns
        self._settings = settings
        self._history = history
        self._expired_ns = NEVER_NS  # stamps up to this can serve no match to come
        self._counts = [0] * len(Fate)
        self._received = 0
        self._refused: set[Fate] = set()
        self._last_stamp_ns: int | None = None
        self._last_arrival_ns = NEVER_NS

    def see(self, stamp_ns: int, arrival_ns: int) -> None:
        """
        Count a message as received, whatever becomes of it.
        """
        self._received += 1
        self._last_stamp_ns = stamp_ns
        self._last_arrival_ns = arrival_ns

    def count(self, fate: Fate) -> None:
        """
        Count how a message ended.
        """
        self._counts[fate] += 1
        if fate >= Fate.LATE:
            self._refused.add(fate)

    def take(self, sample: Sample[T]) -> Held[T] | None:
        """
        Learn from a message newer than all before and keep it, unless it can serve no more.
        """
        self.clock.learn(sample.stamp_ns, sample.arrival_ns)
        held = Held(sample, self._history.count)
        if sample.stamp_ns <= self._expired_ns:
            self._end(held)
            return None
        buffer, settings = self.buffer, self._settings
        buffer.append(held)
        while len(buffer) > settings.buffer_size or buffer.span_ns > settings.buffer_ns:
            self._end_oldest(1)
        return held

    def wait_until_ns(self, stamp_ns: int, deadline_ns: int) -> int:
        """
        Say how long a match should wait for a message that serves it better than those here.

        Returns
        -------
        int
            When this sensor will count as silent; NEVER_NS if none better will come, be it that
            the newest message is past the match, that the next one will be farther from it than
            the best, or that it will arrive after the deadline.

        """
        clock = self.clock
        newest_ns = clock.newest_ns
        if newest_ns is None:
            return clock.silent_from_ns
        gap_ns = stamp_ns - newest_ns
        if gap_ns <= 0:
            return NEVER_NS
        earliest_ns = clock.earliest_next_ns
        reach_ns = 0
        if not self._is_window:
            reach_ns = min(gap_ns - 1, self._tolerance_ns)
            earliest_ns = max(earliest_ns, stamp_ns - reach_ns)
        if earliest_ns > stamp_ns + reach_ns or earliest_ns + clock.least_delay_ns >= deadline_ns:
            return NEVER_NS
        return clock.silent_from_ns

    def serve(self, stamp_ns: int, emitted_ns: int, own: Held[T] | None) -> MatchMember[T]:
        """
        Give what belongs to a match and let go of what can serve no later one.

        Parameters
        ----------
        stamp_ns, emitted_ns : int
            Of the match, already in the history.
        own : Held, optional
            The message that opened the match, if it is this sensor's.

        """
        served = [own] if own else self._belonging(stamp_ns)
        for held in served:
            self.use(held)
        self._expired_ns = stamp_ns - (0 if self._is_window else self._tolerance_ns)
        self._end_oldest(self.buffer.position_after(self._expired_ns))
        refused = tuple(sorted(self._refused))
        self._refused.clear()
        if served:
            newest = served[-1].sample
            samples = tuple(held.sample for held in served)
            offset_ns = newest.stamp_ns - stamp_ns
            return MatchMember(
                self.name, samples, offset_ns, emitted_ns - newest.arrival_ns, refused)
        heard = self.clock.newest_ns is not None
        age_ns = emitted_ns - self.clock.arrival_ns if heard else None
        return MatchMember(self.name, (), None, age_ns, refused)

    def use(self, held: Held[T]) -> None:
        """
        Mark a message as used, once.
        """
        if not held.used:
            held.used = True
            self._counts[Fate.USED] += 1

    def end_all(self) -> None:
        """
        End every message that is kept.
        """
        self._end_oldest(len(self.buffer))

    def start_over(self) -> None:
        """
        End every message that is kept and forget what was learned, but not what was counted.
        """
        self.end_all()
        self.clock.reset()
        self._refused.clear()
        self._expired_ns = NEVER_NS

    def statistics(self) -> SensorStatistics:
        """
        Report what was counted and learned.
        """
        clock, last_stamp_ns = self.clock, self._last_stamp_ns
        counts = MessageCounts(*self._counts)
        period_ns = clock.period_ns
        return SensorStatistics(
            name=self.name,
            received=self._received,
            pending=self._received - counts.total,
            counts=counts,
            period_ns=period_ns,
            jitter_ns=None if period_ns is None else clock.intervals.deviation,
            delay_ns=clock.delays.median if clock.delays else None,
            delay_p99_ns=clock.delays.quantile(0.99) if clock.delays else None,
            clock=(None if last_stamp_ns is None
                   else clock_kind(last_stamp_ns, self._last_arrival_ns)),
            last_stamp_ns=last_stamp_ns,
        )

    def _belonging(self, stamp_ns: int) -> list[Held[T]]:
        buffer = self.buffer
        if self._is_window:
            first = buffer.position_after(stamp_ns - self._tolerance_ns)
            return buffer.between(first, buffer.position_after(stamp_ns))
        nearest = buffer.nearest(stamp_ns, self._tolerance_ns)
        return [nearest] if nearest else []

    def _end_oldest(self, count: int) -> None:
        if count:
            for held in self.buffer.take_oldest(count):
                self._end(held)

    def _end(self, held: Held[T]) -> None:
        if held.used:
            return
        stamp_ns, tolerance_ns = held.sample.stamp_ns, self._tolerance_ns
        if self._is_window:
            match = self._history.newest_within(stamp_ns, stamp_ns + tolerance_ns - 1)
        else:
            match = self._history.newest_within(stamp_ns - tolerance_ns, stamp_ns + tolerance_ns)
        if match < 0:
            self.count(Fate.UNMATCHED)
        else:
            self.count(Fate.SUPERSEDED if match >= held.born else Fate.LATE)
