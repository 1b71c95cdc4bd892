# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The first state: which way is up, how fast, and what the gyro says standing still."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from support.localization_drives import estimated, ride, SpeedProfile, standing, START_NS

from mm_fusion_ros.localization.ego_state import Mode
from mm_fusion_ros.localization.error_covariance import GYRO_BIAS, VELOCITY
from mm_fusion_ros.localization.inertial_sample import InertialSample
from mm_fusion_ros.localization.levelling import FirstMotion, levelled
from mm_fusion_ros.localization.settings import EstimatorSettings
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.sim.sensors.imu import ImuSettings
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

IMU, FIX, VELOCITY_, WHEELS = Source.IMU, Source.FIX, Source.GNSS_VELOCITY, Source.WHEELS
SETTINGS = EstimatorSettings()
GRAVITY = np.array([0.0, 0.0, 9.81])
PUSHED = np.array([0.4, -0.3, 9.81])
NO_BIAS = ImuSettings(rate_hz=100.0, gyro_bias=0.0, accel_bias=0.0, accel_noise=1e-4)


def begun(estimator) -> bool:
    return estimator.mode is not Mode.LEVELLING


def first_tilt_deg(ridden) -> tuple[float, float]:
    """Give how far from upright the first state is, and how far it believes it may be."""
    estimator = estimated(ridden, until=begun)
    state = estimator.state_at(estimator.newest_ns)
    up = ridden.truth(state.stamp_ns)[0][2, :3]
    tilt = np.arccos(np.clip(up @ state.T_map_base[2, :3], -1.0, 1.0))
    return np.degrees(tilt), np.degrees(np.sqrt(np.trace(state.covariance[3:5, 3:5])))


def samples(force, gyro=(0.0, 0.0, 0.0), count=60) -> list[InertialSample]:
    return [InertialSample(START_NS + number * 10 * NS_PER_MS, np.array(gyro), np.array(force))
            for number in range(count)]


@pytest.mark.parametrize(('roll_deg', 'pitch_deg'), [(0, 0), (5, -10), (-20, 15), (0, 30)])
def test_a_standing_vehicle_is_level_as_its_force_says(roll_deg, pitch_deg):
    R = Rotation.from_euler('ZYX', [0.0, pitch_deg, roll_deg], degrees=True)
    snapshot = levelled(
        samples(R.inv().apply(GRAVITY)), START_NS, FirstMotion(0.0, 0.0, is_standing=True),
        SETTINGS)
    np.testing.assert_allclose(snapshot.state.R_map_base, R.as_matrix(), atol=1e-9)


def test_speeding_up_and_bending_are_not_taken_for_a_slope():
    force = GRAVITY + np.array((2.5, 8.0 * 0.3, 0.0))
    snapshot = levelled(
        samples(force, (0.0, 0.0, 0.3)), START_NS, FirstMotion(8.0, 2.5), SETTINGS)
    np.testing.assert_allclose(snapshot.state.R_map_base, np.eye(3), atol=1e-9)
    np.testing.assert_allclose(snapshot.state.velocity, [8.0, 0.0, 0.0], atol=1e-9)


def test_a_standing_gyro_tells_its_bias():
    snapshot = levelled(
        samples(GRAVITY, (0.01, -0.02, 0.03)), START_NS, FirstMotion(0.0, 0.0, is_standing=True),
        SETTINGS)
    np.testing.assert_allclose(snapshot.state.gyro_bias, [0.01, -0.02, 0.03])
    assert np.sqrt(np.diag(snapshot.P)[GYRO_BIAS]).max() < SETTINGS.imu.gyro_bias


def test_a_moving_one_does_not():
    snapshot = levelled(
        samples(GRAVITY, (0.01, -0.02, 0.03)), START_NS, FirstMotion(5.0, 0.0), SETTINGS)
    np.testing.assert_array_equal(snapshot.state.gyro_bias, 0.0)
    np.testing.assert_allclose(np.sqrt(np.diag(snapshot.P)[GYRO_BIAS]), SETTINGS.imu.gyro_bias)


def test_the_tilt_hangs_on_the_bias_as_finite_differences_say():
    motion = FirstMotion(0.0, 0.0, is_standing=True)
    snapshot = levelled(samples(PUSHED), START_NS, motion, SETTINGS)
    for axis in range(3):
        bias = 1e-5 * np.eye(3)[axis]
        other = levelled(samples(PUSHED - bias), START_NS, motion, SETTINGS)
        turn = Rotation.from_matrix(
            other.state.R_map_base @ snapshot.state.R_map_base.T).as_rotvec() / 1e-5
        expected = turn[:2] * SETTINGS.imu.accel_bias**2
        np.testing.assert_allclose(snapshot.P[6:8, 12 + axis], expected, atol=2e-5)


def test_without_an_imu_the_road_is_taken_for_flat():
    snapshot = levelled((), START_NS, FirstMotion(7.0, 0.0), SETTINGS)
    np.testing.assert_array_equal(snapshot.state.R_map_base, np.eye(3))
    np.testing.assert_array_equal(snapshot.state.velocity, [7.0, 0.0, 0.0])
    assert 1.0 < np.degrees(np.sqrt(snapshot.P[6, 6])) < 10.0


@pytest.mark.parametrize('motion', [FirstMotion(), FirstMotion(9.0, 0.1),
                                    FirstMotion(0.0, 0.0, is_standing=True)])
def test_the_first_covariance_is_one(motion):
    P = levelled(samples(PUSHED), START_NS, motion, SETTINGS).P
    np.testing.assert_allclose(P, P.T, atol=1e-12)
    assert np.linalg.eigvalsh(P).min() > -1e-12
    assert np.sqrt(np.diag(P)[VELOCITY])[0] == pytest.approx(
        {None: 10.0, 9.0: 0.3, 0.0: 0.02}[motion.speed_mps])


@pytest.mark.parametrize('sources', [(IMU, FIX, VELOCITY_, WHEELS), (IMU, WHEELS), (IMU, FIX)])
@pytest.mark.parametrize('seed', [0, 1, 2])
def test_standing_on_a_slope_is_seen(sources, seed):
    ridden = standing(2.0, seed, slope=0.15, imu=NO_BIAS).only(*sources)
    assert first_tilt_deg(ridden)[0] < 0.3


@pytest.mark.parametrize('sources', [(IMU, FIX, VELOCITY_, WHEELS), (IMU, WHEELS)])
@pytest.mark.parametrize('seed', [0, 1, 2])
def test_an_accelerating_start_is_not_taken_for_a_slope(sources, seed):
    way = SpeedProfile(12.0, rise_s=4.0)
    ridden = ride(6.0, seed, way=way, bend_rad=0.02, imu=NO_BIAS).only(*sources)
    shifted = ridden.with_said(said for said in ridden.said if said.time_s > 1.0)
    assert first_tilt_deg(shifted)[0] < 3.0


@pytest.mark.parametrize('options', [
    {}, {'way': SpeedProfile(12.0, rise_s=4.0)}, {'slope': 0.1}])
def test_the_first_tilt_is_as_unsure_as_it_is_wrong(options):
    squares = []
    for seed in range(8):
        tilt_deg, deviation_deg = first_tilt_deg(ride(2.0, seed, **options))
        squares.append((tilt_deg / deviation_deg) ** 2)
    assert np.mean(squares) < 2.5


@pytest.mark.parametrize('sources', [(IMU, FIX, VELOCITY_, WHEELS), (IMU, WHEELS)])
def test_standing_with_wheels_tells_the_gyros_bias(sources):
    imu = ImuSettings(rate_hz=100.0, gyro_bias=0.02)
    ridden = standing(2.0, 4, imu=imu).only(*sources)
    estimator = estimated(ridden, until=begun)
    state = estimator.state_at(estimator.newest_ns)
    gyro = np.mean([said.data.angular_velocity_radps for said in ridden.said
                    if said.source is IMU], axis=0)
    assert np.linalg.norm(gyro) > 0.01
    np.testing.assert_allclose(state.gyro_bias, gyro, atol=2e-3)


def test_reversing_from_the_first_moment_is_taken_for_what_it_is():
    estimator = estimated(ride(3.0, 1, way=SpeedProfile(-6.0)))
    tally = estimator.tallies[WHEELS]
    assert tally.contradicting < 0.05 * tally.used


@pytest.mark.parametrize('sources', [(WHEELS,), (FIX, VELOCITY_), (FIX, VELOCITY_, WHEELS)])
def test_without_an_imu_it_begins_after_a_second(sources):
    ridden = ride(4.0).only(*sources)
    for until_s, is_begun in ((0.9, False), (1.3, True)):
        said = (item for item in ridden.said if item.time_s < until_s)
        assert begun(estimated(ridden.with_said(said))) == is_begun


def test_wheels_that_come_late_are_taken_up():
    ridden = ride(8.0, 1)
    late = ridden.with_said(
        said for said in ridden.said if said.source is not WHEELS or said.time_s > 3.0)
    estimator = estimated(late)
    tally = estimator.tallies[WHEELS]
    assert tally.used > 200
    assert tally.contradicting < 0.05 * tally.used
    errors = ridden.errors(estimator.state_at(estimator.newest_ns))
    assert abs(np.degrees(errors[5])) < 1.0
    assert np.linalg.norm(errors[6:]) < 0.3


def test_an_imu_that_comes_late_is_taken_up():
    ridden = ride(10.0, 1)
    late = ridden.with_said(
        said for said in ridden.said if said.source is not IMU or said.time_s > 3.0)
    estimator = estimated(late)
    errors = ridden.errors(estimator.state_at(estimator.newest_ns))
    assert estimator.tallies[IMU].used > 600
    assert np.degrees(np.abs(errors[3:6])).max() < 1.5
    assert np.linalg.norm(errors[6:]) < 0.3


def test_samples_out_of_order_do_not_begin_it():
    ridden = ride(3.0)
    twice = ridden.with_said(
        [*ridden.said, *(replace_arrival(said) for said in ridden.said if said.source is IMU)])
    first, other = (estimated(item, until=begun) for item in (ridden, twice))
    np.testing.assert_allclose(
        first.state_at(START_NS + NS_PER_S // 2).T_map_base,
        other.state_at(START_NS + NS_PER_S // 2).T_map_base, atol=0.1)


def replace_arrival(said):
    return said._replace(arrival_ns=said.arrival_ns + 35 * NS_PER_MS, data=replace(said.data))
