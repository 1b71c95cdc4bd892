# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Reads NavSatFix, twists (stamped, with covariance or of an Odometry) and Odometry."""

from __future__ import annotations

import math
from typing import Any

from mm_fusion_ros.data_types import EgoPose, GnssFix, Twist
from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.geometry.transforms import from_quaternion
from mm_fusion_ros.messages.convert_in.fields import (
    read_covariance,
    read_header,
    read_quaternion,
    read_vector,
)


def to_gnss_fix(message: Any) -> GnssFix:
    """
    Read a NavSatFix.

    Returns
    -------
    GnssFix
        Without a fix nothing is checked and numbers may be NaN. With one, only the altitude may
        be NaN, which is how the message says that there is none.

    Raises
    ------
    InvalidMessageError
        If there is a fix, and latitude or longitude is out of range, or the altitude infinite.

    """
    stamp_ns, frame_id = read_header(message)
    latitude, longitude = float(message.latitude), float(message.longitude)
    altitude = float(message.altitude)
    has_fix = message.status.status >= 0
    covariance = None
    if has_fix:
        if not abs(latitude) <= 90.0:
            raise InvalidMessageError('fix latitude', '-90 to 90 degrees', latitude)
        if not abs(longitude) <= 180.0:
            raise InvalidMessageError('fix longitude', '-180 to 180 degrees', longitude)
        if math.isinf(altitude):
            raise InvalidMessageError('fix altitude', 'a finite number or NaN', altitude)
        if message.position_covariance_type != 0:
            covariance = read_covariance(
                'fix position_covariance', message.position_covariance, 3
            )
    return GnssFix(stamp_ns, frame_id, latitude, longitude, altitude, has_fix, covariance)


def to_twist(message: Any) -> Twist:
    """
    Read a TwistStamped, a TwistWithCovarianceStamped or the twist of an Odometry.

    Returns
    -------
    Twist
        In the header's frame, that of an Odometry in its child frame.

    Raises
    ------
    InvalidMessageError
        If a number is not finite.

    """
    stamp_ns, frame_id = read_header(message)
    if hasattr(message, 'child_frame_id'):
        frame_id = message.child_frame_id.lstrip('/')
    twist, covariance = message.twist, None
    if hasattr(twist, 'covariance'):
        covariance = read_covariance('twist covariance', twist.covariance, 6)
        twist = twist.twist
    return Twist(
        stamp_ns,
        frame_id,
        read_vector('twist linear', twist.linear),
        read_vector('twist angular', twist.angular),
        covariance,
    )


def to_ego_pose(message: Any) -> EgoPose:
    """
    Read an Odometry.

    Raises
    ------
    InvalidMessageError
        If a number is not finite, a variance is negative or the quaternion is not normalised.

    """
    stamp_ns, frame_id = read_header(message)
    pose, twist = message.pose.pose, message.twist.twist
    return EgoPose(
        stamp_ns=stamp_ns,
        frame_id=frame_id,
        child_frame_id=message.child_frame_id.lstrip('/'),
        T_frame_child=from_quaternion(
            read_vector('odometry position', pose.position),
            read_quaternion('odometry orientation', pose.orientation),
        ),
        linear_mps=read_vector('odometry linear velocity', twist.linear),
        angular_radps=read_vector('odometry angular velocity', twist.angular),
        pose_covariance=read_covariance(
            'odometry pose covariance', message.pose.covariance, 6),
        twist_covariance=read_covariance(
            'odometry twist covariance', message.twist.covariance, 6),
    )
