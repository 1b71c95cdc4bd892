# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Covariances that are published are as large as the errors: of odom, and of the twist."""

from __future__ import annotations

import numpy as np
import pytest
from support.localization_drives import ALL, localized, ride, SpeedProfile

from mm_fusion_ros.geometry.transforms import wrap_angle, yaw_of
from mm_fusion_ros.localization.nominal import rotation
from mm_fusion_ros.localization.source import Source

IMU, WHEELS = Source.IMU, Source.WHEELS
SEEDS = range(10)
SECONDS = (2, 5, 10, 19)
RATE_HZ = 10
PLACE_AND_YAW = np.ix_((0, 1, 2, 5), (0, 1, 2, 5))
# What the simulated sensors are drawn from: beforehand more is doubted.
AS_SIMULATED = {
    'imu__gyro_noise': 1.7e-4, 'imu__gyro_walk': 2e-5, 'imu__accel_walk': 3e-4,
    'imu__gyro_bias': 3e-3, 'imu__accel_bias': 0.05, 'wheels__scale_deviation': 0.01}
STOP_AND_GO = SpeedProfile(9.0, stand_s=3.0, rise_s=3.0)
RIDES = {
    'all sensors': lambda seed: ride(20.0, seed),
    'all sensors, it stands first': lambda seed: ride(20.0, seed, way=STOP_AND_GO),
    'IMU and wheels': lambda seed: ride(20.0, seed).only(IMU, WHEELS),
    'IMU and wheels, it stands first': lambda seed: ride(
        20.0, seed, way=STOP_AND_GO).only(IMU, WHEELS),
}


def answers_of(ridden, **parameters):
    return localized(ridden, rate_hz=float(RATE_HZ), **parameters).answers


def errors(ridden, answers):
    """Give the errors (N, 4) of odom's places and directions since the first answer."""
    T = np.array([ridden.truth(answer.stamp_ns)[0] for answer in answers])
    odom = np.array([answer.odometry.T_frame_child for answer in answers])
    T_level = np.eye(4)
    T_level[:3, :3] = rotation(np.array((0.0, 0.0, yaw_of(T[0]) - yaw_of(odom[0]))))
    T_level[:3, 3] = T[0, :3, 3]
    true = np.linalg.inv(T_level) @ T
    turned = [wrap_angle(yaw_of(a) - yaw_of(b)) for a, b in zip(true, odom, strict=True)]
    return np.column_stack([true[:, :3, 3] - odom[:, :3, 3], turned])


def covariances(answers):
    return np.array([answer.odometry.pose_covariance for answer in answers])


def squares(ridden, **parameters):
    """Give errors at some seconds, squared and over their covariances."""
    answers = answers_of(ridden, **parameters)
    found = [(errors(ridden, answers)[at], covariances(answers)[at][PLACE_AND_YAW])
             for at in np.array(SECONDS) * RATE_HZ]
    return [error @ np.linalg.solve(P, error) for error, P in found]


@pytest.fixture(scope='module', params=RIDES)
def name(request):
    return request.param


def test_errors_of_odom_are_as_large_as_told(name):
    found = np.mean([squares(RIDES[name](seed), **AS_SIMULATED) for seed in SEEDS], axis=0)
    assert 0.3 * 4.0 < found.mean() < 1.5 * 4.0, found
    assert found.max() < 2.0 * 4.0, found


def test_errors_of_odom_are_not_larger_than_told_by_default(name):
    found = np.mean([squares(RIDES[name](seed)) for seed in SEEDS[:4]], axis=0)
    assert found.max() < 1.2 * 4.0, found


@pytest.mark.parametrize('sources', [
    ALL, (IMU, WHEELS), (IMU, Source.FIX, Source.GNSS_VELOCITY),
    (WHEELS, Source.FIX, Source.GNSS_VELOCITY), (Source.FIX, Source.GNSS_VELOCITY)], ids=str)
def test_covariances_of_odom_are_covariances_and_grow(sources):
    P = covariances(answers_of(ride(20.0, 1).only(*sources)))
    assert not P[0][PLACE_AND_YAW].any()
    np.testing.assert_allclose(P, P.swapaxes(1, 2), rtol=1e-9, atol=1e-12)
    smallest = np.linalg.eigvalsh(P)[:, 0]
    assert (smallest[1:] > 0.0).all()
    assert (np.diff(P[:, 5, 5]) > 0.0).all()
    on_the_plan = P[:, 0, 0] + P[:, 1, 1]
    assert (np.diff(on_the_plan[::5 * RATE_HZ]) > 0.0).all()


def test_what_the_direction_errs_by_moves_it_sideways():
    # Dead reckoning along a straight road: both errors are of the gyro's bias, one over t, the
    # other over t^2.
    answers = answers_of(ride(20.0, 1, bend_rad=0.0, is_rough=False).only(IMU, WHEELS))
    last, way_m = answers[-1], answers[-1].odometry.T_frame_child[:2, 3]
    length_m = np.linalg.norm(way_m)
    left = np.array((-way_m[1], way_m[0])) / length_m
    P = last.odometry.pose_covariance
    sideways_m, turned = np.sqrt(left @ P[:2, :2] @ left), np.sqrt(P[5, 5])
    assert sideways_m == pytest.approx(0.5 * length_m * turned, rel=0.15)
    assert left @ P[:2, 5] / (sideways_m * turned) > 0.9


def test_roll_and_pitch_are_told_about_the_axes_of_odom():
    answer = answers_of(ride(20.0, 1))[-1]
    turn = answer.T_map_odom[:2, :2]
    of_odom, of_map = (
        item.pose_covariance[3:5, 3:5] for item in (answer.odometry, answer.map_pose))
    np.testing.assert_allclose(turn @ of_odom @ turn.T, of_map, rtol=1e-6)


@pytest.mark.parametrize('sources', [ALL, (IMU, WHEELS)], ids=['all', 'dead reckoning'])
def test_velocity_is_told_as_well_as_it_is_known(sources):
    ridden = ride(20.0, 3).only(*sources)
    off, told = [], []
    for answer in answers_of(ridden)[8 * RATE_HZ:]:
        T, velocity = ridden.truth(answer.stamp_ns)
        off.append(T[:3, :3].T @ velocity - answer.odometry.linear_mps)
        told.append(np.diag(answer.odometry.twist_covariance)[:3])
    off_mps, told_mps = (np.sqrt(np.mean(item, axis=0)) for item in (np.square(off), told))
    # A car is held not to slip within 0.1 m/s, which a simulated one does not at all.
    assert (told_mps < 0.1).all(), told_mps
    assert (off_mps < told_mps).all(), off_mps
