# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Reads sensor_msgs/Imu."""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

from mm_fusion_ros.data_types import ImuSample
from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.messages.convert_in.fields import (
    read_covariance,
    read_header,
    read_quaternion,
    read_vector,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NOT_MEASURED = -1.0  # as the first element of a covariance


def to_imu_sample(message: Any) -> ImuSample:
    """
    Read an Imu.

    Returns
    -------
    ImuSample
        Without orientation where the covariance says there is none (-1), or where the quaternion
        is all zero: a driver that does not fill it.

    Raises
    ------
    InvalidMessageError
        If a number is not finite, a rate or acceleration is not measured, or the quaternion is
        not normalised.

    """
    stamp_ns, frame_id = read_header(message)
    orientation, covariance = _orientation(message)
    return ImuSample(
        stamp_ns=stamp_ns,
        frame_id=frame_id,
        angular_velocity_radps=read_vector('imu angular_velocity', message.angular_velocity),
        linear_acceleration_mps2=read_vector(
            'imu linear_acceleration', message.linear_acceleration
        ),
        orientation=orientation,
        angular_velocity_covariance=_covariance(message, 'angular_velocity'),
        linear_acceleration_covariance=_covariance(message, 'linear_acceleration'),
        orientation_covariance=covariance,
    )


def _orientation(message: Any) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
    q = message.orientation
    is_unfilled = not any((q.x, q.y, q.z, q.w))
    if is_unfilled or message.orientation_covariance[0] == _NOT_MEASURED:
        return None, None
    return read_quaternion('imu orientation', q), _covariance(message, 'orientation')


def _covariance(message: Any, name: str) -> NDArray[np.float64] | None:
    values = getattr(message, f'{name}_covariance')
    if values[0] == _NOT_MEASURED:
        raise InvalidMessageError(f'imu {name}', 'a measurement', 'covariance -1: not measured')
    return read_covariance(f'imu {name}_covariance', values, 3)
