# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Publishes answers; what nobody subscribes to is not built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mm_fusion_ros.outputs import report_output, result_outputs, view_outputs
from mm_fusion_ros.ros.message_types import ROS_TYPES
from mm_fusion_ros.ros.qos import output_qos
from mm_fusion_ros.ros.sync_input import message_class

if TYPE_CHECKING:
    from rclpy.node import Node
    from rclpy.publisher import Publisher

    from mm_fusion_ros.outputs import Answer, Output
    from mm_fusion_ros.perception_config import PerceptionConfig


class Publishers:
    """
    One publisher for each output.

    Parameters
    ----------
    node : rclpy Node
        Its namespace goes before the topics.
    config : PerceptionConfig
        Decides which outputs there are.

    """

    def __init__(self, node: Node, config: PerceptionConfig) -> None:
        self._node = node
        self._results = [self._advertise(output) for output in result_outputs()]
        self._views = [self._advertise(output) for output in view_outputs(config)]
        self._report = self._advertise(report_output())

    def publish_results(self, answer: Answer) -> None:
        """Publish what others act on."""
        for output, publisher in self._results:
            _publish(output, publisher, answer)

    def publish_views(self, answer: Answer) -> None:
        """Publish what people look at."""
        for output, publisher in self._views:
            _publish(output, publisher, answer)

    def publish_report(self, answer: Answer) -> None:
        """Publish what stood behind the answer, once all else is out."""
        _publish(*self._report, answer)

    def destroy(self) -> None:
        """Take the publishers down."""
        for _, publisher in (*self._results, *self._views, self._report):
            self._node.destroy_publisher(publisher)

    def _advertise(self, output: Output) -> tuple[Output, Publisher]:
        kind = message_class(output.type)
        return output, self._node.create_publisher(kind, output.topic, output_qos())


def _publish(output: Output, publisher: Publisher, answer: Answer) -> None:
    if publisher.get_subscription_count():
        message = output.build(answer, ROS_TYPES)
        if message is not None:
            publisher.publish(message)
