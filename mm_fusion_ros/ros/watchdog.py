# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What keeps perception silent: sensors, frames, transforms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mm_fusion_ros.health import EgoMotionHealth, NodeHealth, SensorHealth
from mm_fusion_ros.messages.convert_out.diagnostics import from_health
from mm_fusion_ros.ros.message_types import ROS_TYPES
from mm_fusion_ros.ros.steady_watch import SteadyWatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from diagnostic_msgs.msg import DiagnosticArray
    from rclpy.node import Node

    from mm_fusion_ros.frame_assembler import FrameAssembler
    from mm_fusion_ros.perception_config import PerceptionConfig
    from mm_fusion_ros.ros.sync_input import SyncInput
    from mm_fusion_ros.ros.throttled_warnings import ThrottledWarnings


class Watchdog(SteadyWatch):
    """
    Reports the health of perception.

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
        super().__init__(node, warn)
        self._input = sync_input
        self._assembler = assembler
        self._counts = counts
        self._topics = {name: sensor.topic for name, sensor in config.sensors.items()}
        motion = config.ego_motion
        self._pose_topic = (
            node.resolve_topic_name(motion.odometry_topic)
            if motion.is_used and motion.source == 'odometry' else '')

    def _refresh(self) -> None:
        self._input.refresh()

    def _message(self, health: NodeHealth, now_ns: int) -> DiagnosticArray:
        return from_health(health, now_ns, ROS_TYPES)

    def _health(self) -> NodeHealth:
        skipped, failed, answered = self._counts()
        return NodeHealth(
            name=self._node.get_fully_qualified_name(),
            sensors=tuple(self._sensor_health(s) for s in self._input.synchronizer.statistics()),
            conflicts=self._assembler.conflicts,
            skipped_frames=skipped,
            failed_frames=failed,
            clock=self._clock(),
            unanswered_s=self._still('answers', answered),
            ego_motion=self._ego_motion_health(),
        )

    def _ego_motion_health(self) -> EgoMotionHealth | None:
        poses = self._assembler.poses
        if not poses.source:
            return None
        return EgoMotionHealth(
            source=self._pose_topic or poses.source,
            received=poses.received,
            rejected=poses.rejected,
            publishers=self._node.count_publishers(self._pose_topic) if self._pose_topic else -1,
            silent_s=self._still('ego motion', poses.received),
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
