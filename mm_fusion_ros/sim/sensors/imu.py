# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
An IMU: turn rates and specific force where it sits, with noise and drifting biases.

The turning of the Earth is left out; it is far below the noise of such sensors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.config import parameter
from mm_fusion_ros.geometry.gravity import normal_gravity
from mm_fusion_ros.sim.sensors.mount import Mount, POSITION

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.world.world import Drive


@dataclass(frozen=True, slots=True)
class ImuSettings(Mount):
    """Where an IMU sits and how well it measures; defaults are of a consumer MEMS sensor."""

    x_m: float = parameter(0.6, POSITION, 'm')
    y_m: float = parameter(0.1, POSITION, 'm')
    z_m: float = parameter(0.5, POSITION, 'm')
    rate_hz: float = parameter(200.0, 'Measurements.', 'Hz', minimum=1.0, maximum=2000.0)
    gyro_noise: float = parameter(1.7e-4, 'Noise density.', 'rad/s/sqrt(Hz)', minimum=0.0)
    accel_noise: float = parameter(2.0e-3, 'Noise density.', 'm/s^2/sqrt(Hz)', minimum=0.0)
    gyro_walk: float = parameter(2.0e-5, 'Random walk of the bias.', 'rad/s^2/sqrt(Hz)',
                                 minimum=0.0)
    accel_walk: float = parameter(3.0e-4, 'Random walk of the bias.', 'm/s^3/sqrt(Hz)',
                                  minimum=0.0)
    gyro_bias: float = parameter(3.0e-3, 'Spread of the first bias.', 'rad/s', minimum=0.0)
    accel_bias: float = parameter(0.05, 'Spread of the first bias.', 'm/s^2', minimum=0.0)
    gyro_limit: float = parameter(8.7, 'Larger turn rates read so.', 'rad/s', minimum=0.1)
    accel_limit: float = parameter(78.0, 'Larger forces read so.', 'm/s^2', minimum=10.0)


@dataclass(frozen=True, slots=True, eq=False)
class ImuSeries:
    """
    N measurements in the IMU's frame.

    Attributes
    ----------
    times_s : (N,) float64
        s since the world began.
    angular_velocity_radps, linear_acceleration_mps2 : (N, 3) float64
        As measured; +g upwards at rest.
    gyro_bias_radps, accel_bias_mps2 : (N, 3) float64
        What of it is bias.

    """

    times_s: NDArray[np.float64]
    angular_velocity_radps: NDArray[np.float64]
    linear_acceleration_mps2: NDArray[np.float64]
    gyro_bias_radps: NDArray[np.float64]
    accel_bias_mps2: NDArray[np.float64]


def simulate_imu(
    drive: Drive, settings: ImuSettings, latitude_deg: float, altitude_m: float,
    rng: np.random.Generator | None,
) -> ImuSeries:
    """
    Measure a whole drive.

    Parameters
    ----------
    drive : Drive
        What is measured.
    settings : ImuSettings
        The sensor.
    latitude_deg, altitude_m : float
        Gravity follows from them.
    rng : Generator, optional
        Noise and biases; none without it.

    """
    times = np.arange(int(drive.duration_s * settings.rate_hz) + 1) / settings.rate_hz
    T_base_imu = settings.T_base_mount
    R_base_imu, arm = T_base_imu[:3, :3], T_base_imu[:3, 3]
    R_world_base = drive.T_world_base(times)[:, :3, :3]
    _, turning = drive.twist(times)
    force = drive.acceleration(times) + np.array(
        [0.0, 0.0, normal_gravity(latitude_deg, altitude_m)])
    force = np.einsum('nij,ni->nj', R_world_base, force)
    force += np.cross(drive.angular_acceleration(times), arm)
    force += np.cross(turning, np.cross(turning, arm))
    gyro, accel = turning @ R_base_imu, force @ R_base_imu
    gyro_bias, accel_bias = np.zeros_like(gyro), np.zeros_like(accel)
    if rng is not None:
        gyro_bias, accel_bias = (
            _biases(rng, len(times), first, walk / np.sqrt(settings.rate_hz))
            for first, walk in ((settings.gyro_bias, settings.gyro_walk),
                                (settings.accel_bias, settings.accel_walk)))
        spread = np.sqrt(settings.rate_hz)
        gyro += gyro_bias + rng.normal(0.0, settings.gyro_noise * spread, gyro.shape)
        accel += accel_bias + rng.normal(0.0, settings.accel_noise * spread, accel.shape)
        np.clip(gyro, -settings.gyro_limit, settings.gyro_limit, out=gyro)
        np.clip(accel, -settings.accel_limit, settings.accel_limit, out=accel)
    return ImuSeries(times, gyro, accel, gyro_bias, accel_bias)


def _biases(
    rng: np.random.Generator, count: int, first: float, step: float
) -> NDArray[np.float64]:
    steps = rng.normal(0.0, step, (count, 3))
    steps[0] = rng.normal(0.0, first, 3)
    return np.cumsum(steps, axis=0)
