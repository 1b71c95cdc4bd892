# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The message classes that `convert_out` builds with, so that it need not know whose they are.

`bags.message_types.BAG_TYPES` gives those of the bag library, `ros.message_types.ROS_TYPES`
those of rclpy. Both are called with keywords, and leave out what keeps its default.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Constructor = Callable[..., Any]

_BUILTIN_INTERFACES = {'package': 'builtin_interfaces'}
_STD = {'package': 'std_msgs'}
_GEOMETRY = {'package': 'geometry_msgs'}
_SENSOR = {'package': 'sensor_msgs'}
_NAV = {'package': 'nav_msgs'}
_TF2 = {'package': 'tf2_msgs'}
_DIAGNOSTIC = {'package': 'diagnostic_msgs'}
_VISUALIZATION = {'package': 'visualization_msgs'}
_VISION = {'package': 'vision_msgs'}


@dataclass(frozen=True, slots=True)
class MessageTypes:
    """
    One constructor for each message type, and how two kinds of field are filled.

    Attributes
    ----------
    bytes_field : callable
        Turns a contiguous uint8 array into what a uint8[] field is assigned fastest.
    byte_field : callable
        Turns an int into what a `byte` field holds.
    signed_bytes_field : callable
        Turns a contiguous int8 array into what an int8[] field is assigned fastest.

    """

    bytes_field: Callable[[NDArray[np.uint8]], Any]
    byte_field: Callable[[int], Any]
    signed_bytes_field: Callable[[NDArray[np.int8]], Any]
    Time: Constructor = field(metadata=_BUILTIN_INTERFACES)
    Duration: Constructor = field(metadata=_BUILTIN_INTERFACES)
    ColorRGBA: Constructor = field(metadata=_STD)
    Header: Constructor = field(metadata=_STD)
    Point: Constructor = field(metadata=_GEOMETRY)
    Pose: Constructor = field(metadata=_GEOMETRY)
    PoseStamped: Constructor = field(metadata=_GEOMETRY)
    PoseWithCovariance: Constructor = field(metadata=_GEOMETRY)
    PoseWithCovarianceStamped: Constructor = field(metadata=_GEOMETRY)
    Quaternion: Constructor = field(metadata=_GEOMETRY)
    Transform: Constructor = field(metadata=_GEOMETRY)
    TransformStamped: Constructor = field(metadata=_GEOMETRY)
    Twist: Constructor = field(metadata=_GEOMETRY)
    TwistStamped: Constructor = field(metadata=_GEOMETRY)
    TwistWithCovariance: Constructor = field(metadata=_GEOMETRY)
    TwistWithCovarianceStamped: Constructor = field(metadata=_GEOMETRY)
    Vector3: Constructor = field(metadata=_GEOMETRY)
    CameraInfo: Constructor = field(metadata=_SENSOR)
    CompressedImage: Constructor = field(metadata=_SENSOR)
    Image: Constructor = field(metadata=_SENSOR)
    Imu: Constructor = field(metadata=_SENSOR)
    NavSatFix: Constructor = field(metadata=_SENSOR)
    NavSatStatus: Constructor = field(metadata=_SENSOR)
    PointCloud2: Constructor = field(metadata=_SENSOR)
    PointField: Constructor = field(metadata=_SENSOR)
    MapMetaData: Constructor = field(metadata=_NAV)
    OccupancyGrid: Constructor = field(metadata=_NAV)
    Odometry: Constructor = field(metadata=_NAV)
    Path: Constructor = field(metadata=_NAV)
    TFMessage: Constructor = field(metadata=_TF2)
    DiagnosticArray: Constructor = field(metadata=_DIAGNOSTIC)
    DiagnosticStatus: Constructor = field(metadata=_DIAGNOSTIC)
    KeyValue: Constructor = field(metadata=_DIAGNOSTIC)
    Marker: Constructor = field(metadata=_VISUALIZATION)
    MarkerArray: Constructor = field(metadata=_VISUALIZATION)
    BoundingBox3D: Constructor = field(metadata=_VISION)
    Detection3D: Constructor = field(metadata=_VISION)
    Detection3DArray: Constructor = field(metadata=_VISION)
    ObjectHypothesis: Constructor = field(metadata=_VISION)
    ObjectHypothesisWithPose: Constructor = field(metadata=_VISION)


def load_message_types(
    find: Callable[[str, str], Constructor],
    bytes_field: Callable[[NDArray[np.uint8]], Any],
    byte_field: Callable[[int], Any],
    signed_bytes_field: Callable[[NDArray[np.int8]], Any],
) -> MessageTypes:
    """Look up every constructor by package and name."""
    constructors = {
        item.name: find(item.metadata['package'], item.name)
        for item in fields(MessageTypes)
        if 'package' in item.metadata
    }
    return MessageTypes(bytes_field, byte_field, signed_bytes_field, **constructors)
