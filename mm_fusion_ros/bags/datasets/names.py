# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Names of topics and frames, common to all data sets."""

BASE_FRAME = 'base_link'
LIDAR_FRAME = 'lidar_top'
ODOM_FRAME = 'odom'

TF_STATIC = '/tf_static'
POINTS = '/sensing/lidar/top/points'
IMU = '/sensing/imu/data'
GNSS_FIX = '/sensing/gnss/fix'
GNSS_VELOCITY = '/sensing/gnss/vel'
VEHICLE_TWIST = '/vehicle/twist'
TRUE_DETECTIONS = '/ground_truth/detections'
TRUE_ODOMETRY = '/ground_truth/odometry'


def image_topic(camera: str) -> str:
    """Name the topic of a camera's images."""
    return f'/sensing/camera/{camera}/image_raw'


def camera_info_topic(camera: str) -> str:
    """Name the topic of a camera's calibration."""
    return f'/sensing/camera/{camera}/camera_info'


def camera_frame(camera: str) -> str:
    """Name a camera's optical frame."""
    return f'camera_{camera}_optical'
