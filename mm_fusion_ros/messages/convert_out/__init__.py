# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
From the package's data types to ROS messages.

Each builder is given the message classes last (`MessageTypes`): the bag library's or rclpy's.
"""

from mm_fusion_ros.messages.convert_out.boxes import from_boxes
from mm_fusion_ros.messages.convert_out.diagnostics import from_frame_report, from_health
from mm_fusion_ros.messages.convert_out.images import compressed_from_pixels, from_pixels
from mm_fusion_ros.messages.convert_out.markers import markers_from_boxes
from mm_fusion_ros.messages.convert_out.point_clouds import (
    from_labelled_points,
    from_structured_points,
)

__all__ = [
    'compressed_from_pixels',
    'from_boxes',
    'from_frame_report',
    'from_health',
    'from_labelled_points',
    'from_pixels',
    'from_structured_points',
    'markers_from_boxes',
]
