# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Makes frames of what files hold, as the assembler makes them of messages.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.datasets.image_files import read_image
from mm_fusion_ros.data_types import (
    CameraImage,
    CameraInput,
    LidarInput,
    LidarSweep,
    SensorFrame,
    SensorState,
)
from mm_fusion_ros.ego_motion.motion_removal import deskewed, with_moved_cameras
from mm_fusion_ros.ego_motion.own_motion import own_motion
from mm_fusion_ros.geometry.boxes import count_points
from mm_fusion_ros.geometry.pose_buffer import PoseBuffer
from mm_fusion_ros.geometry.projection import CameraModel
from mm_fusion_ros.geometry.transforms import apply, inverse
from mm_fusion_ros.stamps import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D, EgoPose

LIDAR = 'top'


class SweepColumns(NamedTuple):
    """N points as a file holds them: x y z, m, intensity, beam, s after the stamp."""

    points: NDArray[np.float32]  # (N, 3)
    intensity: NDArray[np.float32]
    ring: NDArray[np.uint16] | None
    times_s: NDArray[np.float32] | None


def lidar_input(
    columns: SweepColumns, stamp_ns: int, T_base_lidar: NDArray[np.float64]
) -> LidarInput:
    """Give the sweep of the only LiDAR, without points that are none."""
    points = columns.points
    is_return = np.isfinite(points).all(axis=1) & points.any(axis=1)
    times_s = columns.times_s
    times_ns = None if times_s is None else np.rint(
        np.nan_to_num(times_s) * NS_PER_S).astype(np.int32)
    sweep = LidarSweep(
        stamp_ns, names.LIDAR_FRAME, points, columns.intensity, columns.ring, times_ns)
    return LidarInput(LIDAR, sweep if is_return.all() else sweep[is_return], T_base_lidar)


def camera_input(
    name: str, file: Path, stamp_ns: int, projection: NDArray[np.float64],
    T_base_camera: NDArray[np.float64],
) -> CameraInput:
    """
    Give the image of a camera without distortion.

    Raises
    ------
    BagError
        If the file is missing or is no image.

    """
    pixels = np.ascontiguousarray(read_image(file))
    height, width, _ = pixels.shape
    return CameraInput(
        name,
        CameraImage(stamp_ns, names.camera_frame(name), pixels),
        CameraModel(width, height, projection),
        T_base_camera,
    )


def sensor_frame(
    stamp_ns: int, lidar: LidarInput, cameras: tuple[CameraInput, ...]
) -> SensorFrame:
    """Put together what belongs to one instant."""
    sensors = (
        SensorState(lidar.name, 'lidar', present=True),
        *(SensorState(camera.name, 'camera', present=True,
                      offset_ns=camera.image.stamp_ns - stamp_ns) for camera in cameras),
    )
    return SensorFrame(stamp_ns, names.BASE_FRAME, (lidar,), cameras, sensors)


def at_rest(frame: SensorFrame, poses: Iterable[EgoPose]) -> SensorFrame:
    """
    Take out the motion that poses around the frame's stamp, one or more, tell of, and tell it.

    Returns
    -------
    SensorFrame
        Deskewed, each camera where it took its image.

    """
    buffer = PoseBuffer()
    for pose in poses:
        buffer.add(pose)

    def poses_at(stamps_ns: NDArray[np.int64]) -> NDArray[np.float64]:
        return buffer.poses_at(stamps_ns).T

    ego = own_motion(poses_at, frame.stamp_ns)
    T_base_world = inverse(ego.T_odom_base)

    def motion(stamps_ns: NDArray[np.int64]) -> NDArray[np.float64]:
        return T_base_world @ poses_at(stamps_ns)

    return replace(with_moved_cameras(deskewed(frame, motion), motion), ego=ego)


def count_in_boxes(frame: SensorFrame, boxes: Boxes3D) -> NDArray[np.int32]:
    """Count the points of all LiDARs in each box: (N,) int32."""
    counts = np.zeros(len(boxes), np.int32)
    for lidar in frame.lidars:
        counts += count_points(apply(lidar.T_base_lidar, lidar.sweep.points), boxes)
    return counts
