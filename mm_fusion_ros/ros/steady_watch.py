# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Looks a few times a second, on the steady clock, for whatever keeps a node silent.

Says it in the log and in /diagnostics; also lets the subscriptions follow their publishers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, TYPE_CHECKING

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.clock import Clock, ClockType

from mm_fusion_ros.health import ClockHealth
from mm_fusion_ros.stillness import Stillness

if TYPE_CHECKING:
    from rclpy.node import Node

    from mm_fusion_ros.ros.throttled_warnings import ThrottledWarnings

_TICK_S = 0.2
_TICKS_PER_REPORT = 5
_TICKS_OF_GRACE = 10  # discovery takes a moment; silence before that means nothing


class SteadyWatch(ABC):
    """
    A steady timer that reports the health of a node.

    Parameters
    ----------
    node : rclpy Node
        Carries the timer and publishes /diagnostics.
    warn : ThrottledWarnings
        Told of every problem.

    """

    def __init__(self, node: Node, warn: ThrottledWarnings) -> None:
        self._node = node
        self._warn = warn
        self._steady_clock = Clock(clock_type=ClockType.STEADY_TIME)
        self._stillness = Stillness()
        self._ticks = 0
        self._publisher = node.create_publisher(DiagnosticArray, '/diagnostics', 10)
        self._tick_timer = node.create_timer(
            _TICK_S, self._on_tick, clock=self._steady_clock)

    @abstractmethod
    def _refresh(self) -> None:
        """Let subscriptions follow their publishers."""

    @abstractmethod
    def _health(self) -> Any:
        """Look at everything; what is found has `problems`."""

    @abstractmethod
    def _message(self, health: Any, now_ns: int) -> DiagnosticArray:
        """Put it into a message."""

    def destroy(self) -> None:
        """Stop watching."""
        self._node.destroy_timer(self._tick_timer)
        self._node.destroy_publisher(self._publisher)

    def _on_tick(self) -> None:
        self._refresh()
        self._ticks += 1
        if self._ticks % _TICKS_PER_REPORT:
            return
        health = self._health()
        if self._ticks >= _TICKS_OF_GRACE:
            self._warn.all(health.problems)
        now_ns = self._node.get_clock().now().nanoseconds
        self._publisher.publish(self._message(health, now_ns))

    def _clock(self) -> ClockHealth:
        clock = self._node.get_clock()
        clock_ns = clock.now().nanoseconds
        if not clock.ros_time_is_active:
            return ClockHealth()
        return ClockHealth(
            is_missing=clock_ns == 0, stopped_s=self._still('/clock', clock_ns))

    def _still(self, name: str, value: int) -> float:
        return self._stillness.since_change_s(name, value, self._steady_clock.now().nanoseconds)
