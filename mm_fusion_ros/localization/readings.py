# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
From what sensors say to measurements: which variance, which part of it lingers, seen from where.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.transform import Rotation

from mm_fusion_ros.localization.inertial_sample import InertialSample
from mm_fusion_ros.localization.measurements import (
    BodyVelocityMeasurement,
    PositionMeasurement,
    VelocityMeasurement,
    WheelMeasurement,
    YawMeasurement,
)
from mm_fusion_ros.stamps import from_seconds, NS_PER_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import GnssFix, ImuSample, Twist
    from mm_fusion_ros.localization.settings import (
        GnssSettings,
        MotionSettings,
        VelocitySettings,
        WheelSettings,
    )

_HEIGHTS_WORSE = np.array((1.0, 1.0, 1.8**2))  # by satellite
_LEAST_VELOCITY_MPS = 0.01
_MAX_COMPASS_RAD = math.radians(20.0)  # a worse one tells nothing
_LONGEST_TURN_NS = NS_PER_S // 2


def inertial(
    sample: ImuSample, stamp_ns: int, R_base_imu: NDArray[np.float64]
) -> InertialSample:
    """Read an inertial measurement that counts as of a stamp."""
    return InertialSample(
        stamp_ns, R_base_imu @ sample.angular_velocity_radps,
        R_base_imu @ sample.linear_acceleration_mps2)


def position(
    fix: GnssFix, place: NDArray[np.float64], antenna: NDArray[np.float64], gnss: GnssSettings
) -> PositionMeasurement:
    """Read a fix at a place (3,) of the map; the antenna (3,) is seen from the IMU."""
    variance = _HEIGHTS_WORSE * gnss.deviation_m**2
    if fix.covariance_enu is not None:
        variance = np.maximum(np.diag(fix.covariance_enu), gnss.min_deviation_m**2)
    return PositionMeasurement(
        fix.stamp_ns, place, variance * (1.0 - gnss.drift_share), variance * gnss.drift_share,
        antenna, from_seconds(gnss.reacquire_s))


def satellite_velocity(
    twist: Twist, antenna: NDArray[np.float64], gnss: GnssSettings
) -> VelocityMeasurement:
    """Read a velocity east, north, up; the antenna (3,) is seen from the IMU."""
    variance = _HEIGHTS_WORSE * gnss.velocity_deviation_mps**2
    if twist.covariance is not None:
        variance = np.maximum(np.diag(twist.covariance)[:3], _LEAST_VELOCITY_MPS**2)
    return VelocityMeasurement(twist.stamp_ns, twist.linear_mps, variance, antenna)


def rolling(
    twist: Twist, base: NDArray[np.float64], since_ns: int, wheels: WheelSettings,
    motion: MotionSettings,
) -> WheelMeasurement:
    """Read the wheels; the base frame (3,) is seen from the IMU, `since_ns` the message before."""
    speed_mps = float(twist.linear_mps[0])
    variance = np.append(wheels.deviation_mps**2, slip_variance(speed_mps, motion))
    turn_variance = wheels.turn_deviation_radps**2
    if twist.covariance is not None:
        variance[0] = max(variance[0], float(twist.covariance[0, 0]))
        turn_variance = max(turn_variance, float(twist.covariance[5, 5]))
    return WheelMeasurement(
        twist.stamp_ns, speed_mps, float(twist.angular_radps[2]), variance,
        _turn_walk(turn_variance, twist.stamp_ns - since_ns), base)


def body_velocity(
    twist: Twist, T_base_frame: NDArray[np.float64], imu_place: NDArray[np.float64],
    since_ns: int, velocity: VelocitySettings,
) -> BodyVelocityMeasurement:
    """Read a velocity along the axes of a frame; `since_ns` is the message before."""
    R = T_base_frame[:3, :3]
    variance = np.append(
        np.full(3, velocity.deviation_mps**2), velocity.turn_deviation_radps**2)
    if twist.covariance is not None:
        told = np.diag(twist.covariance)
        variance = np.maximum(variance, np.append(R**2 @ told[:3], (R**2 @ told[3:])[2]))
    return BodyVelocityMeasurement(
        twist.stamp_ns, R @ twist.linear_mps, float((R @ twist.angular_radps)[2]), variance,
        _turn_walk(float(variance[3]), twist.stamp_ns - since_ns),
        T_base_frame[:3, 3] - imu_place)


def compass(
    sample: ImuSample, stamp_ns: int, R_base_imu: NDArray[np.float64]
) -> YawMeasurement | None:
    """Read the direction from an orientation, if there is one that says how good it is."""
    covariance = sample.orientation_covariance
    if sample.orientation is None or covariance is None:
        return None
    variance = float(covariance[2, 2])
    if not 0.0 < variance <= _MAX_COMPASS_RAD**2:
        return None
    R = Rotation.from_quat(sample.orientation).as_matrix() @ R_base_imu.T
    return YawMeasurement(stamp_ns, math.atan2(R[1, 0], R[0, 0]), variance)


def slip_variance(speed_mps: float, motion: MotionSettings) -> NDArray[np.float64]:
    """Give the variance (2,) of the motion sideways and up that a car does not do, (m/s)^2."""
    if not motion.is_car:
        return np.full(2, np.inf)
    return np.array((
        motion.sideways_mps**2 + (motion.sideways_share * speed_mps) ** 2,
        motion.upwards_mps**2 + (motion.upwards_share * speed_mps) ** 2))


def _turn_walk(variance: float, step_ns: int) -> float:
    """Give how a direction walks to which rates with white errors are added up, rad/sqrt(s)."""
    return math.sqrt(variance * min(max(step_ns, 1), _LONGEST_TURN_NS) / NS_PER_S)
