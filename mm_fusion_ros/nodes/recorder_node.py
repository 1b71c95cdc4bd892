# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Records every topic below a namespace into a bag, as it comes, without decoding it.

For machines without `ros2 bag`, and so that a demo needs nothing else.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
import re
import sys
from typing import TYPE_CHECKING

import rclpy
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rclpy.qos import QoSProfile

from mm_fusion_ros.bags.write import BagWriter
from mm_fusion_ros.errors import MmFusionError
from mm_fusion_ros.ros.lifetime import ros_process
from mm_fusion_ros.ros.message_types import message_class

if TYPE_CHECKING:
    from collections.abc import Callable

_DEPTH = 50
_LOOK_S = 0.1


class RecorderNode(Node):
    """
    Subscribes to topics as they appear; log times are this node's, which may be simulated.

    Parameters of the node: `bag` (folder to write), `below` (start of the topics' names),
    `exclude` (regular expression of names to leave out).
    """

    def __init__(self) -> None:
        """Declare where to record, and what."""
        super().__init__('recorder_node')
        self.bag = Path(self.declare_parameter('bag', 'recording').value)
        self._below = self.declare_parameter('below', '/mm_fusion/').value
        self._exclude = re.compile(self.declare_parameter('exclude', '^$').value)
        self._log_time_ns = 0
        self._topics: dict[str, object] = {}
        self.writer: BagWriter | None = None
        self.create_timer(_LOOK_S, self._look, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def _look(self) -> None:
        for topic, types in self.get_topic_names_and_types():
            if topic in self._topics or not topic.startswith(self._below):
                continue
            if self._exclude.search(topic):
                continue
            self._topics[topic] = self.create_subscription(
                message_class(types[0]), topic, self._recorder(topic, types[0]),
                QoSProfile(depth=_DEPTH), raw=True)

    def _recorder(self, topic: str, kind: str) -> Callable[[bytes], None]:
        def record(raw: bytes) -> None:
            now_ns = self.get_clock().now().nanoseconds
            self._log_time_ns = max(now_ns, self._log_time_ns)
            self.writer.write_raw(topic, kind, raw, self._log_time_ns)

        return record


def main(args: list[str] | None = None) -> int:
    """Record until interrupted; the bag appears when it is complete."""
    with ros_process(args):
        node = RecorderNode()
        try:
            with BagWriter(node.bag, overwrite=True) as writer:
                node.writer = writer
                with suppress(KeyboardInterrupt):
                    rclpy.spin(node)
        except MmFusionError as err:
            node.get_logger().error(str(err))
            return 2
        finally:
            node.destroy_node()
    return 0


if __name__ == '__main__':
    sys.exit(main())
