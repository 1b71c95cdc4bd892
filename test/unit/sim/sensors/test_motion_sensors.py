# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""IMU, GNSS, wheels and clocks measure the drive as they should, with the errors they should."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.geometry.geodesy import LocalEnu
from mm_fusion_ros.geometry.gravity import normal_gravity
from mm_fusion_ros.sim.sensors.clocks import ClockSettings, timing
from mm_fusion_ros.sim.sensors.gnss import GnssSettings, simulate_gnss
from mm_fusion_ros.sim.sensors.imu import ImuSettings, simulate_imu
from mm_fusion_ros.sim.sensors.wheels import simulate_wheels, WheelSettings
from mm_fusion_ros.sim.world.ego_drive import EgoDrive
from mm_fusion_ros.sim.world.path import Path
from mm_fusion_ros.sim.world.streets import Streets
from mm_fusion_ros.sim.world.world import World

DURATION_S = 20.0


def hills(xy):
    return 1.5 * np.sin(xy[:, 0] / 40.0) + 1.0 * np.cos(xy[:, 1] / 30.0)


def stop_and_go(times_s):
    """Roll, brake to a stand, and go on."""
    return 60.0 + 9.0 * times_s + 30.0 * np.sin(times_s * 0.3)


@pytest.fixture(scope='module')
def drive():
    angles = np.linspace(0.0, 2.4 * np.pi, 90)
    radius = 60.0 + 15.0 * np.sin(2.0 * angles)
    path = Path(np.stack([radius * np.cos(angles), radius * np.sin(angles)], axis=1))
    return EgoDrive(path, stop_and_go, hills, DURATION_S, np.random.default_rng(1))


@pytest.fixture
def world(drive):
    class Site:
        streets = Streets((), (), (), (), ())

    return World(0, Site(), (), drive, 49.0, 8.4, 110.0)


def test_the_drive_turns_climbs_and_changes_speed(drive):
    times = np.arange(0.0, DURATION_S, 0.1)
    linear, angular = drive.twist(times)
    assert np.ptp(linear[:, 0]) > 10.0
    assert np.ptp(angular[:, 2]) > 0.1
    assert np.ptp(drive.T_world_base(times)[:, 2, 3]) > 1.0
    assert np.abs(linear[:, 1]).max() < 0.1  # it does not slip sideways


def test_the_derivatives_of_a_drive_are_those_of_its_poses(drive):
    times, step = np.linspace(1.0, 19.0, 50), 1e-4
    T = [drive.T_world_base(times + shift) for shift in (-step, 0.0, step)]
    velocity = (T[2][:, :3, 3] - T[0][:, :3, 3]) / (2.0 * step)
    linear, angular = drive.twist(times)
    np.testing.assert_allclose(
        np.einsum('nij,nj->ni', T[1][:, :3, :3], linear), velocity, atol=1e-5)
    turned = Rotation.from_matrix(T[0][:, :3, :3].transpose(0, 2, 1) @ T[2][:, :3, :3])
    np.testing.assert_allclose(turned.as_rotvec() / (2.0 * step), angular, atol=1e-5)


@pytest.mark.parametrize('mount', [
    {},
    {'x_m': 1.5, 'y_m': -0.4, 'z_m': 0.9, 'roll_deg': 180.0, 'pitch_deg': 3.0, 'yaw_deg': 95.0},
])
def test_a_perfect_imu_integrates_back_to_the_drive(drive, mount):
    settings = ImuSettings(rate_hz=200.0, **mount)
    series = simulate_imu(drive, settings, 49.0, 110.0, None)
    dt = 1.0 / settings.rate_hz
    T = (drive.T_world_base(series.times_s) @ settings.T_base_mount)
    h = 1e-4
    before, after = (
        (drive.T_world_base(np.array([time])) @ settings.T_base_mount)[0, :3, 3]
        for time in (-h, h))
    R, p, v = Rotation.from_matrix(T[0, :3, :3]), T[0, :3, 3].copy(), (after - before) / (2.0 * h)
    down = np.array([0.0, 0.0, -normal_gravity(49.0, 110.0)])
    gyro, force = series.angular_velocity_radps, series.linear_acceleration_mps2
    for k in range(len(series.times_s) - 1):
        R_next = R * Rotation.from_rotvec((gyro[k] + gyro[k + 1]) / 2.0 * dt)
        a = (R.apply(force[k]) + R_next.apply(force[k + 1])) / 2.0 + down
        p += v * dt + a * dt**2 / 2.0
        v += a * dt
        R = R_next
    assert np.linalg.norm(p - T[-1, :3, 3]) < 0.05
    error = (Rotation.from_matrix(T[-1, :3, :3]).inv() * R).magnitude()
    assert np.rad2deg(error) < 0.05


def test_an_imu_at_rest_feels_gravity_upwards():
    path = Path(np.array([(0.0, 0.0), (50.0, 0.0), (100.0, 0.0)]))
    still = EgoDrive(path, lambda t: 0.0 * t + 20.0, lambda xy: 0.0 * xy[:, 0], 3.0, None)
    series = simulate_imu(still, ImuSettings(), 49.0, 110.0, None)
    np.testing.assert_allclose(
        series.linear_acceleration_mps2,
        np.tile((0.0, 0.0, normal_gravity(49.0, 110.0)), (601, 1)),
        atol=1e-6)
    np.testing.assert_allclose(series.angular_velocity_radps, 0.0, atol=1e-9)


@pytest.mark.parametrize(('latitude_deg', 'wanted'), [(0.0, 9.780325), (45.0, 9.806199),
                                                      (90.0, 9.832185)])
def test_gravity_is_that_of_the_ellipsoid(latitude_deg, wanted):
    assert normal_gravity(latitude_deg, 0.0) == pytest.approx(wanted, abs=1e-5)


def test_imu_noise_has_its_density_and_biases_walk(drive):
    settings = ImuSettings(gyro_walk=1e-3, gyro_bias=0.01)
    exact = simulate_imu(drive, settings, 49.0, 110.0, None)
    noisy = simulate_imu(drive, settings, 49.0, 110.0, np.random.default_rng(3))
    noise = noisy.angular_velocity_radps - exact.angular_velocity_radps - noisy.gyro_bias_radps
    assert noise.std() == pytest.approx(settings.gyro_noise * np.sqrt(200.0), rel=0.05)
    steps = np.diff(noisy.gyro_bias_radps, axis=0)
    assert steps.std() == pytest.approx(1e-3 / np.sqrt(200.0), rel=0.05)


def test_an_imu_saturates(drive):
    settings = ImuSettings(gyro_limit=0.1)
    series = simulate_imu(drive, settings, 49.0, 110.0, np.random.default_rng(0))
    assert np.abs(series.angular_velocity_radps).max() == 0.1


def test_a_perfect_receiver_is_where_its_antenna_is(world, drive):
    settings = GnssSettings(x_m=1.0, y_m=0.5, z_m=1.6)
    series = simulate_gnss(world, settings, None)
    T = drive.T_world_base(series.times_s) @ settings.T_base_mount
    enu = LocalEnu(49.0, 8.4, 110.0).to_enu(*series.geodetic.T)
    np.testing.assert_allclose(enu, T[:, :3, 3], atol=1e-3)
    step = 1e-3
    T = [drive.T_world_base(series.times_s + shift) @ settings.T_base_mount
         for shift in (-step, step)]
    moved = (T[1] - T[0])[:, :3, 3] / (2.0 * step)
    np.testing.assert_allclose(series.velocities_enu_mps, moved, atol=1e-4)


def errors_m(world, settings, seed):
    """Give how far off fixes are (N, 3), east, north and up, m."""
    ground = LocalEnu(world.latitude_deg, world.longitude_deg, world.altitude_m)
    found, true = (ground.to_enu(*simulate_gnss(world, settings, rng).geodetic.T)
                   for rng in (np.random.default_rng(seed), None))
    return found - true


def test_errors_of_a_receiver_are_as_large_as_it_says(world):
    settings = GnssSettings(jumps_per_hour=0.0, rate_hz=20.0)
    found = np.concatenate([errors_m(world, settings, seed) for seed in range(40)])
    said = simulate_gnss(world, settings, None).variances_enu_m2
    np.testing.assert_allclose((found**2).mean(axis=0) / said, 1.0, atol=0.3)


def test_errors_linger(world):
    settings = GnssSettings(noise_m=0.0, drift_m=1.0, jumps_per_hour=0.0)
    error = errors_m(world, settings, 0)[:, 0]
    assert np.abs(np.diff(error)).max() < 0.4 * max(np.ptp(error), 0.5)


def test_outages_are_said_and_jumps_come_and_go(world):
    settings = GnssSettings(outages_s=(3.0, 5.0), noise_m=0.0, drift_m=0.0,
                            jumps_per_hour=2000.0, jump_m=6.0)
    series = simulate_gnss(world, settings, np.random.default_rng(2))
    is_out = (series.times_s >= 3.0) & (series.times_s < 5.0)
    np.testing.assert_array_equal(series.has_fix, ~is_out)
    size = np.linalg.norm(errors_m(world, settings, 2), axis=1)
    assert size.max() > 5.9
    assert size.min() < 1e-6


def test_half_an_outage_is_refused():
    with pytest.raises(ConfigError, match='outages_s: expected pairs, got 3 numbers'):
        GnssSettings(outages_s=(1.0, 2.0, 3.0))


def test_wheels_read_a_scaled_speed_in_steps(drive):
    settings = WheelSettings(scale_error=0.05, noise_mps=0.0, step_mps=0.5)
    exact = simulate_wheels(drive, settings, None)
    np.testing.assert_allclose(exact.forward_mps, drive.twist(exact.times_s)[0][:, 0])
    series = simulate_wheels(drive, settings, np.random.default_rng(0))
    assert series.scale != 1.0
    assert np.abs(series.forward_mps - exact.forward_mps * series.scale).max() <= 0.25 + 1e-9
    assert (np.abs(series.forward_mps / 0.5 % 1.0) < 1e-9).all()


def test_a_clock_is_off_by_what_it_is_told():
    times = np.arange(100) * 0.1
    settings = ClockSettings(offset_ms=30.0, drift_ppm=200.0, delay_ms=7.0)
    when = timing(settings, times, times + 0.1, None)
    np.testing.assert_allclose(when.stamps_s, times * 1.0002 + 0.03)
    np.testing.assert_allclose(when.arrivals_s, times + 0.107, atol=1e-3)
    assert not when.is_lost.any()


def test_messages_of_a_topic_arrive_in_order_however_they_jitter():
    times = np.arange(1000) * 0.005
    settings = ClockSettings(jitter_ms=2.0, delay_jitter_ms=30.0, loss=0.1)
    when = timing(settings, times, times, np.random.default_rng(0))
    assert (np.diff(when.arrivals_s) > 0.0).all()
    assert (when.arrivals_s > times).all()
    assert 0.05 < when.is_lost.mean() < 0.15
    assert np.std(when.stamps_s - times) == pytest.approx(0.002, rel=0.1)


def test_the_same_generator_gives_the_same_measurements(world, drive):
    for measure in (
        lambda rng: simulate_imu(drive, ImuSettings(), 49.0, 110.0, rng).angular_velocity_radps,
        lambda rng: simulate_gnss(world, GnssSettings(), rng).geodetic,
        lambda rng: simulate_wheels(drive, WheelSettings(), rng).forward_mps,
    ):
        first, again, other = (measure(np.random.default_rng(seed)) for seed in (4, 4, 5))
        np.testing.assert_array_equal(first, again)
        assert (first != other).any()


def test_a_smooth_road_does_not_shake(drive):
    path = Path(np.array([(0.0, 0.0), (100.0, 0.0), (300.0, 0.0)]))
    make = [EgoDrive(path, lambda t: 20.0 + 10.0 * t, lambda xy: 0.0 * xy[:, 0], 5.0, rng)
            for rng in (None, np.random.default_rng(0))]
    heights = [np.ptp(one.T_world_base(np.arange(0.0, 5.0, 0.01))[:, 2, 3]) for one in make]
    assert heights[0] < 1e-9
    assert 1e-4 < heights[1] < 0.02


