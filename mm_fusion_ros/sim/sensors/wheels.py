# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Wheel speed: how fast the rear axle rolls forward, and turns, by counting teeth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.config import parameter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.world.world import Drive


@dataclass(frozen=True, slots=True)
class WheelSettings:
    """How well wheel speed is measured."""

    rate_hz: float = parameter(50.0, 'Measurements.', 'Hz', minimum=1.0, maximum=1000.0)
    scale_error: float = parameter(
        0.01, 'Spread of the constant scale error.', minimum=0.0, maximum=0.2)
    noise_mps: float = parameter(0.03, 'Standard deviation.', 'm/s', minimum=0.0)
    step_mps: float = parameter(0.02, 'Least difference of readings.', 'm/s', minimum=0.0)
    turn_noise_radps: float = parameter(
        0.01, 'Standard deviation of the turn rate.', 'rad/s', minimum=0.0)


@dataclass(frozen=True, slots=True, eq=False)
class WheelSeries:
    """
    N measurements in base_link.

    Attributes
    ----------
    times_s : (N,) float64
        s since the world began.
    forward_mps, turn_radps : (N,) float64
        As measured.
    scale : float
        Forward speed as measured over true speed.

    """

    times_s: NDArray[np.float64]
    forward_mps: NDArray[np.float64]
    turn_radps: NDArray[np.float64]
    scale: float


def simulate_wheels(
    drive: Drive, settings: WheelSettings, rng: np.random.Generator | None
) -> WheelSeries:
    """Measure a whole drive; without a random generator, exactly."""
    times = np.arange(int(drive.duration_s * settings.rate_hz) + 1) / settings.rate_hz
    linear, angular = drive.twist(times)
    forward, turn, scale = linear[:, 0], angular[:, 2], 1.0
    if rng is not None:
        scale = float(1.0 + rng.normal(0.0, settings.scale_error))
        rolls = np.abs(forward) > 0.05  # a wheel that stands reads nothing
        forward = forward * scale + rolls * rng.normal(0.0, settings.noise_mps, len(times))
        if settings.step_mps:
            forward = np.rint(forward / settings.step_mps) * settings.step_mps
        turn = turn * scale + rolls * rng.normal(0.0, settings.turn_noise_radps, len(times))
    return WheelSeries(times, forward, turn, scale)
