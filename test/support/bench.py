# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A perception node in this process, with drivers to feed it and ears for what it says."""

from __future__ import annotations

import time

import numpy as np
from support import drive
from support.node_bench import NodeBench

from mm_fusion_ros.messages.convert_in import to_boxes, to_frame_report
from mm_fusion_ros.nodes.perception_node import PerceptionNode

FRAME_S = 0.15
TYPES = {
    drive.POINTS: 'sensor_msgs/msg/PointCloud2',
    drive.IMAGE: 'sensor_msgs/msg/Image',
    f'{drive.IMAGE}/compressed': 'sensor_msgs/msg/CompressedImage',
    drive.CAMERA_INFO: 'sensor_msgs/msg/CameraInfo',
    '/mm_fusion/odometry': 'nav_msgs/msg/Odometry',
    '/tf': 'tf2_msgs/msg/TFMessage',
    '/clock': 'rosgraph_msgs/msg/Clock',
    '/tf_static': 'tf2_msgs/msg/TFMessage',
}


class Bench(NodeBench):
    """
    Runs an active perception node; `parameters` override its defaults.
    """

    def __init__(self, **parameters) -> None:
        super().__init__(PerceptionNode, TYPES, {
            'front__rectified': True, 'detector__model': '', **parameters})
        self._last_s = 0.0
        self._reports, self._boxes = {}, {}
        self.hear('diagnostic_msgs/msg/DiagnosticArray', '/mm_fusion/frame_report',
                  self._on_report)
        self.hear('vision_msgs/msg/Detection3DArray', '/mm_fusion/detections',
                  self._on_detections)

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
