# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Camera, LiDAR, IMU and GNSS in; 3D detections, tracks and maps out, on ROS 2 and without it."""

__version__ = '0.1.0'
