# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The first state: which way is up, by the first forces, and what the gyro says standing still.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.localization.error_covariance import (
    ACCEL_BIAS,
    ATTITUDE,
    GNSS_DELAY,
    GYRO_BIAS,
    POSITION,
    SIZE,
    VELOCITY,
    WHEEL_SCALE,
)
from mm_fusion_ros.localization.error_state_filter import Memory, Snapshot
from mm_fusion_ros.localization.nominal import Nominal, skew

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mm_fusion_ros.localization.inertial_sample import InertialSample
    from mm_fusion_ros.localization.settings import EstimatorSettings

_UP = np.array((0.0, 0.0, 1.0))
_FORCES_MPS2 = {True: 0.3, False: 1.0}  # that are not gravity, by whether the speed is known
_STANDING_MPS2, _STANDING_RADPS = 0.02, 1e-3
_FLAT_RAD = np.deg2rad(3.0)
_UNKNOWN_SPEED_MPS = 10.0


@dataclass(frozen=True, slots=True)
class FirstMotion:
    """
    How the vehicle moves at the beginning.

    Attributes
    ----------
    speed_mps : float, optional
        Forward; None where nothing tells it.
    acceleration_mps2 : float
        Forward.
    is_standing : bool
        Whether it is known to stand.

    """

    speed_mps: float | None = None
    acceleration_mps2: float = 0.0
    is_standing: bool = False


def levelled(
    samples: Sequence[InertialSample], stamp_ns: int, motion: FirstMotion,
    settings: EstimatorSettings,
) -> Snapshot:
    """
    Give the first state: at the origin, looking along x.

    Parameters
    ----------
    samples : sequence of InertialSample
        The first half second; none where there is no IMU.
    stamp_ns : int
        When it holds.
    motion : FirstMotion
        What other sensors tell.
    settings : EstimatorSettings
        What is believed beforehand.

    """
    P = np.zeros((SIZE, SIZE))
    diagonal = P.reshape(-1)[:: SIZE + 1]
    diagonal[POSITION] = 1e-6
    diagonal[VELOCITY] = _velocity_variance(motion)
    diagonal[GYRO_BIAS] = settings.imu.gyro_bias**2
    diagonal[ACCEL_BIAS] = settings.imu.accel_bias**2
    diagonal[GNSS_DELAY] = (settings.gnss.delay_deviation_ms * 1e-3) ** 2
    diagonal[WHEEL_SCALE] = settings.wheels.scale_deviation**2
    R, gyro_bias, memory = np.eye(3), np.zeros(3), Memory()
    if samples:
        gyro = np.mean([sample.gyro for sample in samples], axis=0)
        force = np.mean([sample.accel for sample in samples], axis=0)
        speed = motion.speed_mps or 0.0
        R = _lifted(force - (motion.acceleration_mps2, speed * gyro[2], 0.0))
        memory = Memory(imu=samples[0])
        others = (_STANDING_MPS2 if motion.is_standing
                  else _FORCES_MPS2[motion.speed_mps is not None])
        # Level by a biased force is tilted, and the tilt is known to hang on the bias.
        tilt = skew(_UP) @ R / np.linalg.norm(force)
        P[ATTITUDE, ACCEL_BIAS] = tilt @ P[ACCEL_BIAS, ACCEL_BIAS]
        P[ACCEL_BIAS, ATTITUDE] = P[ATTITUDE, ACCEL_BIAS].T
        P[ATTITUDE, ATTITUDE] = tilt @ (
            P[ACCEL_BIAS, ACCEL_BIAS] + others**2 * np.eye(3)) @ tilt.T
        if motion.is_standing:
            gyro_bias = gyro
            diagonal[GYRO_BIAS] = _STANDING_RADPS**2
    else:
        diagonal[ATTITUDE] = (_FLAT_RAD**2, _FLAT_RAD**2, 0.0)
    velocity = R @ np.array((motion.speed_mps or 0.0, 0.0, 0.0))
    state = Nominal(np.zeros(3), velocity, R, gyro_bias, np.zeros(3), 0.0, np.zeros(3), 0.0)
    return Snapshot(stamp_ns, state, P, memory)


def _velocity_variance(motion: FirstMotion) -> NDArray[np.float64]:
    if motion.is_standing:
        return np.full(3, 0.02**2)
    along = _UNKNOWN_SPEED_MPS if motion.speed_mps is None else 0.3
    return np.array((along, 0.5, 0.3)) ** 2


def _lifted(force: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the attitude (3, 3) in which a force (3,) points up and x has no part of y."""
    up = force / np.linalg.norm(force)
    left = np.cross(up, (1.0, 0.0, 0.0))
    left /= np.linalg.norm(left)
    return np.stack([np.cross(left, up), left, up])
