# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
How the errors of the state grow and mix while it moves on.

The attitude's error turns about the map's axes: `R_true = exp(error) @ R`, so that no rotation
of the vehicle enters but through its biases.
"""

from __future__ import annotations

from dataclasses import dataclass
import math
from typing import Final, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.localization.nominal import skew

if TYPE_CHECKING:
    from numpy.typing import NDArray

POSITION: Final = slice(0, 3)
VELOCITY: Final = slice(3, 6)
ATTITUDE: Final = slice(6, 9)
GYRO_BIAS: Final = slice(9, 12)
ACCEL_BIAS: Final = slice(12, 15)
WHEEL_SCALE: Final = 15
GNSS_ERROR: Final = slice(16, 19)
GNSS_DELAY: Final = 19
SIZE: Final = 20
_EYE = np.eye(SIZE)


@dataclass(frozen=True, slots=True)
class NoiseDensities:
    """
    White noise that drives the errors, for a second each.

    Attributes
    ----------
    gyro, accel : float
        rad/s and m/s^2 over sqrt(Hz).
    gyro_walk, accel_walk, scale_walk : float
        Of the biases and the wheels' scale.
    drift_time_s : float
        Correlation time of the receiver's lingering error.

    """

    gyro: float
    accel: float
    gyro_walk: float
    accel_walk: float
    scale_walk: float
    drift_time_s: float

    def kept(self, dt_s: float) -> float:
        """Give what is left of the receiver's lingering error after a time, s."""
        return math.exp(-dt_s / self.drift_time_s)


def grown(
    P: NDArray[np.float64], R_map_base: NDArray[np.float64], gained: NDArray[np.float64],
    dt_s: float, noise: NoiseDensities, drift_variance: NDArray[np.float64],
) -> NDArray[np.float64]:
    """
    Move a covariance (20, 20) on over several inertial measurements at once.

    Parameters
    ----------
    P : (20, 20) float64
        Before.
    R_map_base : (3, 3) float64
        Attitude at the end (the turn within is small).
    gained : (3,) float64
        Velocity gained by specific force meanwhile, map axes, m/s.
    dt_s : float
        How long.
    noise : NoiseDensities
        As the sensors are.
    drift_variance : (3,) float64
        Of the receiver's lingering error in the long run, m^2.

    Source: Sola, Quaternion kinematics for the error-state Kalman filter (2017), section 7, the
    global error; Groves (2013), section 14.2.4 and, for the lingering error, 14.2.7.

    """
    R_t = R_map_base * dt_s
    F = _EYE.copy()
    F[0, 3] = F[1, 4] = F[2, 5] = dt_s
    pull = skew(gained)
    F[VELOCITY, ATTITUDE] = -pull
    F[POSITION, ATTITUDE] = (-0.5 * dt_s) * pull
    F[VELOCITY, ACCEL_BIAS] = -R_t
    F[POSITION, ACCEL_BIAS] = (-0.5 * dt_s) * R_t
    F[ATTITUDE, GYRO_BIAS] = -R_t
    F[VELOCITY, GYRO_BIAS] = 0.5 * pull @ R_t
    keep = noise.kept(dt_s)
    F[16, 16] = F[17, 17] = F[18, 18] = keep
    grown_P: NDArray[np.float64] = F @ P @ F.T
    diagonal = _add_noise(grown_P, dt_s, noise)
    diagonal[GNSS_ERROR] += (1.0 - keep * keep) * drift_variance
    return grown_P


def wandered(
    P: NDArray[np.float64], dt_s: float, noise: NoiseDensities, turning: float,
    drift_variance: NDArray[np.float64],
) -> NDArray[np.float64]:
    """
    Move a covariance on without inertial measurements: velocity and attitude wander.

    Parameters
    ----------
    P, dt_s, noise, drift_variance :
        As for `grown`; `noise.accel` is the unknown acceleration, `noise.gyro` tilts.
    turning : float
        Random walk of the direction, rad/sqrt(s).

    """
    F = _EYE.copy()
    F[0, 3] = F[1, 4] = F[2, 5] = dt_s
    keep = noise.kept(dt_s)
    F[16, 16] = F[17, 17] = F[18, 18] = keep
    grown_P: NDArray[np.float64] = F @ P @ F.T
    diagonal = _add_noise(grown_P, dt_s, noise)
    diagonal[ATTITUDE.stop - 1] += turning**2 * dt_s
    diagonal[GNSS_ERROR] += (1.0 - keep * keep) * drift_variance
    return grown_P


def _add_noise(
    P: NDArray[np.float64], dt_s: float, noise: NoiseDensities
) -> NDArray[np.float64]:
    """Add the noise in place; give a view of the diagonal."""
    diagonal = P.reshape(-1)[:: SIZE + 1]
    force = noise.accel**2
    diagonal[POSITION] += force * dt_s**3 / 3.0
    diagonal[VELOCITY] += force * dt_s
    diagonal[ATTITUDE] += noise.gyro**2 * dt_s
    diagonal[GYRO_BIAS] += noise.gyro_walk**2 * dt_s
    diagonal[ACCEL_BIAS] += noise.accel_walk**2 * dt_s
    diagonal[WHEEL_SCALE] += noise.scale_walk**2 * dt_s
    shared = force * dt_s**2 / 2.0
    for row in range(3):
        P[row, row + 3] += shared
        P[row + 3, row] += shared
    return diagonal
