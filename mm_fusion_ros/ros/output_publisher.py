# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Publishes one output; what nobody subscribes to is not built."""

from __future__ import annotations

from typing import Generic, TYPE_CHECKING, TypeVar

from mm_fusion_ros.ros.message_types import message_class, ROS_TYPES
from mm_fusion_ros.ros.qos import output_qos

if TYPE_CHECKING:
    from rclpy.node import Node

    from mm_fusion_ros.output import Output

_T = TypeVar('_T')


class OutputPublisher(Generic[_T]):
    """
    The publisher of one output.

    Parameters
    ----------
    node : rclpy Node
        Its namespace goes before the topic.
    output : Output
        What is published.
    depth : int
        QoS history depth.

    """

    def __init__(self, node: Node, output: Output[_T], depth: int = 5) -> None:
        self._node = node
        self._output = output
        self._publisher = node.create_publisher(
            message_class(output.type), output.topic, output_qos(depth))

    def publish(self, content: _T) -> None:
        """Build and publish the message, if there is one and somebody listens."""
        if self._publisher.get_subscription_count():
            message = self._output.build(content, ROS_TYPES)
            if message is not None:
                self._publisher.publish(message)

    def destroy(self) -> None:
        """Take the publisher down."""
        self._node.destroy_publisher(self._publisher)
