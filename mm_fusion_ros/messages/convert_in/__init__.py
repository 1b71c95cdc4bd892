# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
From ROS messages to the package's data types; fields are read by name.

So the classes of rclpy and those of the bag library are served alike. Whatever is wrong with a
message is an InvalidMessageError, raised before anything large is allocated.
"""

from mm_fusion_ros.messages.convert_in.boxes import StampedBoxes, to_boxes
from mm_fusion_ros.messages.convert_in.camera_info import check_image_fits, to_camera_model
from mm_fusion_ros.messages.convert_in.frame_report import to_frame_report
from mm_fusion_ros.messages.convert_in.images import to_camera_image
from mm_fusion_ros.messages.convert_in.inertial import to_imu_sample
from mm_fusion_ros.messages.convert_in.navigation import to_ego_pose, to_gnss_fix, to_twist
from mm_fusion_ros.messages.convert_in.point_clouds import to_lidar_sweep
from mm_fusion_ros.messages.convert_in.point_times import PointTimeSettings
from mm_fusion_ros.messages.convert_in.transforms import (
    add_transform,
    add_transforms,
    StampedTransform,
    to_transform,
)
from mm_fusion_ros.messages.convert_in.visibility import to_visibility

__all__ = [
    'PointTimeSettings',
    'StampedBoxes',
    'StampedTransform',
    'add_transform',
    'add_transforms',
    'check_image_fits',
    'to_boxes',
    'to_camera_image',
    'to_camera_model',
    'to_ego_pose',
    'to_frame_report',
    'to_gnss_fix',
    'to_imu_sample',
    'to_lidar_sweep',
    'to_transform',
    'to_twist',
    'to_visibility',
]
