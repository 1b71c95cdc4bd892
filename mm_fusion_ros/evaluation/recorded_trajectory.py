# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Reads the poses of a bag as a trajectory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.evaluation.trajectory import from_ego_poses, Trajectory
from mm_fusion_ros.messages.convert_in import to_ego_pose

if TYPE_CHECKING:
    from pathlib import Path

_ODOMETRY = 'nav_msgs/msg/Odometry'


def read_trajectory(bag: Path, topic: str) -> Trajectory:
    """
    Read every Odometry of a topic, in the order of their stamps.

    Raises
    ------
    BagError
        If the bag has no Odometry on that topic.
    InvalidMessageError
        If a pose is not finite, or two have the same stamp.

    """
    with BagReader(bag) as reader:
        odometries = [info.name for info in reader.topics if info.type == _ODOMETRY]
        if topic not in odometries:
            raise BagError(f'bag {bag}', f'Odometry on {topic}', f'on {odometries or "no topic"}')
        poses = [to_ego_pose(recorded.message) for recorded in reader.messages([topic])]
    return from_ego_poses(sorted(poses, key=lambda pose: pose.stamp_ns))
