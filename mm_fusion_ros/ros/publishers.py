# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Publishes answers; what nobody subscribes to is not built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mm_fusion_ros.outputs import perception_outputs
from mm_fusion_ros.ros.message_types import ROS_TYPES
from mm_fusion_ros.ros.qos import output_qos
from mm_fusion_ros.ros.sync_input import message_class

if TYPE_CHECKING:
    from rclpy.node import Node

    from mm_fusion_ros.outputs import Answer
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
        self._outputs = [
            (output, node.create_publisher(message_class(output.type), output.topic, output_qos()))
            for output in perception_outputs(config)
        ]

    def publish(self, answer: Answer) -> None:
        """Build and publish every output somebody listens to."""
        for output, publisher in self._outputs:
            if publisher.get_subscription_count():
                publisher.publish(output.build(answer, ROS_TYPES))

    def destroy(self) -> None:
        """Take the publishers down."""
        for _, publisher in self._outputs:
            self._node.destroy_publisher(publisher)
