# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Builds the messages that data sets become.

Names of topics and frames, common to all data sets, are here too.
"""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.typestore import TYPESTORE
from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.geometry.transforms import to_quaternion
from mm_fusion_ros.stamps import split

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from mm_fusion_ros.data_types import Boxes3D, EgoPose

BASE_FRAME = 'base_link'
LIDAR_FRAME = 'lidar_top'
ODOM_FRAME = 'odom'

TF_STATIC = '/tf_static'
POINTS = '/sensing/lidar/top/points'
IMU = '/sensing/imu/data'
GNSS_FIX = '/sensing/gnss/fix'
GNSS_VELOCITY = '/sensing/gnss/vel'
VEHICLE_TWIST = '/vehicle/twist'
TRUE_DETECTIONS = '/ground_truth/detections'
TRUE_ODOMETRY = '/ground_truth/odometry'

_T = TYPESTORE.types
_FLOAT32, _UINT16 = 7, 4  # sensor_msgs/PointField
_POINT_FIELDS = {np.dtype(np.float32): _FLOAT32, np.dtype(np.uint16): _UINT16}


def image_topic(camera: str) -> str:
    """Name the topic of a camera's images."""
    return f'/sensing/camera/{camera}/image_raw'


def camera_info_topic(camera: str) -> str:
    """Name the topic of a camera's calibration."""
    return f'/sensing/camera/{camera}/camera_info'


def camera_frame(camera: str) -> str:
    """Name a camera's optical frame."""
    return f'camera_{camera}_optical'


def header(stamp_ns: int, frame_id: str) -> Any:
    """Build a std_msgs/Header."""
    sec, nanosec = split(stamp_ns)
    stamp = _T['builtin_interfaces/msg/Time'](sec=sec, nanosec=nanosec)
    return _T['std_msgs/msg/Header'](stamp=stamp, frame_id=frame_id)


def _vector(xyz: ArrayLike) -> Any:
    x, y, z = (float(value) for value in np.asarray(xyz))
    return _T['geometry_msgs/msg/Vector3'](x=x, y=y, z=z)


def _point(xyz: ArrayLike) -> Any:
    x, y, z = (float(value) for value in np.asarray(xyz))
    return _T['geometry_msgs/msg/Point'](x=x, y=y, z=z)


def _rotation(T: NDArray[np.float64]) -> Any:
    x, y, z, w = (float(value) for value in to_quaternion(T))
    return _T['geometry_msgs/msg/Quaternion'](x=x, y=y, z=z, w=w)


def static_transforms(stamp_ns: int, children: Mapping[str, NDArray[np.float64]]) -> Any:
    """Build a TFMessage of `T_base_child` by child frame."""
    transforms = [
        _T['geometry_msgs/msg/TransformStamped'](
            header=header(stamp_ns, BASE_FRAME),
            child_frame_id=child,
            transform=_T['geometry_msgs/msg/Transform'](
                translation=_vector(T[:3, 3]), rotation=_rotation(T)
            ),
        )
        for child, T in children.items()
    ]
    return _T['tf2_msgs/msg/TFMessage'](transforms=transforms)


def image_bgr8(stamp_ns: int, frame_id: str, pixels: NDArray[np.uint8]) -> Any:
    """Build an Image of pixels (H, W, 3) in the order blue, green, red."""
    H, W, _ = pixels.shape
    return _T['sensor_msgs/msg/Image'](
        header=header(stamp_ns, frame_id),
        height=H,
        width=W,
        encoding='bgr8',
        is_bigendian=0,
        step=3 * W,
        data=np.ascontiguousarray(pixels).reshape(-1),
    )


def compressed_image(stamp_ns: int, frame_id: str, data: bytes) -> Any:
    """Build a CompressedImage of the bytes of a jpeg file."""
    return _T['sensor_msgs/msg/CompressedImage'](
        header=header(stamp_ns, frame_id), format='jpeg', data=np.frombuffer(data, np.uint8)
    )


def camera_info(
    stamp_ns: int, frame_id: str, size: tuple[int, int], projection: NDArray[np.float64]
) -> Any:
    """Build the CameraInfo of images (width, height) without distortion, from P (3, 4)."""
    return _T['sensor_msgs/msg/CameraInfo'](
        header=header(stamp_ns, frame_id),
        height=size[1],
        width=size[0],
        distortion_model='plumb_bob',
        d=np.zeros(5),
        k=np.ascontiguousarray(projection[:, :3]).reshape(-1),
        r=np.eye(3).reshape(-1),
        p=np.ascontiguousarray(projection).reshape(-1),
        binning_x=0,
        binning_y=0,
        roi=_T['sensor_msgs/msg/RegionOfInterest'](
            x_offset=0, y_offset=0, height=0, width=0, do_rectify=False
        ),
    )


def point_cloud(stamp_ns: int, frame_id: str, columns: Mapping[str, NDArray[Any]]) -> Any:
    """Build a PointCloud2 of columns (N,) by field name, float32 or uint16."""
    layout = np.dtype([(name, column.dtype) for name, column in columns.items()])
    points = np.empty(len(next(iter(columns.values()))), layout)
    for name, column in columns.items():
        points[name] = column
    fields = [
        _T['sensor_msgs/msg/PointField'](
            name=name,
            offset=layout.fields[name][1],  # type: ignore[index]
            datatype=_POINT_FIELDS[column.dtype],
            count=1,
        )
        for name, column in columns.items()
    ]
    return _T['sensor_msgs/msg/PointCloud2'](
        header=header(stamp_ns, frame_id),
        height=1,
        width=len(points),
        fields=fields,
        is_bigendian=False,
        point_step=layout.itemsize,
        row_step=layout.itemsize * len(points),
        data=points.view(np.uint8).reshape(-1),
        is_dense=True,
    )


def imu(
    stamp_ns: int,
    frame_id: str,
    T_world_imu: NDArray[np.float64],
    angular_velocity_radps: ArrayLike,
    linear_acceleration_mps2: ArrayLike,
) -> Any:
    """Build an Imu with orientation and unknown covariances."""
    return _T['sensor_msgs/msg/Imu'](
        header=header(stamp_ns, frame_id),
        orientation=_rotation(T_world_imu),
        orientation_covariance=np.zeros(9),
        angular_velocity=_vector(angular_velocity_radps),
        angular_velocity_covariance=np.zeros(9),
        linear_acceleration=_vector(linear_acceleration_mps2),
        linear_acceleration_covariance=np.zeros(9),
    )


def fix(
    stamp_ns: int, frame_id: str, geodetic: Sequence[float], status: int, accuracy_m: float
) -> Any:
    """Build a NavSatFix of latitude, longitude (deg) and altitude (m), all axes equally sure."""
    latitude_deg, longitude_deg, altitude_m = geodetic
    return _T['sensor_msgs/msg/NavSatFix'](
        header=header(stamp_ns, frame_id),
        status=_T['sensor_msgs/msg/NavSatStatus'](status=status, service=1),
        latitude=latitude_deg,
        longitude=longitude_deg,
        altitude=altitude_m,
        position_covariance=(np.eye(3) * accuracy_m**2).reshape(-1),
        position_covariance_type=1,  # approximated
    )


def _plain_twist(linear_mps: ArrayLike, angular_radps: ArrayLike) -> Any:
    return _T['geometry_msgs/msg/Twist'](
        linear=_vector(linear_mps), angular=_vector(angular_radps)
    )


def twist(
    stamp_ns: int, frame_id: str, linear_mps: ArrayLike, angular_radps: ArrayLike = (0, 0, 0)
) -> Any:
    """Build a TwistStamped."""
    return _T['geometry_msgs/msg/TwistStamped'](
        header=header(stamp_ns, frame_id), twist=_plain_twist(linear_mps, angular_radps)
    )


def _pose(T: NDArray[np.float64]) -> Any:
    return _T['geometry_msgs/msg/Pose'](position=_point(T[:3, 3]), orientation=_rotation(T))


def odometry(pose: EgoPose) -> Any:
    """Build an Odometry with unknown covariances."""
    return _T['nav_msgs/msg/Odometry'](
        header=header(pose.stamp_ns, pose.frame_id),
        child_frame_id=pose.child_frame_id,
        pose=_T['geometry_msgs/msg/PoseWithCovariance'](
            pose=_pose(pose.T_frame_child), covariance=np.zeros(36)
        ),
        twist=_T['geometry_msgs/msg/TwistWithCovariance'](
            twist=_plain_twist(pose.linear_mps, pose.angular_radps), covariance=np.zeros(36)
        ),
    )


def detections(stamp_ns: int, boxes: Boxes3D) -> Any:
    """Build a Detection3DArray of true boxes in `base_link`; ids where the boxes have them."""
    return _T['vision_msgs/msg/Detection3DArray'](
        header=header(stamp_ns, BASE_FRAME),
        detections=[_detection(stamp_ns, boxes, i) for i in range(len(boxes))],
    )


def _detection(stamp_ns: int, boxes: Boxes3D, i: int) -> Any:
    c, s = np.cos(boxes.yaws[i]), np.sin(boxes.yaws[i])
    T = np.eye(4)
    T[:2, :2] = (c, -s), (s, c)
    T[:3, 3] = boxes.centers[i]
    hypothesis = _T['vision_msgs/msg/ObjectHypothesisWithPose'](
        hypothesis=_T['vision_msgs/msg/ObjectHypothesis'](
            class_id=ObjectClass(int(boxes.classes[i])).label, score=float(boxes.scores[i])
        ),
        pose=_T['geometry_msgs/msg/PoseWithCovariance'](pose=_pose(T), covariance=np.zeros(36)),
    )
    return _T['vision_msgs/msg/Detection3D'](
        header=header(stamp_ns, BASE_FRAME),
        results=[hypothesis],
        bbox=_T['vision_msgs/msg/BoundingBox3D'](center=_pose(T), size=_vector(boxes.sizes[i])),
        id='' if boxes.ids is None else str(boxes.ids[i]),
    )
