# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What keeps the localization silent, or unsure: sensors, transforms, the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mm_fusion_ros.localization_node_health import InputState, LocalizationNodeHealth
from mm_fusion_ros.messages.convert_out import from_localization_health
from mm_fusion_ros.ros.message_types import ROS_TYPES
from mm_fusion_ros.ros.steady_watch import SteadyWatch

if TYPE_CHECKING:
    from diagnostic_msgs.msg import DiagnosticArray
    from rclpy.node import Node

    from mm_fusion_ros.localization.localizer import Localizer
    from mm_fusion_ros.localization_node_health import AnswerLog
    from mm_fusion_ros.ros.localization_input import LocalizationInput
    from mm_fusion_ros.ros.throttled_warnings import ThrottledWarnings
    from mm_fusion_ros.ros.transform_listener import TransformListener
    from mm_fusion_ros.ros.typed_subscription import TypedSubscription


class LocalizationWatch(SteadyWatch):
    """
    Reports the health of the localization.

    Parameters
    ----------
    node : rclpy Node
        Carries the timer and publishes /diagnostics.
    inputs : LocalizationInput
        What is watched.
    transforms : TransformListener
        Knows who else publishes transforms.
    localizer : Localizer
        Knows what became of the measurements.
    warn : ThrottledWarnings
        Told of every problem.
    answers : AnswerLog
        Of the poses published.

    """

    def __init__(
        self,
        node: Node,
        inputs: LocalizationInput,
        transforms: TransformListener,
        localizer: Localizer,
        *,
        warn: ThrottledWarnings,
        answers: AnswerLog,
    ) -> None:
        super().__init__(node, warn)
        self._inputs = inputs
        self._transforms = transforms
        self._localizer = localizer
        self._answers = answers

    def _refresh(self) -> None:
        self._inputs.refresh()
        self._transforms.refresh()

    def _message(self, health: LocalizationNodeHealth, now_ns: int) -> DiagnosticArray:
        return from_localization_health(health, now_ns, ROS_TYPES)

    def _health(self) -> LocalizationNodeHealth:
        return LocalizationNodeHealth(
            name=self._node.get_fully_qualified_name(),
            estimator=self._localizer.health(),
            inputs={source: self._input(subscription)
                    for source, subscription in self._inputs.subscriptions.items()},
            conflicts=self._transforms.conflicts,
            clock=self._clock(),
            unanswered_s=self._still('answers', self._answers.count),
            latency_ms=self._answers.latency_ms(0.5),
            latency_p99_ms=self._answers.latency_ms(0.99),
        )

    def _input(self, subscription: TypedSubscription) -> InputState:
        return InputState(
            topic=subscription.topic,
            publishers=self._node.count_publishers(subscription.topic),
            reliability=subscription.reliability,
        )
