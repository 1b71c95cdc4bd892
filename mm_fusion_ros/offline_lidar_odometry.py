# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
LiDAR odometry over a bag: from the messages of one LiDAR to those of its motion.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TYPE_CHECKING

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.localization.lidar_odometry import LidarOdometry
from mm_fusion_ros.messages.convert_in import PointTimeSettings, to_lidar_sweep
from mm_fusion_ros.messages.convert_out import sure_twist_from_twist
from mm_fusion_ros.stamps import NS_PER_MS

if TYPE_CHECKING:
    from mm_fusion_ros.perception_config import LidarConfig


class BagLidarOdometry:
    """
    Tells how one LiDAR moves, by its messages.

    Parameters
    ----------
    lidar : LidarConfig
        How they are read.

    """

    def __init__(self, lidar: LidarConfig) -> None:
        self._lidar = lidar
        self._times = PointTimeSettings(
            lidar.time_field, lidar.time_unit, lidar.time_reference, lidar.stamp_is)
        self._odometry = LidarOdometry()

    def add(self, message: Any, arrival_ns: int) -> Any:
        """
        Make a TwistWithCovarianceStamped of a PointCloud2; None where nothing can be told.
        """
        try:
            sweep = to_lidar_sweep(message, self._times)
        except InvalidMessageError:
            return None  # perception has said so
        stamp_ns = sweep.stamp_ns + round(self._lidar.offset_ms * NS_PER_MS)
        if self._lidar.stamp_source == 'arrival':
            stamp_ns = arrival_ns
        twist = self._odometry.add(replace(sweep, stamp_ns=stamp_ns))
        return None if twist is None else sure_twist_from_twist(twist, BAG_TYPES)
