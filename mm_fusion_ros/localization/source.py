# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Where measurements come from.
"""

from enum import Enum


class Source(Enum):
    """The inputs of the localization; the value is the name of its section of parameters."""

    IMU = 'imu'
    COMPASS = 'imu orientation'
    FIX = 'gnss'
    GNSS_VELOCITY = 'gnss velocity'
    WHEELS = 'wheels'
    VELOCITY = 'velocity'
