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
TRUTH = '/ground_truth'  # nothing below it is a sensor's
TRUE_DETECTIONS = f'{TRUTH}/detections'
TRUE_ODOMETRY = f'{TRUTH}/odometry'
TRUE_IMU_BIAS = f'{TRUTH}/imu_bias'
IMU_FRAME = 'imu_link'
GNSS_FRAME = 'gnss_antenna'


def points_topic(lidar: str) -> str:
    """Name the topic of a LiDAR's sweeps."""
    return f'/sensing/lidar/{lidar}/points'


def lidar_frame(lidar: str) -> str:
    """Name a LiDAR's frame."""
    return f'lidar_{lidar}'


def image_topic(camera: str) -> str:
    """Name the topic of a camera's images."""
    return f'/sensing/camera/{camera}/image_raw'


def camera_info_topic(camera: str) -> str:
    """Name the topic of a camera's calibration."""
    return f'/sensing/camera/{camera}/camera_info'


def camera_frame(camera: str) -> str:
    """Name a camera's optical frame."""
    return f'camera_{camera}_optical'


def true_map_topic(layer: str) -> str:
    """Name the topic of a layer of the true map."""
    return f'{TRUTH}/bev/{layer}'


def true_depth_topic(camera: str) -> str:
    """Name the topic of a camera's true depth."""
    return f'{TRUTH}/depth/{camera}'


def true_visibility_topic(sensor: str) -> str:
    """Name the topic that tells how much a sensor saw of each object."""
    return f'{TRUTH}/visibility/{sensor}'
