# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The synchroniser that always answers.

One sensor leads: each of its messages opens a match, which is emitted as soon as no better
partner can still arrive, at the latest at its deadline. No locks, callbacks or clocks: the same
messages with the same arrivals give the same matches, however often one polls in between.
"""

from __future__ import annotations

from collections import deque
from typing import Generic, TYPE_CHECKING, TypeVar

from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.stamps import SAME_CLOCK_NS
from mm_fusion_ros.sync.counts import Fate
from mm_fusion_ros.sync.match import Match, Sample
from mm_fusion_ros.sync.match_history import MatchHistory
from mm_fusion_ros.sync.sensor_channel import SensorChannel
from mm_fusion_ros.sync.settings import succession, SyncSettings
from mm_fusion_ros.sync.slot import Slot
from mm_fusion_ros.sync.stamp_clock import NEVER_NS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mm_fusion_ros.sync.counts import SensorStatistics
    from mm_fusion_ros.sync.settings import SensorSpec
    from mm_fusion_ros.sync.stamped_buffer import Held

T = TypeVar('T')

_FOREVER_NS = -NEVER_NS
_MAX_OPEN = 32  # more would mean that time stands still
_RATE_CAP_PERCENT = 90  # of the reference's period, at least, lies between a stand-in's matches


class FrameSynchronizer(Generic[T]):
    """
    Joins to each message of the reference the nearest one of every other sensor.

    Parameters
    ----------
    sensors : sequence of SensorSpec
        All sensors, in the order that matches list them.
    settings : SyncSettings
        When to stop waiting.

    Raises
    ------
    ConfigError
        If names repeat, no sensor can lead, or the reference is not among those that can.

    """

    def __init__(
        self, sensors: Sequence[SensorSpec], settings: SyncSettings | None = None
    ) -> None:
        self._settings = settings or SyncSettings()
        self._sensors = tuple(sensors)
        self._order = [spec.name for spec in succession(sensors, self._settings.reference)]
        self._now_ns = NEVER_NS
        self.reset()

    def reset(self) -> None:
        """
        Forget everything, counts included.
        """
        self._history = MatchHistory()
        ranks = {name: rank for rank, name in enumerate(self._order)}
        followers_rank = len(ranks) + 1
        self._channels: dict[str, SensorChannel[T]] = {
            spec.name: SensorChannel(
                spec, ranks.get(spec.name, followers_rank), self._settings, self._history)
            for spec in self._sensors
        }
        self._succession = [self._channels[name] for name in self._order]
        self._open: deque[Slot[T]] = deque()
        self._begin(NEVER_NS)

    def add(self, sensor: str, stamp_ns: int, payload: T, arrival_ns: int) -> list[Match[T]]:
        """
        Take in a message and return the matches decided up to its arrival, in stamp order.

        Parameters
        ----------
        sensor : str
            Which sensor it is from.
        stamp_ns : int
            When it was measured, by the sensor's clock.
        payload : T
            The message.
        arrival_ns : int
            When it arrived, by the receiving clock. A step back of more than
            `clock_jump_ns` starts over: what is open is returned first.

        Raises
        ------
        ConfigError
            If there is no such sensor.

        """
        channel = self._channels.get(sensor)
        if channel is None:
            raise ConfigError('sensor', f'one of {", ".join(self._channels)}', sensor)
        emitted = self.poll(arrival_ns)
        if self._now_ns == NEVER_NS:
            self._begin(arrival_ns)
        if stamp_ns > 0:
            stamp_ns += channel.offset_ns
        channel.see(stamp_ns, arrival_ns)
        fate = self._refuse(channel, stamp_ns, arrival_ns)
        if fate is not None:
            channel.count(fate)
            return emitted
        self._follow_time_back(channel, stamp_ns, arrival_ns, emitted)
        held = channel.take(Sample(stamp_ns, arrival_ns, payload))
        self._now_ns = max(self._now_ns, arrival_ns)
        for slot in self._open:
            slot.reconsider(channel)
        if held and channel.rank <= self._leading_rank:
            self._lead(channel, held)
        self._run_until(self._now_ns, emitted)
        return emitted

    def poll(self, now_ns: int) -> list[Match[T]]:
        """
        Return the matches that are decided by time having passed.
        """
        emitted: list[Match[T]] = []
        if self._now_ns != NEVER_NS:
            if now_ns < self._now_ns - self._settings.clock_jump_ns:
                emitted += self._start_over()
            else:
                self._run_until(now_ns, emitted)
        return emitted

    def next_deadline_ns(self) -> int | None:
        """
        Return when `poll` will next have something to do, None if only a message can help.
        """
        if self._now_ns == NEVER_NS:
            return None
        due_ns = min(self._slot_due_ns, self._silence_due_ns)
        return None if due_ns == _FOREVER_NS else due_ns

    def flush(self) -> list[Match[T]]:
        """
        End the stream: return every open match with what it has, end every pending message.
        """
        emitted = []
        while self._open:
            self._now_ns = max(self._now_ns, self._slot_due_ns)
            emitted.append(self._emit())
        for channel in self._channels.values():
            channel.end_all()
        return emitted

    def statistics(self) -> tuple[SensorStatistics, ...]:
        """
        Report what was counted and learned, in configured order.
        """
        return tuple(channel.statistics() for channel in self._channels.values())

    @property
    def _slot_due_ns(self) -> int:
        return self._open[0].due_ns if self._open else _FOREVER_NS

    @property
    def _silence_due_ns(self) -> int:
        return self._leader.clock.silent_from_ns if self._leader else _FOREVER_NS

    @property
    def _leading_rank(self) -> int:
        return self._leader.rank if self._leader else len(self._succession)

    def _begin(self, now_ns: int) -> None:
        """
        Start the time of startup, in which every sensor is waited for; NEVER_NS: not yet.
        """
        self._now_ns = now_ns
        self._leader: SensorChannel[T] | None = self._succession[0]
        self._last_opened_ns: int | None = None
        self._sensible_until_ns = NEVER_NS
        for channel in self._channels.values():
            channel.clock.silent_from_ns = now_ns + self._settings.startup_ns

    def _start_over(self) -> list[Match[T]]:
        """
        Emit what is open and forget all but the counts.
        """
        emitted = self.flush()
        for channel in self._channels.values():
            channel.start_over()
        self._history.reset()
        self._begin(NEVER_NS)
        return emitted

    def _refuse(
        self, channel: SensorChannel[T], stamp_ns: int, arrival_ns: int
    ) -> Fate | None:
        """
        Say why a message cannot be used, or None.

        While any sensor's stamps agree with the receiving clock, stamps of another clock are
        invalid: they could match nothing. Where none agrees (a bag without /clock), all serve.
        """
        if stamp_ns <= 0:
            return Fate.INVALID_STAMP
        if -SAME_CLOCK_NS < arrival_ns - stamp_ns < SAME_CLOCK_NS:
            self._sensible_until_ns = arrival_ns + self._settings.startup_ns
        elif arrival_ns < self._sensible_until_ns:
            return Fate.INVALID_STAMP
        return channel.clock.doubt(stamp_ns, arrival_ns)

    def _follow_time_back(
        self, channel: SensorChannel[T], stamp_ns: int, arrival_ns: int, emitted: list[Match[T]]
    ) -> None:
        """
        Start over where believed stamps step back: all if it is the leader's, else this sensor.
        """
        newest_ns, last_ns = channel.clock.newest_ns, self._last_opened_ns
        leads = self._leader in (None, channel)
        steps_back = newest_ns is not None and stamp_ns < newest_ns
        if self._leader is None and last_ns is not None:
            steps_back |= stamp_ns < last_ns - self._settings.clock_jump_ns
        if steps_back and leads:
            emitted += self._start_over()
            self._begin(arrival_ns)
        elif steps_back:
            channel.start_over()

    def _lead(self, channel: SensorChannel[T], held: Held[T]) -> None:
        """
        Let a sensor that leads, or comes before the one that does, open a match.
        """
        stamp_ns = held.sample.stamp_ns
        if self._may_open(channel, stamp_ns):
            self._open_slot(channel, held)
        elif channel is not self._leader:
            # Already answered by the stand-in; from the next message on this sensor leads.
            assert self._last_opened_ns is not None
            if stamp_ns > self._last_opened_ns - (channel.clock.period_ns or 0):
                self._leader = channel

    def _may_open(self, channel: SensorChannel[T], stamp_ns: int) -> bool:
        if self._last_opened_ns is None:
            return True
        since_ns = stamp_ns - self._last_opened_ns
        period_ns = self._succession[0].clock.period_ns
        if channel.rank == 0 or period_ns is None:
            return since_ns > 0
        return since_ns >= period_ns * _RATE_CAP_PERCENT // 100

    def _open_slot(self, channel: SensorChannel[T], held: Held[T]) -> None:
        channel.use(held)
        self._leader = channel
        self._last_opened_ns = held.sample.stamp_ns
        self._open.append(
            Slot(channel, held, self._settings.max_wait_ns, self._channels.values()))
        if len(self._open) > _MAX_OPEN:
            self._open[0].close()

    def _run_until(self, now_ns: int, emitted: list[Match[T]]) -> None:
        """
        Do all that is due, in the order and at the instants in which it became due.
        """
        while True:
            slot_due_ns, silence_due_ns = self._slot_due_ns, self._silence_due_ns
            due_ns = min(slot_due_ns, silence_due_ns)
            if due_ns > now_ns:
                return
            self._now_ns = max(self._now_ns, due_ns)
            if slot_due_ns <= silence_due_ns:
                emitted.append(self._emit())
            else:
                self._hand_over()

    def _emit(self) -> Match[T]:
        slot, now_ns = self._open.popleft(), self._now_ns
        self._history.append(slot.stamp_ns)
        return Match(
            stamp_ns=slot.stamp_ns,
            reference=slot.leader.name,
            arrival_ns=slot.held.sample.arrival_ns,
            emitted_ns=now_ns,
            members=tuple([
                channel.serve(
                    slot.stamp_ns, now_ns, slot.held if channel is slot.leader else None)
                for channel in self._channels.values()
            ]),
        )

    def _hand_over(self) -> None:
        """
        Let the first live sensor of the succession lead, from its newest message on.
        """
        for channel in self._succession:
            newest = channel.buffer.newest
            if (
                newest
                and channel.clock.silent_from_ns > self._now_ns
                and self._may_open(channel, newest.sample.stamp_ns)
            ):
                self._open_slot(channel, newest)
                return
        self._leader = None  # whoever speaks next leads
