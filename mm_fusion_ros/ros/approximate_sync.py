# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The classic: message_filters' ApproximateTimeSynchronizer behind the verbs of `sync`.

Complete sets only, no deadline. message_filters is part of a ROS 2 install, not of PyPI.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Generic, TYPE_CHECKING, TypeVar

from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.stamps import clock_kind, NS_PER_S
from mm_fusion_ros.sync.counts import MessageCounts, SensorStatistics
from mm_fusion_ros.sync.match import Match, MatchMember, Sample
from mm_fusion_ros.sync.settings import succession, SyncSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mm_fusion_ros.sync.settings import SensorSpec

T = TypeVar('T')


class _Input:
    """
    One sensor: its filter, its counts, its newest message.
    """

    def __init__(self, spec: SensorSpec, simple_filter: object) -> None:
        self.spec = spec
        self.filter = simple_filter
        self.received = self.used = self.invalid = self.duplicate = 0
        self.last: Sample | None = None


class ApproximateSynchronizer(Generic[T]):
    """
    Emits a set when every sensor has a message within `slop_ns` of the others.

    Every sensor, window sensors included, gives one message. What falls out of the queue
    counts as unmatched; period and jitter are not learned.

    Parameters
    ----------
    sensors : sequence of SensorSpec
        All sensors, in the order that matches list them; tolerances are not looked at.
    settings : SyncSettings
        `reference`, `slop_ns`, `queue_size` and `clock_jump_ns` serve.

    Raises
    ------
    ConfigError
        If message_filters cannot be imported, or no sensor can lead.

    """

    def __init__(
        self, sensors: Sequence[SensorSpec], settings: SyncSettings | None = None
    ) -> None:
        try:
            import message_filters
            from rclpy.time import Time
        except ImportError as err:
            raise ConfigError(
                'sync.policy', "message_filters (part of a ROS 2 install) for 'approximate'", err
            ) from err
        self._message_filters, self._time = message_filters, Time
        self._settings = settings or SyncSettings()
        self._sensors = tuple(sensors)
        self._reference = succession(sensors, self._settings.reference)[0].name
        self.reset()

    def reset(self) -> None:
        """
        Forget everything, counts included.
        """
        self._inputs = {
            spec.name: _Input(spec, self._message_filters.SimpleFilter())
            for spec in self._sensors
        }
        self._connect()

    def add(self, sensor: str, stamp_ns: int, payload: T, arrival_ns: int) -> list[Match[T]]:
        """
        Take in a message and return the set it completes, if any.
        """
        source = self._inputs.get(sensor)
        if source is None:
            raise ConfigError('sensor', f'one of {", ".join(self._inputs)}', sensor)
        source.received += 1
        if stamp_ns > 0:
            stamp_ns += source.spec.offset_ns
        if stamp_ns <= 0:
            source.invalid += 1
            return []
        if arrival_ns < self._now_ns - self._settings.clock_jump_ns:
            self._connect()
        self._now_ns = max(self._now_ns, arrival_ns)
        source.last = Sample(stamp_ns, arrival_ns, payload)
        if stamp_ns in self._queue(source):
            source.duplicate += 1
        # Only `header.stamp` is looked at, and a rclpy Time there is taken as it is.
        stamp = self._time(seconds=stamp_ns // NS_PER_S, nanoseconds=stamp_ns % NS_PER_S)
        source.filter.signalMessage(
            SimpleNamespace(header=SimpleNamespace(stamp=stamp), sample=source.last))
        emitted, self._emitted = self._emitted, []
        return emitted

    def poll(self, now_ns: int) -> list[Match[T]]:
        """
        Return nothing: this policy has no deadline.
        """
        return []

    def next_deadline_ns(self) -> None:
        """
        Return None: this policy has no deadline.
        """
        return

    def flush(self) -> list[Match[T]]:
        """
        End every queued message; there is never an open set.
        """
        self._connect()
        return []

    def statistics(self) -> tuple[SensorStatistics, ...]:
        """
        Report what was counted, in configured order.
        """
        return tuple(self._statistics_of(source) for source in self._inputs.values())

    def _connect(self) -> None:
        """
        Begin with empty queues.
        """
        self._now_ns = -1
        self._emitted: list[Match[T]] = []
        for source in self._inputs.values():
            source.filter.callbacks.clear()
        self._filter = self._message_filters.ApproximateTimeSynchronizer(
            [source.filter for source in self._inputs.values()],
            self._settings.queue_size, self._settings.slop_ns / NS_PER_S)
        self._filter.registerCallback(self._on_set)

    def _queue(self, source: _Input) -> dict[int, object]:
        return self._filter.queues[list(self._inputs.values()).index(source)]

    def _on_set(self, *messages: SimpleNamespace) -> None:
        samples = [message.sample for message in messages]
        reference = samples[list(self._inputs).index(self._reference)]
        for source in self._inputs.values():
            source.used += 1
        self._emitted.append(Match(
            reference.stamp_ns, self._reference, reference.arrival_ns, self._now_ns,
            tuple(
                MatchMember(name, (sample,), sample.stamp_ns - reference.stamp_ns,
                            self._now_ns - sample.arrival_ns)
                for name, sample in zip(self._inputs, samples, strict=True)
            )))

    def _statistics_of(self, source: _Input) -> SensorStatistics:
        pending = len(self._queue(source))
        ended = source.received - pending
        known = source.used + source.duplicate + source.invalid
        last = source.last
        return SensorStatistics(
            name=source.spec.name, received=source.received, pending=pending,
            counts=MessageCounts(
                used=source.used, unmatched=ended - known, duplicate=source.duplicate,
                invalid_stamp=source.invalid),
            clock=None if last is None else clock_kind(last.stamp_ns, last.arrival_ns),
            last_stamp_ns=None if last is None else last.stamp_ns)
