# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Builds the parts that many messages share."""

from __future__ import annotations

import math
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros import stamps
from mm_fusion_ros.geometry.transforms import to_quaternion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from mm_fusion_ros.messages.message_types import MessageTypes


def header(stamp_ns: int, frame_id: str, types: MessageTypes) -> Any:
    """Build a std_msgs/Header."""
    sec, nanosec = stamps.split(stamp_ns)
    return types.Header(stamp=types.Time(sec=sec, nanosec=nanosec), frame_id=frame_id)


def point(xyz: Iterable[float], types: MessageTypes) -> Any:
    """Build a geometry_msgs/Point."""
    x, y, z = map(float, xyz)
    return types.Point(x=x, y=y, z=z)


def vector(xyz: Iterable[float], types: MessageTypes) -> Any:
    """Build a geometry_msgs/Vector3."""
    x, y, z = map(float, xyz)
    return types.Vector3(x=x, y=y, z=z)


def quaternion(xyzw: Iterable[float], types: MessageTypes) -> Any:
    """Build a geometry_msgs/Quaternion."""
    x, y, z, w = map(float, xyzw)
    return types.Quaternion(x=x, y=y, z=z, w=w)


def pose(T: NDArray[np.float64], types: MessageTypes) -> Any:
    """Build a geometry_msgs/Pose from a transform (4, 4)."""
    return types.Pose(
        position=point(T[:3, 3], types), orientation=quaternion(to_quaternion(T), types)
    )


def upright_pose(xyz: Iterable[float], yaw_rad: float, types: MessageTypes) -> Any:
    """Build the geometry_msgs/Pose of something turned about +z only."""
    half = float(yaw_rad) / 2.0
    turn = quaternion((0.0, 0.0, math.sin(half), math.cos(half)), types)
    return types.Pose(position=point(xyz, types), orientation=turn)


def covariance(matrix: NDArray[np.float64] | None, size: int) -> NDArray[np.float64]:
    """Give the elements of a matrix (size, size) row by row; all zero means unknown."""
    return np.zeros(size * size) if matrix is None else matrix.flatten()
