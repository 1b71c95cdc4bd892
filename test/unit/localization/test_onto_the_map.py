# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The step from dead reckoning onto the map: what it changes, and how sure of it it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from support.localization_drives import estimated, ride, START_NS
from support.state_errors import error_between

from mm_fusion_ros.geometry.transforms import yaw_of
from mm_fusion_ros.localization.alignment import Aligned
from mm_fusion_ros.localization.error_covariance import GNSS_ERROR, POSITION
from mm_fusion_ros.localization.odom_frame import OdomFrame
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

DRIFT = np.array([0.25, 0.25, 0.8])
STEP = 1e-5
ALIGNED = np.array([2.1, 0.4, 20.0, -30.0])  # yaw, speed, east, north


@pytest.fixture(scope='module')
def reckoned():
    """Give an estimator that has driven by dead reckoning for some seconds."""
    return estimated(ride(4.0, 1).only(Source.IMU, Source.WHEELS))


def on_the_map(estimator, x, covariance):
    aligned = Aligned(float(x[0]), float(x[1]), complex(x[2], x[3]), covariance)
    return estimator._search._on_the_map(
        aligned, estimator._filter, -estimator._imu_place, DRIFT, np.eye(3))


@pytest.mark.parametrize('number', range(4), ids=['yaw', 'speed', 'east', 'north'])
def test_what_is_unsure_of_the_alignment_shows_as_finite_differences_say(reckoned, number):
    unit = np.eye(4)[number]
    nothing = on_the_map(reckoned, ALIGNED, np.zeros((4, 4)))
    P = on_the_map(reckoned, ALIGNED, np.outer(unit, unit)).P - nothing.P
    after, before = (on_the_map(reckoned, ALIGNED + sign * STEP * unit, np.zeros((4, 4))).state
                     for sign in (1.0, -1.0))
    column = error_between(before, after) / (2.0 * STEP)
    np.testing.assert_allclose(P, np.outer(column, column), atol=1e-3, rtol=1e-4)


def test_the_error_of_the_receiver_is_in_the_place_with_the_other_sign(reckoned):
    P = on_the_map(reckoned, ALIGNED, np.zeros((4, 4))).P
    np.testing.assert_allclose(np.diag(P)[GNSS_ERROR], DRIFT)
    np.testing.assert_allclose(np.diag(P[POSITION, GNSS_ERROR]), -DRIFT)
    # Their sum is what a fix shows.
    H = np.zeros((1, len(P)))
    H[0, POSITION.start] = H[0, GNSS_ERROR.start] = 1.0
    assert (H @ P @ H.T)[0, 0] < 0.05


def test_the_covariance_is_one(reckoned):
    P = on_the_map(reckoned, ALIGNED, np.diag((0.01, 0.04, 1.0, 1.0))).P
    np.testing.assert_allclose(P, P.T, atol=1e-9)
    assert np.linalg.eigvalsh(P).min() > -1e-9


def test_the_way_is_turned_and_the_tilt_stays(reckoned):
    before = reckoned._filter.state
    state = on_the_map(reckoned, np.array([2.1, 0.0, 0.0, 0.0]), np.zeros((4, 4))).state
    turn = Rotation.from_euler('z', 2.1).as_matrix()
    np.testing.assert_allclose(state.R_map_base, turn @ before.R_map_base, atol=1e-9)
    np.testing.assert_allclose(state.gyro_bias, before.gyro_bias)
    # The vehicle slips neither sideways nor up.
    along = state.R_map_base.T @ state.velocity
    assert along[0] == pytest.approx(9.0, rel=0.1)
    assert np.abs(along[1:]).max() < 1.0


def test_what_measurements_correct_does_not_move_odom(reckoned):
    first_ns = START_NS + 3 * NS_PER_S
    begin, before, now = (
        reckoned.state_at(first_ns + ms * NS_PER_MS) for ms in (0, 20, 40))
    turn = np.eye(4)
    turn[:3, :3] = Rotation.from_euler('z', 0.3).as_matrix()
    turn[:3, 3] = (5.0, -3.0, 2.0)
    about = now.T_map_base[:3, 3].copy()
    T = turn @ now.T_map_base
    T[:3, 3] = about + turn[:3, 3]
    corrected = replace(
        now, T_map_base=T, corrected=now.corrected + np.array((5.0, -3.0, 2.0, 0.3)))
    frames = OdomFrame(), OdomFrame()
    for frame, last in zip(frames, (now, corrected), strict=True):
        frame.advance(begin, begin)
        frame.advance(begin, before)
        frame.advance(before, last)
    plain, jumped = (frame.T_odom_base for frame in frames)
    assert yaw_of(jumped) == pytest.approx(yaw_of(plain), abs=1e-6)
    assert np.linalg.norm(jumped[:3, 3] - plain[:3, 3]) < 0.05
