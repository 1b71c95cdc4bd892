# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Publishes answers of perception."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mm_fusion_ros.outputs import report_output, result_outputs, view_outputs
from mm_fusion_ros.ros.output_publisher import OutputPublisher

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
        self._results = [OutputPublisher(node, output) for output in result_outputs()]
        self._views = [OutputPublisher(node, output) for output in view_outputs(config)]
        self._report = OutputPublisher(node, report_output())

    def publish_results(self, answer: Answer) -> None:
        """Publish what others act on."""
        for publisher in self._results:
            publisher.publish(answer)

    def publish_views(self, answer: Answer) -> None:
        """Publish what people look at."""
        for publisher in self._views:
            publisher.publish(answer)

    def publish_report(self, answer: Answer) -> None:
        """Publish what stood behind the answer, once all else is out."""
        self._report.publish(answer)

    def destroy(self) -> None:
        """Take the publishers down."""
        for publisher in (*self._results, *self._views, self._report):
            publisher.destroy()
