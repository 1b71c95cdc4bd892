# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A GNSS receiver: positions and velocities of its antenna, with errors that linger.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.config import parameter
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.geometry.geodesy import LocalEnu
from mm_fusion_ros.sim.sensors.mount import Mount, POSITION

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.world.world import World

_HEIGHT_FACTOR = 1.8  # heights are worse than positions on the plan
_JUMP_S = (2.0, 8.0)


@dataclass(frozen=True, slots=True)
class GnssSettings(Mount):
    """Where the antenna is and how well the receiver measures."""

    x_m: float = parameter(0.3, POSITION, 'm')
    z_m: float = parameter(1.6, POSITION, 'm')
    rate_hz: float = parameter(10.0, 'Fixes.', 'Hz', minimum=0.1, maximum=100.0)
    noise_m: float = parameter(0.5, 'White error, standard deviation.', 'm', minimum=0.0)
    drift_m: float = parameter(
        0.8, 'Gauss-Markov error, standard deviation.', 'm', minimum=0.0)
    drift_time_s: float = parameter(60.0, 'Its correlation time.', 's', minimum=0.1)
    velocity_noise_mps: float = parameter(0.08, 'Of the velocity.', 'm/s', minimum=0.0)
    jumps_per_hour: float = parameter(
        20.0, 'Multipath: how often positions jump for some seconds.', minimum=0.0)
    jump_m: float = parameter(6.0, 'How far they jump.', 'm', minimum=0.0)
    outages_s: tuple[float, ...] = parameter(
        (), 'Without a fix: pairs of begin and end.', 's', minimum=0.0)

    def __post_init__(self) -> None:
        """Check that outages have ends."""
        if len(self.outages_s) % 2:
            raise ConfigError('outages_s', 'pairs', f'{len(self.outages_s)} numbers')


@dataclass(frozen=True, slots=True, eq=False)
class GnssSeries:
    """
    N fixes.

    Attributes
    ----------
    times_s : (N,) float64
        s since the world began.
    geodetic : (N, 3) float64
        Latitude and longitude, deg, height above the ellipsoid, m.
    has_fix : (N,) bool
        False during outages, where the position is not to be used.
    velocities_enu_mps : (N, 3) float64
        East, north, up.
    variances_enu_m2 : (3,) float64
        As the receiver believes, multipath left out.

    """

    times_s: NDArray[np.float64]
    geodetic: NDArray[np.float64]
    has_fix: NDArray[np.bool_]
    velocities_enu_mps: NDArray[np.float64]
    variances_enu_m2: NDArray[np.float64]


def simulate_gnss(
    world: World, settings: GnssSettings, rng: np.random.Generator | None
) -> GnssSeries:
    """Measure a whole drive; without a random generator, exactly."""
    drive = world.drive
    times = np.arange(int(drive.duration_s * settings.rate_hz) + 1) / settings.rate_hz
    T_world_base = drive.T_world_base(times)
    arm = settings.T_base_mount[:3, 3]
    places = T_world_base[:, :3, :3] @ arm + T_world_base[:, :3, 3]
    linear, angular = drive.twist(times)
    velocities = np.einsum(
        'nij,nj->ni', T_world_base[:, :3, :3], linear + np.cross(angular, arm))
    spread = np.array([1.0, 1.0, _HEIGHT_FACTOR])
    errors = np.zeros_like(places)
    if rng is not None:
        errors = spread * (
            rng.normal(0.0, settings.noise_m, places.shape)
            + _drift(rng, settings, len(times))) + _jumps(rng, settings, times)
        velocities += rng.normal(0.0, settings.velocity_noise_mps, velocities.shape) * spread
    has_fix = np.ones(len(times), np.bool_)
    for begin_s, end_s in zip(settings.outages_s[::2], settings.outages_s[1::2], strict=True):
        has_fix &= (times < begin_s) | (times >= end_s)
    ground = LocalEnu(world.latitude_deg, world.longitude_deg, world.altitude_m)
    variances = (settings.noise_m**2 + settings.drift_m**2) * spread**2
    return GnssSeries(
        times, ground.to_geodetic(places + errors), has_fix, velocities, variances)


def _drift(rng: np.random.Generator, settings: GnssSettings, count: int) -> NDArray[np.float64]:
    """Give a first-order Gauss-Markov process (count, 3), m."""
    keep = np.exp(-1.0 / (settings.rate_hz * settings.drift_time_s))
    steps = rng.normal(0.0, settings.drift_m, (count, 3))
    steps[1:] *= np.sqrt(1.0 - keep**2)
    error = np.empty_like(steps)
    error[0] = steps[0]
    for row in range(1, count):
        error[row] = keep * error[row - 1] + steps[row]
    return error


def _jumps(
    rng: np.random.Generator, settings: GnssSettings, times_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    error = np.zeros((len(times_s), 3))
    expected = settings.jumps_per_hour * (times_s[-1] - times_s[0]) / 3600.0
    for _ in range(rng.poisson(expected)):
        begin_s = rng.uniform(times_s[0], times_s[-1])
        during = (times_s >= begin_s) & (times_s < begin_s + rng.uniform(*_JUMP_S))
        direction = rng.normal(size=3) * (1.0, 1.0, 0.5)
        error[during] += direction / np.linalg.norm(direction) * settings.jump_m
    return error
