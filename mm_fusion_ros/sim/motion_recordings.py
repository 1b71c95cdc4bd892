# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
IMU, GNSS, wheels and the true motion of a drive as messages to be recorded.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.datasets.summary import Recording
from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.data_types import EgoPose, GnssFix, ImuSample, Twist
from mm_fusion_ros.messages.convert_out import (
    from_ego_pose,
    from_gnss_fix,
    from_imu_sample,
    from_twist,
)
from mm_fusion_ros.sim.frames import stamp_of
from mm_fusion_ros.sim.sensors.clocks import timing
from mm_fusion_ros.sim.sensors.gnss import simulate_gnss
from mm_fusion_ros.sim.sensors.imu import simulate_imu
from mm_fusion_ros.sim.sensors.wheels import simulate_wheels

if TYPE_CHECKING:
    from mm_fusion_ros.sim.rig import Mounted, Rig
    from mm_fusion_ros.sim.world.world import World

_TRUTH_HZ = 100.0
_BIAS_EVERY = 50  # measurements
_IMU, _GNSS, _WHEELS = range(10, 13)  # apart from the kinds of shots


def motion_recordings(world: World, rig: Rig, seed: int) -> list[Recording]:
    """Measure the motion of a whole drive, and tell the truth about it."""
    return [*_imu(world, rig.imu, seed), *_gnss(world, rig.gnss, seed),
            *_wheels(world, rig.wheels, seed), *_truth(world)]


def _imu(world: World, imu: Mounted, seed: int) -> list[Recording]:
    rng = np.random.default_rng([seed, _IMU])
    settings = imu.settings
    series = simulate_imu(
        world.drive, settings, world.latitude_deg, world.altitude_m, rng)
    when = timing(imu.clock, series.times_s, series.times_s, rng)
    rate = np.eye(3) * settings.rate_hz
    found = []
    for row in np.flatnonzero(~when.is_lost):
        sample = ImuSample(
            stamp_of(when.stamps_s[row]), names.IMU_FRAME, series.angular_velocity_radps[row],
            series.linear_acceleration_mps2[row],
            angular_velocity_covariance=rate * settings.gyro_noise**2,
            linear_acceleration_covariance=rate * settings.accel_noise**2)
        arrival_ns = stamp_of(when.arrivals_s[row])
        found.append(Recording(
            arrival_ns, names.IMU, partial(from_imu_sample, sample, BAG_TYPES)))
        if row % _BIAS_EVERY == 0:
            bias = ImuSample(stamp_of(series.times_s[row]), names.IMU_FRAME,
                             series.gyro_bias_radps[row], series.accel_bias_mps2[row])
            found.append(Recording(
                arrival_ns, names.TRUE_IMU_BIAS, partial(from_imu_sample, bias, BAG_TYPES)))
    return found


def _gnss(world: World, gnss: Mounted, seed: int) -> list[Recording]:
    rng = np.random.default_rng([seed, _GNSS])
    series = simulate_gnss(world, gnss.settings, rng)
    when = timing(gnss.clock, series.times_s, series.times_s, rng)
    covariance = np.diag(series.variances_enu_m2)
    found = []
    for row in np.flatnonzero(~when.is_lost):
        stamp_ns, arrival_ns = stamp_of(when.stamps_s[row]), stamp_of(when.arrivals_s[row])
        latitude_deg, longitude_deg, altitude_m = series.geodetic[row].tolist()
        fix = GnssFix(stamp_ns, names.GNSS_FRAME, latitude_deg, longitude_deg, altitude_m,
                      bool(series.has_fix[row]), covariance)
        velocity = Twist(stamp_ns, names.GNSS_FRAME, series.velocities_enu_mps[row], np.zeros(3))
        found.append(Recording(
            arrival_ns, names.GNSS_FIX, partial(from_gnss_fix, fix, BAG_TYPES)))
        if fix.has_fix:
            found.append(Recording(
                arrival_ns, names.GNSS_VELOCITY, partial(from_twist, velocity, BAG_TYPES)))
    return found


def _wheels(world: World, wheels: Mounted, seed: int) -> list[Recording]:
    rng = np.random.default_rng([seed, _WHEELS])
    series = simulate_wheels(world.drive, wheels.settings, rng)
    when = timing(wheels.clock, series.times_s, series.times_s, rng)
    found = []
    for row in np.flatnonzero(~when.is_lost):
        twist = Twist(
            stamp_of(when.stamps_s[row]), names.BASE_FRAME,
            np.array([series.forward_mps[row], 0.0, 0.0]),
            np.array([0.0, 0.0, series.turn_radps[row]]))
        found.append(Recording(stamp_of(when.arrivals_s[row]), names.VEHICLE_TWIST,
                               partial(from_twist, twist, BAG_TYPES)))
    return found


def _truth(world: World) -> list[Recording]:
    times = np.arange(int(world.drive.duration_s * _TRUTH_HZ) + 1) / _TRUTH_HZ
    poses = world.drive.T_world_base(times)
    linear, angular = world.drive.twist(times)
    return [
        Recording(stamp_of(time), names.TRUE_ODOMETRY, partial(
            from_ego_pose,
            EgoPose(stamp_of(time), names.ODOM_FRAME, names.BASE_FRAME, poses[row], linear[row],
                    angular[row]), BAG_TYPES))
        for row, time in enumerate(times.tolist())
    ]
