# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What the filter believes to be true, and how an inertial measurement moves it on.
"""

from __future__ import annotations

import math
from typing import NamedTuple, TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Nominal(NamedTuple):
    """
    The state, without its uncertainty.

    Attributes
    ----------
    position, velocity : (3,) float64
        Of the IMU's place, in the map frame (east, north, up), m and m/s.
    R_map_base : (3, 3) float64
        Attitude of the base frame.
    gyro_bias, accel_bias : (3,) float64
        Along the base frame's axes, rad/s and m/s^2.
    wheel_scale : float
        Speed by the wheels over true speed, less 1.
    gnss_error : (3,) float64
        The part of the receiver's error that stays for a while, m.
    gnss_delay_s : float
        How much later than its stamp the receiver measures, s.

    """

    position: NDArray[np.float64]
    velocity: NDArray[np.float64]
    R_map_base: NDArray[np.float64]
    gyro_bias: NDArray[np.float64]
    accel_bias: NDArray[np.float64]
    wheel_scale: float
    gnss_error: NDArray[np.float64]
    gnss_delay_s: float


def skew(v: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the matrix (3, 3) that forms the cross product with a vector (3,) on its left."""
    x, y, z = v.tolist()
    return np.array(((0.0, -z, y), (z, 0.0, -x), (-y, x, 0.0)))


def cross(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the cross product of two vectors (3,): ten times faster than NumPy's of any shape."""
    ax, ay, az = a.tolist()
    bx, by, bz = b.tolist()
    return np.array((ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx))


def rotation(turn: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Give the rotation (3, 3) of a rotation vector (3,), rad.

    Source: Rodrigues' formula, with its series where the angle is small.
    """
    x, y, z = turn.tolist()
    squared = x * x + y * y + z * z
    if squared < 1e-6:
        a, b = 1.0 - squared / 6.0, 0.5 - squared / 24.0
    else:
        angle = math.sqrt(squared)
        a, b = math.sin(angle) / angle, (1.0 - math.cos(angle)) / squared
    bxy, bxz, byz = b * x * y, b * x * z, b * y * z
    ax, ay, az = a * x, a * y, a * z
    return np.array((
        (1.0 - b * (y * y + z * z), bxy - az, bxz + ay),
        (bxy + az, 1.0 - b * (x * x + z * z), byz - ax),
        (bxz - ay, byz + ax, 1.0 - b * (x * x + y * y)),
    ))


def orthonormal(R: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take the rounding out of a rotation (3, 3): one step of Newton's to the closest one."""
    closer: NDArray[np.float64] = 1.5 * R - 0.5 * (R @ R.T) @ R
    return closer


def moved_on(
    state: Nominal, gyro: NDArray[np.float64], accel: NDArray[np.float64],
    gravity: NDArray[np.float64], dt_s: float,
) -> tuple[Nominal, NDArray[np.float64]]:
    """
    Move on by one inertial measurement.

    Parameters
    ----------
    state : Nominal
        Before it.
    gyro, accel : (3,) float64
        Mean turn rate and specific force meanwhile, base axes, biases included.
    gravity : (3,) float64
        Free fall, map axes, m/s^2.
    dt_s : float
        How long.

    Returns
    -------
    Nominal
        After it.
    (3,) float64
        Velocity gained by specific force, map axes, m/s.

    Source: Groves, Principles of GNSS, Inertial and Multisensor Integrated Navigation Systems,
    2nd ed. (2013), chapter 5, in a frame fixed to the earth whose turning is neglected.

    """
    half_turn = rotation((gyro - state.gyro_bias) * (0.5 * dt_s))
    R_half = state.R_map_base @ half_turn
    gained = R_half @ ((accel - state.accel_bias) * dt_s)
    velocity = state.velocity + gained + gravity * dt_s
    return Nominal(
        state.position + (state.velocity + velocity) * (0.5 * dt_s), velocity,
        R_half @ half_turn, state.gyro_bias, state.accel_bias, state.wheel_scale,
        state.gnss_error, state.gnss_delay_s,
    ), gained
