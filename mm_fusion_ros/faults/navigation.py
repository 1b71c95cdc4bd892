# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Breaks GNSS positions, inertial measurements and velocities.
"""

from __future__ import annotations

import math
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.faults.kinds import FaultKind
from mm_fusion_ros.geometry.geodesy import LocalEnu

if TYPE_CHECKING:
    from collections.abc import Callable

    from mm_fusion_ros.faults.draw import Draw

_NO_FIX = -1
_UNKNOWN = 0
_VECTORS = {'acceleration': 'linear_acceleration', 'rotation': 'angular_velocity'}
_AXES = ('x', 'y', 'z')


def break_motion(message: Any, draw: Draw) -> None:
    """
    Break a NavSatFix, Imu or TwistStamped, which is changed.

    Raises
    ------
    InvalidMessageError
        If there is no position to change.

    """
    _CHANGES[draw.fault.what](message, draw)


def _outage(message: Any, draw: Draw) -> None:
    del draw
    message.status.status = _NO_FIX
    message.latitude = message.longitude = message.altitude = math.nan
    message.position_covariance = np.zeros(9)
    message.position_covariance_type = _UNKNOWN


def _jump(message: Any, draw: Draw) -> None:
    _move(message, draw.fault.magnitude, draw)


def _drift(message: Any, draw: Draw) -> None:
    _move(message, draw.fault.magnitude * draw.elapsed_s, draw)


def _move(message: Any, distance_m: float, draw: Draw) -> None:
    position = (message.latitude, message.longitude, message.altitude)
    if not all(map(math.isfinite, position)):
        raise InvalidMessageError('position', 'finite numbers', position)
    bearing = math.radians(draw.fault.direction_deg)
    enu = np.array([[math.cos(bearing) * distance_m, math.sin(bearing) * distance_m, 0.0]])
    moved = LocalEnu(*position).to_geodetic(enu)[0]
    message.latitude, message.longitude = float(moved[0]), float(moved[1])


def _covariance_lie(message: Any, draw: Draw) -> None:
    message.position_covariance = np.asarray(message.position_covariance) * draw.fault.magnitude


def _bias_step(message: Any, draw: Draw) -> None:
    vector = getattr(message, _VECTORS[draw.fault.quantity])
    axis = draw.fault.axis
    setattr(vector, axis, getattr(vector, axis) + draw.fault.magnitude)


def _saturation(message: Any, draw: Draw) -> None:
    vector, limit = getattr(message, _VECTORS[draw.fault.quantity]), draw.fault.magnitude
    for axis in _AXES:
        setattr(vector, axis, max(min(getattr(vector, axis), limit), -limit))  # NaN stays


def _nan(message: Any, draw: Draw) -> None:
    del draw
    if hasattr(message, 'latitude'):
        message.latitude = message.longitude = message.altitude = math.nan
    elif hasattr(message, 'twist'):
        _fill(message.twist.linear, message.twist.angular)
    else:
        _fill(message.linear_acceleration, message.angular_velocity)


def _fill(*vectors: Any) -> None:
    for vector in vectors:
        vector.x = vector.y = vector.z = math.nan


_CHANGES: dict[FaultKind, Callable[[Any, Draw], None]] = {
    FaultKind.GNSS_OUTAGE: _outage,
    FaultKind.GNSS_JUMP: _jump,
    FaultKind.GNSS_DRIFT: _drift,
    FaultKind.COVARIANCE_LIE: _covariance_lie,
    FaultKind.IMU_BIAS_STEP: _bias_step,
    FaultKind.IMU_SATURATION: _saturation,
    FaultKind.NAN: _nan,
}
