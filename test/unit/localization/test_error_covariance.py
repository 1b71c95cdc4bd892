# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""How errors grow, compared with finite differences of the state that they are errors of."""

from dataclasses import replace

import numpy as np
import pytest
from support.state_errors import DEVIATIONS, disturbed, error_between, some_state

from mm_fusion_ros.localization.error_covariance import (
    ACCEL_BIAS,
    ATTITUDE,
    GNSS_ERROR,
    grown,
    GYRO_BIAS,
    NoiseDensities,
    POSITION,
    SIZE,
    VELOCITY,
    wandered,
    WHEEL_SCALE,
)
from mm_fusion_ros.localization.nominal import moved_on, Nominal

SILENT = NoiseDensities(0.0, 0.0, 0.0, 0.0, 0.0, 60.0)
NOISY = NoiseDensities(2e-3, 0.1, 1e-4, 2e-3, 1e-3, 60.0)
NO_DRIFT = np.zeros(3)
RATES, FORCE = np.array([0.1, -0.15, 0.2]), np.array([1.5, 2.0, 10.5])
GRAVITY = np.array([0.0, 0.0, -9.81])
STEPS, DT_S = 5, 0.01


def moved(state: Nominal) -> tuple[Nominal, np.ndarray]:
    total = np.zeros(3)
    for _ in range(STEPS):
        state, gained = moved_on(state, RATES, FORCE, GRAVITY, DT_S)
        total += gained
    # The receiver's error fades on its own.
    return state._replace(gnss_error=state.gnss_error * np.exp(-STEPS * DT_S / 60.0)), total


def transition() -> np.ndarray:
    """Give how each error at the beginning shows at the end, (20, 20)."""
    columns, step = [], 1e-5
    for row in range(SIZE):
        error = np.zeros(SIZE)
        error[row] = step
        ends = [moved(disturbed(some_state(), sign * error))[0] for sign in (1.0, -1.0)]
        columns.append(error_between(ends[1], ends[0]) / (2.0 * step))
    return np.stack(columns, axis=1)


def grown_without_noise(P: np.ndarray) -> np.ndarray:
    end, gained = moved(some_state())
    return grown(P, end.R_map_base, gained, STEPS * DT_S, SILENT, NO_DRIFT)


@pytest.mark.parametrize('number', range(SIZE))
def test_each_error_grows_into_what_finite_differences_say(number):
    P = np.zeros((SIZE, SIZE))
    P[number, number] = 1.0
    column = transition()[:, number]
    np.testing.assert_allclose(grown_without_noise(P), np.outer(column, column), atol=4e-4)


def test_errors_that_hang_together_grow_together():
    rng = np.random.default_rng(1)
    root = DEVIATIONS[:, None] * rng.normal(size=(SIZE, SIZE)) / np.sqrt(SIZE)
    P, F = root @ root.T, transition()
    np.testing.assert_allclose(
        grown_without_noise(P) / np.outer(DEVIATIONS, DEVIATIONS),
        (F @ P @ F.T) / np.outer(DEVIATIONS, DEVIATIONS), atol=2e-3)


@pytest.mark.parametrize('grow', [
    lambda P, dt_s: grown(P, np.eye(3), -GRAVITY * dt_s, dt_s, NOISY, np.full(3, 4.0)),
    lambda P, dt_s: wandered(P, dt_s, NOISY, 0.3, np.full(3, 4.0)),
], ids=['with an IMU', 'without'])
def test_one_step_grows_as_much_as_many_small_ones(grow):
    once, often = grow(np.zeros((SIZE, SIZE)), 0.1), np.zeros((SIZE, SIZE))
    for _ in range(100):
        often = grow(often, 0.001)
    deviations = np.sqrt(np.diag(often)) + 1e-12
    np.testing.assert_allclose(
        once / np.outer(deviations, deviations), often / np.outer(deviations, deviations),
        atol=2e-2)


def test_noise_is_as_strong_as_it_says_after_a_second():
    P = grown(np.zeros((SIZE, SIZE)), np.eye(3), np.zeros(3), 1.0, NOISY, NO_DRIFT)
    deviations = np.sqrt(np.diag(P))
    for rows, expected in ((VELOCITY, NOISY.accel), (ATTITUDE, NOISY.gyro),
                           (GYRO_BIAS, NOISY.gyro_walk), (ACCEL_BIAS, NOISY.accel_walk),
                           (POSITION, NOISY.accel / np.sqrt(3.0))):
        np.testing.assert_allclose(deviations[rows], expected, rtol=1e-9)
    assert deviations[WHEEL_SCALE] == pytest.approx(NOISY.scale_walk)


def test_the_lingering_error_of_the_receiver_settles_where_it_belongs():
    drift = np.array([1.0, 2.0, 5.0])
    P = np.zeros((SIZE, SIZE))
    for _ in range(600):
        P = grown(P, np.eye(3), np.zeros(3), 1.0, SILENT, drift)
    np.testing.assert_allclose(np.diag(P)[GNSS_ERROR], drift, rtol=1e-6)
    short = replace(SILENT, drift_time_s=1.0)
    P = grown(P, np.eye(3), np.zeros(3), 1.0, short, NO_DRIFT)
    np.testing.assert_allclose(np.diag(P)[GNSS_ERROR], drift * np.exp(-2.0), rtol=1e-6)


def test_without_an_imu_the_direction_walks_and_roll_and_pitch_hardly_do():
    P = wandered(np.zeros((SIZE, SIZE)), 0.25, replace(NOISY, gyro=0.01), 0.3, NO_DRIFT)
    np.testing.assert_allclose(
        np.sqrt(np.diag(P)[ATTITUDE]), [0.005, 0.005, 0.5 * np.hypot(0.3, 0.01)])
