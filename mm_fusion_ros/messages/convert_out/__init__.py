# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
From the package's data types to ROS messages.

Each builder is given the message classes last (`MessageTypes`): the bag library's or rclpy's.
"""

from mm_fusion_ros.messages.convert_out.boxes import from_boxes
from mm_fusion_ros.messages.convert_out.camera_info import from_camera_model
from mm_fusion_ros.messages.convert_out.diagnostics import from_frame_report, from_health
from mm_fusion_ros.messages.convert_out.grids import from_grid, Grid
from mm_fusion_ros.messages.convert_out.images import (
    compressed_from_pixels,
    from_depth,
    from_jpeg,
    from_pixels,
)
from mm_fusion_ros.messages.convert_out.inertial import from_imu_sample
from mm_fusion_ros.messages.convert_out.localization_diagnostics import from_localization_health
from mm_fusion_ros.messages.convert_out.markers import markers_from_boxes
from mm_fusion_ros.messages.convert_out.navigation import (
    from_ego_pose,
    from_gnss_fix,
    from_twist,
    path_from_poses,
    pose_from_ego_pose,
    pose_stamped_from_ego_pose,
    sure_twist_from_twist,
)
from mm_fusion_ros.messages.convert_out.point_clouds import (
    from_labelled_points,
    from_point_columns,
    from_structured_points,
)
from mm_fusion_ros.messages.convert_out.transforms import from_transforms
from mm_fusion_ros.messages.convert_out.visibility import from_visibility

__all__ = [
    'Grid',
    'compressed_from_pixels',
    'from_boxes',
    'from_camera_model',
    'from_depth',
    'from_ego_pose',
    'from_frame_report',
    'from_gnss_fix',
    'from_grid',
    'from_health',
    'from_imu_sample',
    'from_jpeg',
    'from_labelled_points',
    'from_localization_health',
    'from_pixels',
    'from_point_columns',
    'from_structured_points',
    'from_transforms',
    'from_twist',
    'from_visibility',
    'markers_from_boxes',
    'path_from_poses',
    'pose_from_ego_pose',
    'pose_stamped_from_ego_pose',
    'sure_twist_from_twist',
]
