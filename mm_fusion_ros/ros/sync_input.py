# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The subscriptions of perception: messages in, matches out. Nothing is converted here."""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

from mm_fusion_ros.intake import (
    input_topics,
    InputType,
    SensorIntake,
    sync_settings,
    TF,
    TF_STATIC,
)
from mm_fusion_ros.ros.approximate_sync import ApproximateSynchronizer
from mm_fusion_ros.ros.message_types import message_class
from mm_fusion_ros.ros.qos import AutoSubscription, latched_qos
from mm_fusion_ros.stamps import NS_PER_S
from mm_fusion_ros.sync.frame_synchronizer import FrameSynchronizer

if TYPE_CHECKING:
    from collections.abc import Callable

    from rclpy.node import Node

    from mm_fusion_ros.frame_assembler import FrameAssembler
    from mm_fusion_ros.intake import InputTopic, Received
    from mm_fusion_ros.perception_config import PerceptionConfig
    from mm_fusion_ros.sync.match import Match


_RESTART_NS = NS_PER_S


class SyncInput:
    """
    Subscribes, synchronises, and hands each match to one callback.

    Parameters
    ----------
    node : rclpy Node
        Its clock is the receiving clock.
    config : PerceptionConfig
        Names sensors and topics.
    assembler : FrameAssembler
        Is given CameraInfo and transforms.
    timer : callable
        Returns a monotonic time, ns.
    on_match, on_problem : callable
        Told of each match, and in words of what went wrong.

    """

    def __init__(
        self,
        node: Node,
        config: PerceptionConfig,
        assembler: FrameAssembler,
        timer: Callable[[], int],
        *,
        on_match: Callable[[Match[Received]], None],
        on_problem: Callable[[str], None],
    ) -> None:
        self._node = node
        self._assembler = assembler
        self._on_match = on_match
        self._on_problem = on_problem
        policy = {'reference': FrameSynchronizer, 'approximate': ApproximateSynchronizer}
        self.synchronizer = policy[config.sync.policy](*sync_settings(config))
        self._intake = SensorIntake(config, self.synchronizer, assembler, timer)
        self._subscriptions = {
            item.topic: self._subscribe(item)
            for item in input_topics(config)
            if item.type is not InputType.TRANSFORMS
        }
        self._static = node.create_subscription(
            message_class(InputType.TRANSFORMS.value), TF_STATIC, self._on_static_transforms,
            latched_qos(200))
        self._dynamic: AutoSubscription | None = None
        self._needs_tf = config.ego_motion.is_used and config.ego_motion.source == 'tf'
        self._now_ns = 0
        self._deadline = node.create_timer(1.0, self._on_deadline)
        self._deadline.cancel()

    @property
    def reliabilities(self) -> dict[str, str]:
        """The reliability in use on each sensor topic."""
        return {topic: item.reliability for topic, item in self._subscriptions.items()}

    def refresh(self) -> None:
        """Follow publishers that came, went or changed; to be called a few times a second."""
        for subscription in self._subscriptions.values():
            subscription.refresh()
        self._needs_tf |= self._assembler.needs_dynamic_transforms
        if self._dynamic is None and self._needs_tf:
            # Only then: at hundreds of messages a second /tf is not free.
            self._dynamic = AutoSubscription(
                self._node, message_class(InputType.TRANSFORMS.value), TF, self._on_transforms,
                reliability='auto', depth=100, on_incompatible=self._on_problem)
        if self._dynamic is not None:
            self._dynamic.refresh()

    def destroy(self) -> None:
        """End all subscriptions."""
        for subscription in self._subscriptions.values():
            subscription.destroy()
        if self._dynamic is not None:
            self._dynamic.destroy()
        self._node.destroy_subscription(self._static)
        self._node.destroy_timer(self._deadline)

    def _subscribe(self, item: InputTopic) -> AutoSubscription:
        if item.type is InputType.CAMERA_INFO:
            def callback(message: Any) -> None:
                self._assembler.set_camera_info(item.sensor, message)
        elif item.type is InputType.ODOMETRY:
            callback = self._on_odometry
        else:
            def callback(message: Any) -> None:
                self._on_message(item.sensor, message)
        return AutoSubscription(
            self._node, message_class(item.type.value), item.topic, callback,
            reliability=item.reliability, depth=item.depth, on_incompatible=self._on_problem)

    def _arrival_ns(self) -> int:
        """Give the time of the receiving clock; if it began anew, forget what was before."""
        now_ns = self._node.get_clock().now().nanoseconds
        if now_ns < self._now_ns - _RESTART_NS:  # simulated time, as in a looped bag
            self._assembler.reset_time()
        self._now_ns = now_ns
        return now_ns

    def _on_message(self, sensor: str, message: Any) -> None:
        self._hand_over(self._intake.receive(sensor, message, self._arrival_ns()))

    def _on_odometry(self, message: Any) -> None:
        arrival_ns = self._arrival_ns()
        for problem in self._assembler.add_odometry(message):
            self._on_problem(problem)
        self._hand_over(self._intake.pose_arrived(arrival_ns))

    def _on_deadline(self) -> None:
        self._hand_over(self._intake.poll(self._node.get_clock().now().nanoseconds))

    def _hand_over(self, matches: list[Match[Received]]) -> None:
        for match in matches:
            self._on_match(match)
        due_ns = self._intake.next_deadline_ns()
        if due_ns is None:
            self._deadline.cancel()
            return
        wait_ns = max(due_ns - self._node.get_clock().now().nanoseconds, 1)
        self._deadline.timer_period_ns = wait_ns
        self._deadline.reset()

    def _on_static_transforms(self, message: Any) -> None:
        for problem in self._assembler.add_transforms(message, is_static=True):
            self._on_problem(problem)

    def _on_transforms(self, message: Any) -> None:
        arrival_ns = self._arrival_ns()
        for problem in self._assembler.add_transforms(message, is_static=False):
            self._on_problem(problem)
        self._hand_over(self._intake.pose_arrived(arrival_ns))
