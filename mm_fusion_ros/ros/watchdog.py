# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Looks a few times a second, on the steady clock, for whatever keeps perception silent.

Says it in the log and in /diagnostics; also lets the subscriptions follow their publishers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.clock import Clock, ClockType

from mm_fusion_ros.health import NodeHealth, SensorHealth
from mm_fusion_ros.messages.convert_out.diagnostics import from_health
from mm_fusion_ros.ros.message_types import ROS_TYPES
from mm_fusion_ros.stillness import Stillness

if TYPE_CHECKING:
    from collections.abc import Callable

    from rclpy.node import Node

    from mm_fusion_ros.frame_assembler import FrameAssembler
    from mm_fusion_ros.perception_config import PerceptionConfig
    from mm_fusion_ros.ros.sync_input import SyncInput
    from mm_fusion_ros.ros.throttled_warnings import ThrottledWarnings

_TICK_S = 0.2
_TICKS_PER_REPORT = 5
_TICKS_OF_GRACE = 10  # discovery takes a moment; silence before that means nothing


class Watchdog:
    """
    A steady timer that reports health.

    Parameters
    ----------
    node : rclpy Node
        Carries the timer and publishes /diagnostics.
    config : PerceptionConfig
        Names sensors and topics.
    sync_input : SyncInput
        What is watched.
    assembler : FrameAssembler
        Knows what could not be used.
    warn : ThrottledWarnings
        Told of every problem.
    counts : callable
        Returns (frames skipped, frames failed, frames answered).

    """

    def __init__(
        self,
        node: Node,
        config: PerceptionConfig,
        sync_input: SyncInput,
        assembler: FrameAssembler,
        *,
        warn: ThrottledWarnings,
        counts: Callable[[], tuple[int, int, int]],
    ) -> None:
        self._node = node
        self._input = sync_input
        self._assembler = assembler
        self._warn = warn
        self._counts = counts
        self._steady_clock = Clock(clock_type=ClockType.STEADY_TIME)
        self._stillness = Stillness()
        self._ticks = 0
        self._topics = {name: sensor.topic for name, sensor in config.sensors.items()}
        self._publisher = node.create_publisher(DiagnosticArray, '/diagnostics', 10)
        self._tick_timer = node.create_timer(
            _TICK_S, self._on_tick, clock=self._steady_clock)

    def destroy(self) -> None:
        """Stop watching."""
        self._node.destroy_timer(self._tick_timer)
        self._node.destroy_publisher(self._publisher)

    def _on_tick(self) -> None:
        self._input.refresh()
        self._ticks += 1
        if self._ticks % _TICKS_PER_REPORT:
            return
        health = self._health()
        if self._ticks >= _TICKS_OF_GRACE:
            self._warn.all(health.problems)
        now_ns = self._node.get_clock().now().nanoseconds
        self._publisher.publish(from_health(health, now_ns, ROS_TYPES))

    def _health(self) -> NodeHealth:
        skipped, failed, answered = self._counts()
        clock = self._node.get_clock()
        clock_ns = clock.now().nanoseconds
        return NodeHealth(
            name=self._node.get_fully_qualified_name(),
            sensors=tuple(self._sensor_health(s) for s in self._input.synchronizer.statistics()),
            conflicts=self._assembler.conflicts,
            skipped_frames=skipped,
            failed_frames=failed,
            clock_is_missing=clock.ros_time_is_active and clock_ns == 0,
            clock_stopped_s=self._still('/clock', clock_ns) if clock.ros_time_is_active else 0.0,
            unanswered_s=self._still('answers', answered),
        )

    def _sensor_health(self, statistics: object) -> SensorHealth:
        topic = self._topics[statistics.name]
        return SensorHealth(
            statistics=statistics,
            topic=topic,
            publishers=self._node.count_publishers(topic),
            reliability=self._input.reliabilities[topic],
            rejected=self._assembler.rejected(statistics.name),
            silent_s=self._still(topic, statistics.received),
        )

    def _still(self, name: str, value: int) -> float:
        return self._stillness.since_change_s(name, value, self._steady_clock.now().nanoseconds)
