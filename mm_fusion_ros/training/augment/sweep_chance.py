# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What happens by chance to the LiDARs of a sample.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.training.augment import sweeps
from mm_fusion_ros.training.augment.mountings import displaced

if TYPE_CHECKING:
    from mm_fusion_ros.data_types import LidarInput, LidarSweep
    from mm_fusion_ros.training.augment.settings import AugmentSettings, MountingSettings
    from mm_fusion_ros.training.augment.weather import Weather
    from mm_fusion_ros.training.sample import TrainingSample

_STEPS = (2, 4)
_LONGEST_RANGE_M = 80.0
_LOST_IN_RAIN = 0.005  # share of the points, for each drop on a lens


def chance_sweeps(
    sample: TrainingSample, settings: AugmentSettings, weather: Weather,
    rng: np.random.Generator,
) -> TrainingSample:
    """
    Change what the LiDARs measure, and then err about where they sit.

    Boxes count the points that are left, where they really are.
    """
    if not sample.frame.lidars:
        return sample
    own = settings.sweep
    limit_m = np.inf
    if rng.random() < own.short_range_share:
        limit_m = rng.uniform(own.shortest_range_m, _LONGEST_RANGE_M)
    loss, deviation_m = rng.random(2) * (own.max_loss, own.max_range_noise_m)
    loss = 1.0 - (1.0 - loss) * (1.0 - min(_LOST_IN_RAIN * weather.drops, 1.0))

    def changed(sweep: LidarSweep) -> LidarSweep:
        if rng.random() < own.thinning_share:
            sweep = sweeps.thinned_beams(sweep, int(rng.choice(_STEPS)), int(rng.integers(4)))
        if limit_m < np.inf:
            sweep = sweeps.range_limited(sweep, limit_m)
        sweep = sweeps.thinned(sweep, loss, rng)
        if weather.sight_m < np.inf:
            sweep = sweeps.fogged(sweep, weather.sight_m, rng)
        return sweeps.noisy_ranges(sweep, deviation_m, rng)

    sample = sweeps.changed_sweeps(sample, changed)
    sample = _chance_intensity(sample, settings, rng)
    lidars = tuple(
        _chance_mounting(lidar, settings.mounting, rng) for lidar in sample.frame.lidars)
    return replace(sample, frame=replace(sample.frame, lidars=lidars))


def _chance_intensity(
    sample: TrainingSample, settings: AugmentSettings, rng: np.random.Generator
) -> TrainingSample:
    own = settings.sweep
    is_dropped = rng.random() < own.no_intensity_share
    gamma, factor = np.exp(rng.uniform(-own.intensity_spread, own.intensity_spread, 2))
    if not is_dropped and own.intensity_spread <= 0.0:
        return sample

    def changed(lidar: LidarInput) -> LidarInput:
        sweep = (sweeps.without_intensity(lidar.sweep) if is_dropped
                 else sweeps.with_intensity(lidar.sweep, gamma, factor))
        return replace(lidar, sweep=sweep)

    lidars = tuple(map(changed, sample.frame.lidars))
    return replace(sample, frame=replace(sample.frame, lidars=lidars))


def _chance_mounting(
    lidar: LidarInput, settings: MountingSettings, rng: np.random.Generator
) -> LidarInput:
    return replace(lidar, T_base_lidar=displaced(
        lidar.T_base_lidar, np.radians(settings.lidar_turn_deg), settings.lidar_shift_m, rng))
