# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What a rig file says about one LiDAR.
"""

from __future__ import annotations

from dataclasses import dataclass

from mm_fusion_ros.config import parameter
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.sim.sensors.mount import Mount, POSITION

_DEMO_ELEVATIONS_DEG = tuple(10.0 - 40.0 * beam / 31.0 for beam in range(32))


@dataclass(frozen=True, slots=True)
class LidarSettings(Mount):
    """A spinning LiDAR: where it is, how it scans, how well it sees."""

    x_m: float = parameter(0.9, POSITION, 'm')
    z_m: float = parameter(1.8, POSITION, 'm')
    center_height_m: float = parameter(
        0.0, 'How far above the origin of its frame the beams meet.', 'm')

    elevations_deg: tuple[float, ...] = parameter(
        _DEMO_ELEVATIONS_DEG, 'Of the beams, in the order of their ring numbers.', 'deg',
        minimum=-90.0, maximum=90.0)
    azimuth_steps: int = parameter(
        1024, 'Firings of all beams in a turn.', minimum=4, maximum=20_000)
    rate_hz: float = parameter(10.0, 'Turns.', 'Hz', minimum=0.1, maximum=100.0)
    phase_ms: float = parameter(0.0, 'When the first sweep begins.', 'ms', minimum=0.0)
    clockwise: bool = parameter(True, 'Direction of the spin, seen from above.')
    start_azimuth_deg: float = parameter(180.0, 'Where a sweep begins, 0 is ahead.', 'deg')
    stamp_is: str = parameter(
        'start', 'What instant of the sweep the header stamp is.',
        choices=('start', 'middle', 'end'))
    blocked_deg: tuple[float, ...] = parameter(
        (), 'Parts of the own vehicle in view, as triples: from this azimuth, anticlockwise to '
        'that one, all beams below that elevation see nothing else.', 'deg',
        minimum=-360.0, maximum=360.0)

    min_range_m: float = parameter(1.0, 'Nearer things are not reported.', 'm', minimum=0.0)
    max_range_m: float = parameter(
        100.0, 'Farther things are not reported.', 'm', minimum=1.0, maximum=500.0)
    power_range_m: float = parameter(
        60.0, 'Where a target of 10 % reflectivity is seen every other time.', 'm',
        minimum=1.0, maximum=1000.0)
    dropout: float = parameter(
        0.005, 'Share of returns lost at random.', minimum=0.0, maximum=1.0)
    range_noise_m: float = parameter(
        0.015, 'Standard deviation on a good target; more on a weak one.', 'm', minimum=0.0)
    beam_bias_m: float = parameter(
        0.01, "Standard deviation of the beams' constant range errors.", 'm', minimum=0.0)
    beam_elevation_error_deg: float = parameter(
        0.02, "Standard deviation of the beams' unknown elevation errors.", 'deg', minimum=0.0)

    intensity_scale: float = parameter(
        1.0, 'What a matt white target reads.', minimum=0.0)
    intensity_max: float = parameter(1.0, 'What a blinding target reads.', minimum=0.0)
    intensity_step: float = parameter(0.01, 'Least difference of readings.', minimum=1e-6)
    intensity_noise: float = parameter(
        0.15, 'Standard deviation of a reading, as a share of it.', minimum=0.0)
    beam_intensity_loss: float = parameter(
        0.02, 'Mean of what a beam always reads too little, as a share of intensity_scale; few '
        'beams much, most little.', minimum=0.0)

    def __post_init__(self) -> None:
        """Check what a range of single numbers does not tell."""
        if not self.elevations_deg:
            raise ConfigError('elevations_deg', 'a beam or more', '()')
        if len(self.blocked_deg) % 3:
            raise ConfigError('blocked_deg', 'triples', f'{len(self.blocked_deg)} numbers')
        if self.min_range_m >= self.max_range_m:
            raise ConfigError(
                'min_range_m', f'less than max_range_m ({self.max_range_m:g} m)',
                f'{self.min_range_m:g} m')

    @property
    def period_s(self) -> float:
        """Length of a sweep, s."""
        return 1.0 / self.rate_hz
