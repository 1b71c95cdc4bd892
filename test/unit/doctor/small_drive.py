# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A drive of four seconds with one LiDAR, one camera and their mounting, and ways to break it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.typestore import TYPESTORE
from mm_fusion_ros.bags.write import BagWriter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

START_NS = 1_700_000_000_000_000_000
PERIOD_NS = 100_000_000
COUNT = 40
LIDAR, CAMERA, INFO = '/velodyne_points', '/cam0/image_raw', '/cam0/camera_info'

T = TYPESTORE.types
_FLOAT32 = 7


def header(stamp_ns: int, frame_id: str) -> Any:
    stamp = T['builtin_interfaces/msg/Time'](*divmod(stamp_ns, 1_000_000_000))
    return T['std_msgs/msg/Header'](stamp=stamp, frame_id=frame_id)


def cloud(stamp_ns: int, points: np.ndarray, names: str = 'xyz') -> Any:
    return T['sensor_msgs/msg/PointCloud2'](
        header=header(stamp_ns, 'velodyne'),
        height=1,
        width=len(points),
        fields=[
            T['sensor_msgs/msg/PointField'](name, 4 * index, _FLOAT32, 1)
            for index, name in enumerate(names)
        ],
        is_bigendian=False,
        point_step=12,
        row_step=12 * len(points),
        data=np.frombuffer(np.asarray(points, np.float32).tobytes(), np.uint8),
        is_dense=True,
    )


def ground(height_m: float) -> np.ndarray:
    """Make a level field, seen from a sensor so high above it."""
    xy = np.random.default_rng(0).uniform(-15, 15, (4000, 2))
    return np.c_[xy, np.full(len(xy), -height_m)]


def image(stamp_ns: int, encoding: str = 'rgb8') -> Any:
    return T['sensor_msgs/msg/Image'](
        header=header(stamp_ns, 'cam0_optical'), height=6, width=8, encoding=encoding,
        is_bigendian=0, step=24, data=np.zeros(6 * 24, np.uint8),
    )


def camera_info(stamp_ns: int, focal_px: float = 5.0, width: int = 8) -> Any:
    k = np.array([focal_px, 0, 4, 0, focal_px, 3, 0, 0, 1], np.float64)
    return T['sensor_msgs/msg/CameraInfo'](
        header=header(stamp_ns, 'cam0_optical'), height=6, width=width,
        distortion_model='plumb_bob', d=np.full(5, 0.01), k=k, r=np.eye(3).ravel(),
        p=np.c_[k.reshape(3, 3), np.zeros(3)].ravel(), binning_x=0, binning_y=0,
        roi=T['sensor_msgs/msg/RegionOfInterest'](0, 0, 0, 0, False),
    )


def mounting(child: str, xyz: tuple[float, ...], xyzw: tuple[float, ...]) -> Any:
    return T['geometry_msgs/msg/TransformStamped'](
        header=header(START_NS, 'base_link'),
        child_frame_id=child,
        transform=T['geometry_msgs/msg/Transform'](
            translation=T['geometry_msgs/msg/Vector3'](*xyz),
            rotation=T['geometry_msgs/msg/Quaternion'](*xyzw),
        ),
    )


def _cloud_of(index: int, stamp_ns: int) -> Any:
    return cloud(stamp_ns, ground(1.7))


@dataclass
class SmallDrive:
    """
    What each message is; a test replaces what it wants broken. None leaves a message out.
    """

    lidar: Callable[[int, int], Any] = _cloud_of
    camera: Callable[[int, int], Any] = field(default=lambda index, stamp_ns: image(stamp_ns))
    info: Callable[[int, int], Any] = field(default=lambda index, stamp_ns: camera_info(stamp_ns))
    mountings: tuple[Any, ...] = (
        mounting('velodyne', (0.0, 0.0, 1.7), (0.0, 0.0, 0.0, 1.0)),
        mounting('cam0_optical', (1.0, 0.0, 1.5), (-0.5, 0.5, -0.5, 0.5)),
    )

    def write(self, path: Path) -> Path:
        with BagWriter(path) as bag:
            if self.mountings:
                message = T['tf2_msgs/msg/TFMessage'](transforms=list(self.mountings))
                bag.write('/tf_static', message, START_NS, transient_local=True)
            for index in range(COUNT):
                stamp_ns = START_NS + index * PERIOD_NS
                for topic, make, delay_ns in (
                    (INFO, self.info, 5_000_000),
                    (CAMERA, self.camera, 5_000_000),
                    (LIDAR, self.lidar, 20_000_000),
                ):
                    message = make(index, stamp_ns)
                    if message is not None:
                        bag.write(topic, message, stamp_ns + delay_ns)
        return path
