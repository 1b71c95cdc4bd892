# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A vehicle with a constant twist, its odometry, and what its sensors see of what stands still."""

from __future__ import annotations

import numpy as np
from scipy.linalg import expm
from support.drive import START_NS

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.data_types import EgoPose
from mm_fusion_ros.geometry.transforms import inverse
from mm_fusion_ros.messages.convert_out import from_ego_pose
from mm_fusion_ros.stamps import NS_PER_S

TWIST = np.array([15.0, 0.0, 0.0, 0.0, 0.0, 0.5])  # m/s, then rad/s


def pose(stamp_ns: int, twist: np.ndarray = TWIST) -> np.ndarray:
    """Give T_odom_base (4, 4) at a stamp."""
    x, y, z, roll, pitch, yaw = twist
    generator = np.array(
        [[0.0, -yaw, pitch, x], [yaw, 0.0, -roll, y], [-pitch, roll, 0.0, z], [0.0] * 4])
    return np.asarray(expm(generator * ((stamp_ns - START_NS) / NS_PER_S)))


def odometry(stamp_ns: int, twist: np.ndarray = TWIST):
    """Build the Odometry of a stamp."""
    return from_ego_pose(
        EgoPose(stamp_ns, 'odom', 'base_link', pose(stamp_ns, twist), twist[:3], twist[3:]),
        BAG_TYPES)


def seen(
    points_in_odom: np.ndarray, stamps_ns: np.ndarray, T_base_sensor: np.ndarray,
    twist: np.ndarray = TWIST,
) -> np.ndarray:
    """Give what stands still as a sensor sees it: each point (N, 3) at its own stamp, float32."""
    wanted, rows = np.unique(stamps_ns, return_inverse=True)
    T = np.array([inverse(pose(int(s), twist) @ T_base_sensor) for s in wanted])[rows]
    moved = np.einsum('nij,nj->ni', T[:, :3, :3], points_in_odom) + T[:, :3, 3]
    return moved.astype(np.float32)
