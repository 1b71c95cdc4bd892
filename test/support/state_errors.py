# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The filter's error as its documentation defines it, written again from that definition."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from mm_fusion_ros.localization.nominal import Nominal

# Position, velocity, attitude, biases of gyro and accelerometer, wheel scale, receiver's error and
# delay.
DEVIATIONS = np.concatenate([
    np.full(3, 2.0), np.full(3, 0.5), np.full(3, 0.05), np.full(3, 0.01), np.full(3, 0.1), [0.02],
    np.ones(3), [0.01]])


def some_state(**fields) -> Nominal:
    """Give a state of which nothing is zero but the delay of the receiver."""
    turn = Rotation.from_euler('ZYX', [0.7, 0.1, -0.2]).as_matrix()
    return Nominal(
        np.array([10.0, -5.0, 2.0]), np.array([8.0, 1.0, 0.2]), turn,
        np.array([0.02, -0.01, 0.03]), np.array([0.2, -0.1, 0.3]), 0.03,
        np.array([0.5, 0.2, -0.3]), 0.0)._replace(**fields)


def disturbed(state: Nominal, error: np.ndarray) -> Nominal:
    """Give the true state where the believed one has an error (20,)."""
    turn = Rotation.from_rotvec(error[6:9]).as_matrix()
    return Nominal(
        state.position + error[0:3], state.velocity + error[3:6], turn @ state.R_map_base,
        state.gyro_bias + error[9:12], state.accel_bias + error[12:15],
        state.wheel_scale + float(error[15]), state.gnss_error + error[16:19],
        state.gnss_delay_s + float(error[19]))


def error_between(believed: Nominal, true: Nominal) -> np.ndarray:
    """Give the error (20,) of a believed state."""
    turn = Rotation.from_matrix(true.R_map_base @ believed.R_map_base.T).as_rotvec()
    return np.concatenate([
        true.position - believed.position, true.velocity - believed.velocity, turn,
        true.gyro_bias - believed.gyro_bias, true.accel_bias - believed.accel_bias,
        [true.wheel_scale - believed.wheel_scale], true.gnss_error - believed.gnss_error,
        [true.gnss_delay_s - believed.gnss_delay_s]])
