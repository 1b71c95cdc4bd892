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
)
from mm_fusion_ros.localization.nominal import cross, skew

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.localization.error_state_filter import ErrorStateFilter


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
    rates_variance : float
        Of each turn rate, (rad/s)^2.
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
    rates_variance: float
    gyro_bias: NDArray[np.float64]
    accel_bias: NDArray[np.float64]
    wheel_scale: float
    gnss_delay_s: float
    gnss_delay_deviation_s: float
    corrected: NDArray[np.float64]

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
    return EgoState(
        ego.stamp_ns, T, state.velocity + swing, rates, H @ P @ H.T,
        float(np.trace(P[GYRO_BIAS, GYRO_BIAS])) / 3.0 + ego.gyro_variance,
        state.gyro_bias, state.accel_bias, state.wheel_scale,
        state.gnss_delay_s, math.sqrt(float(P[GNSS_DELAY, GNSS_DELAY])), ego.corrected)
