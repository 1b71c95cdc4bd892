# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A match in the making: what it still waits for, and until when.
"""

from __future__ import annotations

from typing import Generic, TYPE_CHECKING, TypeVar

from mm_fusion_ros.sync.stamp_clock import NEVER_NS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mm_fusion_ros.sync.sensor_channel import SensorChannel
    from mm_fusion_ros.sync.stamped_buffer import Held

T = TypeVar('T')


class Slot(Generic[T]):
    """
    Opened by a message of the reference, emitted once.

    Parameters
    ----------
    leader : SensorChannel
        The reference.
    held : Held
        Its message.
    max_wait_ns : int
        Longest wait after its arrival.
    channels : iterable of SensorChannel
        All sensors.

    """

    __slots__ = ('_deadline_ns', '_waiting', 'due_ns', 'held', 'leader', 'stamp_ns')

    def __init__(
        self, leader: SensorChannel[T], held: Held[T], max_wait_ns: int,
        channels: Iterable[SensorChannel[T]],
    ) -> None:
        self.leader = leader
        self.held = held
        self.stamp_ns = held.sample.stamp_ns
        self._deadline_ns = held.sample.arrival_ns + max_wait_ns
        self._waiting: dict[SensorChannel[T], int] = {}
        for channel in channels:
            if channel is not leader:
                until_ns = channel.wait_until_ns(self.stamp_ns, self._deadline_ns)
                if until_ns != NEVER_NS:
                    self._waiting[channel] = until_ns
        self._set_due()

    def reconsider(self, channel: SensorChannel[T]) -> None:
        """
        Take into account that a sensor has just received a message.
        """
        if channel not in self._waiting:
            return
        until_ns = channel.wait_until_ns(self.stamp_ns, self._deadline_ns)
        if until_ns == NEVER_NS:
            del self._waiting[channel]
        else:
            self._waiting[channel] = until_ns
        self._set_due()

    def close(self) -> None:
        """
        Wait for nothing any more.
        """
        self._waiting.clear()
        self._set_due()

    def _set_due(self) -> None:
        # Due when the last sensor waited for would count as silent: at once if there is none.
        self.due_ns = min(self._deadline_ns, max(self._waiting.values(), default=NEVER_NS))
