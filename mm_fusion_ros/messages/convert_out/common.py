# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Builds the parts that many messages share."""

from __future__ import annotations

import math
from typing import Any, TYPE_CHECKING

from mm_fusion_ros import stamps

if TYPE_CHECKING:
    from collections.abc import Iterable

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


def upright_pose(xyz: Iterable[float], yaw_rad: float, types: MessageTypes) -> Any:
    """Build the geometry_msgs/Pose of something turned about +z only."""
    half = float(yaw_rad) / 2.0
    turn = types.Quaternion(x=0.0, y=0.0, z=math.sin(half), w=math.cos(half))
    return types.Pose(position=point(xyz, types), orientation=turn)
