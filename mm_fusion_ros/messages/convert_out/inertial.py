# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Builds sensor_msgs/Imu."""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

from mm_fusion_ros.messages.convert_out.common import covariance, header, quaternion, vector

if TYPE_CHECKING:
    from mm_fusion_ros.data_types import ImuSample
    from mm_fusion_ros.messages.message_types import MessageTypes

_NOT_MEASURED = -1.0  # as the first element of a covariance


def from_imu_sample(sample: ImuSample, types: MessageTypes) -> Any:
    """Build an Imu that says of a missing orientation that it is not measured."""
    imu = types.Imu(
        header=header(sample.stamp_ns, sample.frame_id, types),
        orientation_covariance=covariance(sample.orientation_covariance, 3),
        angular_velocity=vector(sample.angular_velocity_radps, types),
        angular_velocity_covariance=covariance(sample.angular_velocity_covariance, 3),
        linear_acceleration=vector(sample.linear_acceleration_mps2, types),
        linear_acceleration_covariance=covariance(sample.linear_acceleration_covariance, 3),
    )
    if sample.orientation is None:
        imu.orientation_covariance[0] = _NOT_MEASURED
    else:
        imu.orientation = quaternion(sample.orientation, types)
    return imu
