# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Moving on by inertial measurements, compared with a fine numerical integration."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.spatial.transform import Rotation
from support.state_errors import some_state

from mm_fusion_ros.localization.nominal import (
    cross,
    moved_on,
    Nominal,
    orthonormal,
    rotation,
    skew,
)

GRAVITY = np.array([0.1, -0.05, -9.81])
GYRO_BIAS = np.array([0.02, -0.01, 0.03])
ACCEL_BIAS = np.array([0.2, -0.1, 0.3])
RATES, FORCE = np.array([0.3, -0.4, 0.8]), np.array([1.5, 2.0, 10.5])

vectors = arrays(np.float64, 3, elements=st.floats(-6.0, 6.0))
small = st.sampled_from([1e-9, 1e-4, 0.9e-3, 1.1e-3, 0.1])


def begun() -> Nominal:
    return some_state(gyro_bias=GYRO_BIAS, accel_bias=ACCEL_BIAS, gnss_delay_s=0.02)


def integrated(start: Nominal, seconds: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give position, velocity, attitude under constant rates and force along body axes."""
    def slopes(_, y):
        R = y[6:].reshape(3, 3)
        return np.concatenate([y[3:6], R @ FORCE + GRAVITY, (R @ skew(RATES)).reshape(-1)])

    begin = np.concatenate([start.position, start.velocity, start.R_map_base.reshape(-1)])
    y = solve_ivp(slopes, (0.0, seconds), begin, rtol=1e-11, atol=1e-12).y[:, -1]
    return y[:3], y[3:6], y[6:].reshape(3, 3)


def moved(steps: int, seconds: float = 1.0) -> Nominal:
    state = begun()
    for _ in range(steps):
        state, _ = moved_on(
            state, RATES + GYRO_BIAS, FORCE + ACCEL_BIAS, GRAVITY, seconds / steps)
    return state


def test_a_second_in_small_steps_is_what_integration_gives():
    state, (position, velocity, R) = moved(100), integrated(begun(), 1.0)
    np.testing.assert_allclose(state.R_map_base, R, atol=1e-9)
    np.testing.assert_allclose(state.velocity, velocity, atol=1e-4)
    np.testing.assert_allclose(state.position, position, atol=1e-4)


def test_half_the_step_leaves_a_quarter_of_the_error():
    position, velocity, _ = integrated(begun(), 1.0)
    off = [np.concatenate([moved(n).position - position, moved(n).velocity - velocity])
           for n in (10, 20)]
    assert np.linalg.norm(off[0]) / np.linalg.norm(off[1]) == pytest.approx(4.0, abs=0.5)


def test_biases_scale_and_the_error_of_the_receiver_stay():
    state = moved(10)
    np.testing.assert_array_equal(state.gyro_bias, GYRO_BIAS)
    np.testing.assert_array_equal(state.accel_bias, ACCEL_BIAS)
    np.testing.assert_array_equal(state.gnss_error, begun().gnss_error)
    assert (state.wheel_scale, state.gnss_delay_s) == (0.03, 0.02)


def test_the_velocity_gained_by_force_is_all_but_that_of_gravity():
    before = begun()
    after, gained = moved_on(before, RATES, FORCE, GRAVITY, 0.01)
    np.testing.assert_allclose(after.velocity - before.velocity, gained + GRAVITY * 0.01)


@given(vectors, small)
def test_a_rotation_is_that_of_its_vector(turn, scale):
    for vector in (turn, turn / max(np.linalg.norm(turn), 1e-9) * scale):
        np.testing.assert_allclose(
            rotation(vector), Rotation.from_rotvec(vector).as_matrix(), atol=1e-13)


@given(vectors)
def test_turning_back_undoes_a_turn(turn):
    np.testing.assert_allclose(rotation(turn) @ rotation(-turn), np.eye(3), atol=1e-12)


@given(vectors, arrays(np.float64, (3, 3), elements=st.floats(-1e-4, 1e-4)))
def test_rounding_is_taken_out_of_a_rotation(turn, rounding):
    R = rotation(turn)
    closer = orthonormal(R + rounding)
    np.testing.assert_allclose(closer @ closer.T, np.eye(3), atol=1e-6)
    np.testing.assert_allclose(orthonormal(R), R, atol=1e-12)
    np.testing.assert_allclose(closer, R, atol=1e-3)


@given(vectors, vectors)
def test_cross_products_are_numpys(a, b):
    np.testing.assert_allclose(cross(a, b), np.cross(a, b), atol=1e-12)
    np.testing.assert_allclose(skew(a) @ b, np.cross(a, b), atol=1e-12)
