# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A vehicle with a constant twist, its odometry, and what its sensors see of what stands still."""

from __future__ import annotations

import numpy as np
from scipy.linalg import expm
from support import drive
from support.drive import START_NS

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.bags.write import BagWriter
from mm_fusion_ros.data_types import EgoPose
from mm_fusion_ros.geometry.transforms import apply, inverse
from mm_fusion_ros.messages.convert_out import (
    from_ego_pose,
    from_point_columns,
    from_transforms,
)
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

ODOMETRY = '/mm_fusion/odometry'
IMAGE_LATE_NS = 40 * NS_PER_MS
TWIST = np.array([15.0, 0.0, 0.0, 0.0, 0.0, 0.5])  # m/s, then rad/s


def pose(stamp_ns: int, twist: np.ndarray = TWIST, start_ns: int = START_NS) -> np.ndarray:
    """Give T_odom_base (4, 4) at a stamp; the vehicle starts at the origin."""
    x, y, z, roll, pitch, yaw = twist
    generator = np.array(
        [[0.0, -yaw, pitch, x], [yaw, 0.0, -roll, y], [-pitch, roll, 0.0, z], [0.0] * 4])
    return np.asarray(expm(generator * ((stamp_ns - start_ns) / NS_PER_S)))


def odometry(stamp_ns: int, twist: np.ndarray = TWIST, start_ns: int = START_NS):
    """Build the Odometry of a stamp."""
    T = pose(stamp_ns, twist, start_ns)
    return from_ego_pose(
        EgoPose(stamp_ns, 'odom', 'base_link', T, twist[:3], twist[3:]), BAG_TYPES)


def seen(
    points_in_odom: np.ndarray, stamps_ns: np.ndarray, T_base_sensor: np.ndarray,
    twist: np.ndarray = TWIST, start_ns: int = START_NS,
) -> np.ndarray:
    """Give what stands still as a sensor sees it: each point (N, 3) at its own stamp, float32."""
    wanted, rows = np.unique(stamps_ns, return_inverse=True)
    T = np.array([inverse(pose(int(s), twist, start_ns) @ T_base_sensor) for s in wanted])[rows]
    moved = np.einsum('nij,nj->ni', T[:, :3, :3], points_in_odom) + T[:, :3, 3]
    return moved.astype(np.float32)


def cloud(stamp_ns: int, twist: np.ndarray = TWIST, start_ns: int = START_NS):
    """Build a PointCloud2 of the car and the ground, swept clockwise from behind in 100 ms."""
    scene = apply(drive.T_BASE_LIDAR, drive.scene_points().astype(np.float64))
    at_start = apply(inverse(pose(stamp_ns, twist, start_ns) @ drive.T_BASE_LIDAR), scene)
    turned = (np.pi - np.arctan2(at_start[:, 1], at_start[:, 0])) / (2.0 * np.pi)
    offsets_ns = np.rint(turned * 100).astype(np.int64) * NS_PER_MS
    points = seen(scene, stamp_ns + offsets_ns, drive.T_BASE_LIDAR, twist, start_ns)
    columns = {axis: np.ascontiguousarray(points[:, i]) for i, axis in enumerate('xyz')}
    columns['t'] = offsets_ns.astype(np.uint32)
    return from_point_columns(columns, stamp_ns, 'lidar_top', BAG_TYPES)


def car_at(
    stamp_ns: int, twist: np.ndarray = TWIST, start_ns: int = START_NS
) -> np.ndarray:
    """Give where the car is from the vehicle at a stamp: x, y, m."""
    center = np.array([[*drive.CAR_CENTER, 0.0]])
    return apply(inverse(pose(stamp_ns, twist, start_ns)), center)[0, :2]


def messages(
    frames: int = 5, *, poses: str = ODOMETRY, delay_ms: int = 2, twist: np.ndarray = TWIST,
    start_ns: int = START_NS,
) -> list:
    """
    Give (arrival, topic, message) of a drive: images are 40 ms late, poses come at 50 Hz.

    The topic of poses is /tf, that of an Odometry, or empty for none.
    """
    found = []
    for frame in range(frames):
        stamp_ns = start_ns + frame * drive.PERIOD_NS
        image_ns = stamp_ns + IMAGE_LATE_NS
        found += [
            (image_ns + 1, drive.CAMERA_INFO, drive.camera_info(image_ns)),
            (image_ns + 2, drive.IMAGE, drive.image(image_ns)),
            (stamp_ns + 105 * NS_PER_MS, drive.POINTS, cloud(stamp_ns, twist, start_ns))]
    for step in range(5 * frames + 10 if poses else 0):
        stamp_ns = start_ns + (20 * step - 50) * NS_PER_MS
        message = odometry(stamp_ns, twist, start_ns)
        if poses == '/tf':
            T = pose(stamp_ns, twist, start_ns)
            message = from_transforms({'base_link': T}, stamp_ns, 'odom', BAG_TYPES)
        found.append((stamp_ns + delay_ms * NS_PER_MS, poses, message))
    return sorted(found, key=lambda item: item[0])


def write_drive(path, frames: int = 5, **options) -> None:
    """Write `messages` into a bag."""
    with BagWriter(path) as bag:
        bag.write('/tf_static', drive.transforms(), START_NS, transient_local=True)
        for arrival_ns, topic, message in messages(frames, **options):
            bag.write(topic, message, max(arrival_ns, START_NS))
