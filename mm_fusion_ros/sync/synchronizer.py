# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The verbs that every synchronisation policy has.
"""

from __future__ import annotations

from typing import Protocol, TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from mm_fusion_ros.sync.counts import SensorStatistics
    from mm_fusion_ros.sync.match import Match

T = TypeVar('T')


class Synchronizer(Protocol[T]):
    """
    Decides which messages belong together.

    All times are ns. Stamps are the sensors'; `arrival_ns` and `now_ns` are the receiving
    clock's: ROS time, or the log time of a bag.
    """

    def add(self, sensor: str, stamp_ns: int, payload: T, arrival_ns: int) -> list[Match[T]]:
        """
        Take in a message and return the matches that are decided now.
        """

    def poll(self, now_ns: int) -> list[Match[T]]:
        """
        Return the matches that are decided by time having passed.
        """

    def next_deadline_ns(self) -> int | None:
        """
        Return when `poll` will next have something to do, None if only a message can help.
        """

    def flush(self) -> list[Match[T]]:
        """
        End the stream: return every open match with what it has, end every pending message.
        """

    def reset(self) -> None:
        """
        Forget everything, counts included.
        """

    def statistics(self) -> tuple[SensorStatistics, ...]:
        """
        Report what was counted and learned, in configured order.
        """
