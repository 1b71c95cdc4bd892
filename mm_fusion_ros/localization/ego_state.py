# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What the estimator says about the vehicle at one instant.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
import math
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.localization.error_covariance import (
    ATTITUDE,
    GNSS_DELAY,
    GYRO_BIAS,
    POSITION,
    SIZE,
    VELOCITY,
    WHEEL_SCALE,
)
from mm_fusion_ros.localization.nominal import cross, skew

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.localization.error_state_filter import ErrorStateFilter

_TINY = 1e-12


class Mode(Enum):
    """How much is known."""

    LEVELLING = 'finding out which way is up'
    DEAD_RECKONING = 'dead reckoning: the direction on the map is not known yet'
    ALIGNED = 'on the map'


@dataclass(frozen=True, slots=True, eq=False)
class EgoState:
    """
    Pose and motion of the base frame.

    Attributes
    ----------
    stamp_ns : int
        ns.
    T_map_base : (4, 4) float64
        Pose in the map frame (east, north, up).
    velocity_mps : (3,) float64
        Of the base frame's origin, map axes.
    rates_radps : (3,) float64
        Turn rates about the base frame's axes.
    covariance : (9, 9) float64
        Of the errors of position (m), attitude (rad; `R_true = exp(error) @ R`) and velocity
        (m/s), all along the map's axes.
    reckoned_covariance : (9, 9) float64
        The same, but of the direction since the filter began, even where that on the map is not
        known: for what does not depend on it.
    by_wheel_scale : (9,) float64
        Deviations of these errors that come of the wheels' scale, with their signs.
    rates_variance : float
        Of each turn rate, (rad/s)^2.
    turn_bias_variance : float
        The part of that about the vertical that lingers; none without an IMU.
    turn_walk : float
        How the direction walks by the other part, rad/sqrt(s).
    gyro_bias, accel_bias : (3,) float64
        Base axes, rad/s and m/s^2.
    wheel_scale : float
        Speed by the wheels over true speed, less 1.
    gnss_delay_s, gnss_delay_deviation_s : float
        How much later than its stamp the satellite receiver measures, and how well that is known.
    corrected : (4,) float64
        Sum of what measurements moved and turned the vehicle: east, north, up, m, and about the
        vertical, rad. The rest of its motion is its own.

    """

    stamp_ns: int
    T_map_base: NDArray[np.float64]
    velocity_mps: NDArray[np.float64]
    rates_radps: NDArray[np.float64]
    covariance: NDArray[np.float64]
    reckoned_covariance: NDArray[np.float64]
    by_wheel_scale: NDArray[np.float64]
    rates_variance: float
    turn_bias_variance: float
    turn_walk: float
    gyro_bias: NDArray[np.float64]
    accel_bias: NDArray[np.float64]
    wheel_scale: float
    gnss_delay_s: float
    gnss_delay_deviation_s: float
    corrected: NDArray[np.float64]

    @property
    def velocity_covariance_base(self) -> NDArray[np.float64]:
        """
        Covariance (3, 3) of the velocity along the base frame's axes, (m/s)^2.

        It knows how velocity and attitude err together: a vehicle whose direction is unknown may
        still know well that it does not slip.
        """
        R_base_map = self.T_map_base[:3, :3].T
        H = np.hstack((R_base_map @ skew(self.velocity_mps), R_base_map))
        covariance: NDArray[np.float64] = H @ self.reckoned_covariance[3:, 3:] @ H.T
        return covariance

    @property
    def yaw_deviation_rad(self) -> float:
        """How well the direction is known."""
        return float(np.sqrt(self.covariance[5, 5]))


def ego_state(ego: ErrorStateFilter, base: NDArray[np.float64]) -> EgoState:
    """
    Read a filter.

    Parameters
    ----------
    ego : ErrorStateFilter
        At the instant that is asked for.
    base : (3,) float64
        Place of the base frame from the IMU's place, base axes, m.

    """
    state, rates = ego.state, ego.rates
    arm, swing = state.R_map_base @ base, state.R_map_base @ cross(rates, base)
    T = np.eye(4)
    T[:3, :3] = state.R_map_base
    T[:3, 3] = state.position + arm
    H = np.zeros((9, SIZE))
    H[0:3, POSITION] = H[3:6, ATTITUDE] = H[6:9, VELOCITY] = np.eye(3)
    H[0:3, ATTITUDE] = -skew(arm)
    H[6:9, ATTITUDE] = -skew(swing)
    H[6:9, GYRO_BIAS] = state.R_map_base @ skew(base)
    P = ego.snapshot().P
    covariance = H @ P @ H.T
    of_bias = P[GYRO_BIAS, GYRO_BIAS]
    upwards = state.R_map_base[2] if ego.memory.imu is not None else np.zeros(3)
    scale_deviation = math.sqrt(float(P[WHEEL_SCALE, WHEEL_SCALE]))
    return EgoState(
        ego.stamp_ns, T, state.velocity + swing, rates, covariance, covariance.copy(),
        H @ P[:, WHEEL_SCALE] / max(scale_deviation, _TINY),
        float(np.trace(of_bias)) / 3.0 + ego.gyro_variance,
        float(upwards @ of_bias @ upwards), ego.turn_walk,
        state.gyro_bias, state.accel_bias, state.wheel_scale,
        state.gnss_delay_s, math.sqrt(float(P[GNSS_DELAY, GNSS_DELAY])), ego.corrected)
