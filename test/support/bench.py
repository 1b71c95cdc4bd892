# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A perception node in this process, with drivers to feed it and ears for what it says."""

from __future__ import annotations

import threading
import time

import numpy as np
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from support import drive

from mm_fusion_ros.bags.typestore import TYPESTORE
from mm_fusion_ros.messages.convert_in import to_boxes, to_frame_report
from mm_fusion_ros.nodes.perception_node import PerceptionNode
from mm_fusion_ros.ros.message_types import message_class
from mm_fusion_ros.ros.qos import latched_qos

WAIT_S = 10.0
FRAME_S = 0.15
TYPES = {
    drive.POINTS: 'sensor_msgs/msg/PointCloud2',
    drive.IMAGE: 'sensor_msgs/msg/Image',
    f'{drive.IMAGE}/compressed': 'sensor_msgs/msg/CompressedImage',
    drive.CAMERA_INFO: 'sensor_msgs/msg/CameraInfo',
    '/tf_static': 'tf2_msgs/msg/TFMessage',
}


class Bench:
    """
    Runs an active node; `parameters` override its defaults.

    Drivers publish serialised bytes, so that any message can be sent that a network could bring.
    """

    def __init__(self, **parameters) -> None:
        rclpy.init()
        overrides = [Parameter(name.replace('__', '.'), value=value)
                     for name, value in {'front__rectified': True, **parameters}.items()]
        self.node = PerceptionNode(parameter_overrides=overrides, namespace='/mm_fusion')
        self.said = []
        self._last_s = 0.0
        self.node.get_logger().warning = self.said.append
        self.driver = Node('driver')
        self._publishers = {}
        self._reports, self._boxes = {}, {}
        self.driver.create_subscription(
            message_class('diagnostic_msgs/msg/DiagnosticArray'), '/mm_fusion/frame_report',
            self._on_report, 50)
        self.driver.create_subscription(
            message_class('vision_msgs/msg/Detection3DArray'), '/mm_fusion/detections',
            self._on_detections, 50)
        self.executor = SingleThreadedExecutor()
        self.executor.add_node(self.node)
        self.executor.add_node(self.driver)
        self._thread = threading.Thread(target=self._spin, daemon=True)

    def __enter__(self):
        assert self.node.trigger_configure().name == 'SUCCESS'
        assert self.node.trigger_activate().name == 'SUCCESS'
        self._running = True
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._running = False
        self._thread.join()
        self.node.trigger_shutdown()
        self.node.destroy_node()
        self.driver.destroy_node()
        rclpy.shutdown()

    def _spin(self):
        while self._running:
            self.executor.spin_once(timeout_sec=0.05)

    def publisher(self, topic, qos=10):
        if topic not in self._publishers:
            profile = latched_qos() if topic == '/tf_static' else qos
            publisher = self.driver.create_publisher(
                message_class(TYPES[topic]), topic, profile)
            self.wait(lambda: publisher.get_subscription_count() > 0)
            self._publishers[topic] = publisher
        return self._publishers[topic]

    def send(self, topic, message) -> None:
        raw = message
        if not isinstance(message, bytes):
            raw = bytes(TYPESTORE.serialize_cdr(message, TYPES[topic]))
        self.publisher(topic).publish(raw)

    def send_calibration(self):
        self.send('/tf_static', drive.transforms())
        self.send(drive.CAMERA_INFO, drive.camera_info(time.time_ns()))
        time.sleep(0.3)

    def send_frame(self, cloud=drive.cloud, image=drive.image) -> int:
        """Send a frame of now; either message may be None, or made from its stamp."""
        # As far apart as frames of 7 Hz, so that no message belongs to two of them.
        time.sleep(max(self._last_s + FRAME_S - time.monotonic(), 0.0))
        self._last_s = time.monotonic()
        stamp_ns = time.time_ns()
        if image is not None:
            topic = drive.IMAGE
            message = image(stamp_ns)
            if message.__msgtype__.endswith('CompressedImage'):
                topic = f'{drive.IMAGE}/compressed'
            self.send(topic, message)
        if cloud is not None:
            self.send(drive.POINTS, cloud(stamp_ns))
        return stamp_ns

    def report(self, stamp_ns):
        """Wait for the report of a frame."""
        self.wait(lambda: stamp_ns in self._reports)
        return self._reports[stamp_ns]

    def boxes(self, stamp_ns):
        """Wait for the boxes of a frame."""
        self.wait(lambda: stamp_ns in self._boxes)
        return self._boxes[stamp_ns]

    def transition(self, name):
        """Run a transition where a state service would run it: in the thread that spins."""
        done = self.executor.create_task(getattr(self.node, f'trigger_{name}'))
        self.wait(done.done)
        return done.result()

    def wait(self, condition, limit_s=WAIT_S):
        """Wait until something holds."""
        end_s = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < end_s, f'nothing within {limit_s} s; said {self.said}'
            time.sleep(0.01)

    def _on_report(self, message):
        report = to_frame_report(message)
        self._reports[report.stamp_ns] = report

    def _on_detections(self, message):
        found = to_boxes(message)
        self._boxes[found.stamp_ns] = found.boxes


def assert_answers_well(bench, image=drive.image):
    """Assert that the next good frame is answered as if nothing had been."""
    stamp_ns = bench.send_frame(image=image)
    report = bench.report(stamp_ns)
    # What came too late for the frame before is told with this one.
    assert not [text for text in report.warnings if 'after the frame' not in text], report.warnings
    assert [sensor.present for sensor in report.sensors] == [True, True]
    boxes = bench.boxes(stamp_ns)
    assert np.linalg.norm(boxes.centers[:, :2] - drive.CAR_CENTER, axis=1).min() < 0.5
