# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Well-formed sensor messages, made with the classes of the bag library or of rclpy."""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.message_types import BAG_TYPES, constructor
from mm_fusion_ros.messages.convert_out import from_structured_points

if TYPE_CHECKING:
    from collections.abc import Callable

    from mm_fusion_ros.messages.message_types import MessageTypes

STAMP_NS = 1_700_000_000_123_456_789


class Samples:
    """Makes one valid message of each type; keyword arguments replace fields."""

    def __init__(self, types: MessageTypes, find: Callable[[str], Callable[..., Any]]) -> None:
        self.types = types
        self.find = find

    def make(self, name: str, **fields: Any) -> Any:
        return self.find(name)(**fields)

    def header(self, frame_id: str = 'sensor', stamp_ns: int = STAMP_NS) -> Any:
        sec, nanosec = divmod(stamp_ns, 1_000_000_000)
        return self.types.Header(
            stamp=self.types.Time(sec=sec, nanosec=nanosec), frame_id=frame_id)

    def vector(self, x: float, y: float, z: float) -> Any:
        return self.types.Vector3(x=x, y=y, z=z)

    def quaternion(self, x: float, y: float, z: float, w: float) -> Any:
        return self.types.Quaternion(x=x, y=y, z=z, w=w)

    def image(self, rows: np.ndarray, encoding: str, width: int, height: int, **fields) -> Any:
        """Take rows (any, step) of bytes as they are."""
        values = {
            'header': self.header(), 'width': width, 'height': height, 'encoding': encoding,
            'step': rows.shape[1], 'is_bigendian': 0,
            'data': self.types.bytes_field(np.ascontiguousarray(rows, np.uint8).reshape(-1)),
        }
        return self.make('sensor_msgs/msg/Image', **{**values, **fields})

    def compressed(self, data: bytes, text: str = 'jpeg') -> Any:
        return self.make(
            'sensor_msgs/msg/CompressedImage', header=self.header(), format=text,
            data=self.types.bytes_field(np.frombuffer(data, np.uint8)))

    def cloud(self, points: np.ndarray, **fields: Any) -> Any:
        """Lay points out as their dtype says."""
        message = from_structured_points(points, STAMP_NS, 'lidar', self.types)
        for name, value in fields.items():
            setattr(message, name, value)
        return message

    def camera_info(self, **fields: Any) -> Any:
        values = {
            'header': self.header(), 'width': 640, 'height': 480,
            'distortion_model': 'plumb_bob',
            'd': np.array((-0.3, 0.1, 0.001, 0.002, 0.01)),
            'k': np.array((500.0, 0, 320, 0, 510, 240, 0, 0, 1)),
            'r': np.eye(3).reshape(-1),
            'p': np.array((450.0, 0, 310, -30, 0, 460, 230, 0, 0, 0, 1, 0)),
        }
        return self.make('sensor_msgs/msg/CameraInfo', **{**values, **fields})

    def imu(self, **fields: Any) -> Any:
        values = {
            'header': self.header('imu'),
            'orientation': self.quaternion(0.0, 0.0, 0.6, 0.8),
            'orientation_covariance': np.diag((0.1, 0.2, 0.3)).reshape(-1),
            'angular_velocity': self.vector(0.1, 0.2, 0.3),
            'linear_acceleration': self.vector(0.0, 0.0, 9.81),
        }
        return self.make('sensor_msgs/msg/Imu', **{**values, **fields})

    def fix(self, **fields: Any) -> Any:
        values = {
            'header': self.header('gnss'),
            'status': self.make('sensor_msgs/msg/NavSatStatus', status=0),
            'latitude': 49.0, 'longitude': 8.4, 'altitude': 115.0,
            'position_covariance': np.diag((1.0, 2.0, 3.0)).reshape(-1),
            'position_covariance_type': 2,
        }
        return self.make('sensor_msgs/msg/NavSatFix', **{**values, **fields})

    def twist(self, linear: tuple[float, float, float] = (5.0, 0.0, 0.0)) -> Any:
        return self.make(
            'geometry_msgs/msg/TwistStamped', header=self.header('base_link'), twist=self.make(
                'geometry_msgs/msg/Twist', linear=self.vector(*linear),
                angular=self.vector(0.0, 0.0, 0.1)))

    def pose(self, quaternion: tuple[float, ...] = (0.0, 0.0, 0.6, 0.8)) -> Any:
        return self.types.Pose(
            position=self.types.Point(x=1.0, y=2.0, z=3.0),
            orientation=self.quaternion(*quaternion))

    def odometry(self, quaternion: tuple[float, ...] = (0.0, 0.0, 0.6, 0.8)) -> Any:
        twist = self.make('geometry_msgs/msg/Twist', linear=self.vector(5.0, 0.0, 0.0))
        return self.make(
            'nav_msgs/msg/Odometry', header=self.header('odom'), child_frame_id='base_link',
            pose=self.types.PoseWithCovariance(pose=self.pose(quaternion)),
            twist=self.make('geometry_msgs/msg/TwistWithCovariance', twist=twist))

    def transform(
        self, parent: str = 'base_link', child: str = 'lidar',
        quaternion: tuple[float, ...] = (0.0, 0.0, 0.6, 0.8),
    ) -> Any:
        return self.make(
            'geometry_msgs/msg/TransformStamped', header=self.header(parent),
            child_frame_id=child, transform=self.make(
                'geometry_msgs/msg/Transform', translation=self.vector(1.0, 2.0, 3.0),
                rotation=self.quaternion(*quaternion)))


BAG_SAMPLES = Samples(BAG_TYPES, constructor)


def lidar_points(count: int = 100, seed: int = 0) -> np.ndarray:
    """Make points as a common driver lays them out: 22 bytes, times in ns from the start."""
    dtype = [('x', '<f4'), ('y', '<f4'), ('z', '<f4'), ('intensity', '<f4'), ('ring', '<u2'),
             ('t', '<u4')]
    rng = np.random.default_rng(seed)
    points = np.zeros(count, dtype)
    for axis in 'xyz':
        points[axis] = rng.uniform(1.0, 50.0, count)
    points['intensity'] = rng.uniform(0.0, 255.0, count)
    points['ring'] = np.arange(count) % 64
    points['t'] = np.linspace(0, 100_000_000, count)
    return points
