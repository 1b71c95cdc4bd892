# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Changes a sample in many ways at once, by chance: what it is seen by, how well, and where.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.training.augment.camera_chance import chance_cameras
from mm_fusion_ros.training.augment.similarity import changed_sample, Similarity
from mm_fusion_ros.training.augment.sweep_chance import chance_sweeps
from mm_fusion_ros.training.augment.weather import chance_weather

if TYPE_CHECKING:
    from mm_fusion_ros.training.augment.settings import AugmentSettings, WorldSettings
    from mm_fusion_ros.training.sample import TrainingSample


def augment(
    sample: TrainingSample, settings: AugmentSettings, rng: np.random.Generator
) -> TrainingSample:
    """
    Change a sample; none of its arrays is written to.

    How the world is turned, mirrored and scaled is drawn first: two samples are changed alike in
    this by generators of one state, and so the frame before a frame stays that.

    Parameters
    ----------
    sample : TrainingSample
        Before.
    settings : AugmentSettings
        How much.
    rng : numpy.random.Generator
        All the chance there is.

    """
    change = chance_similarity(settings.world, rng)
    weather = chance_weather(settings.weather, rng)
    sample = chance_sweeps(sample, settings, weather, rng)
    sample = chance_cameras(sample, settings, weather, rng)
    return changed_sample(sample, change)


def chance_similarity(settings: WorldSettings, rng: np.random.Generator) -> Similarity:
    """Draw how the world is turned, mirrored and scaled."""
    turn_deg, spread = rng.uniform(-1.0, 1.0, 2) * (settings.max_turn_deg, settings.scale_spread)
    return Similarity(
        turn_rad=float(np.radians(turn_deg)),
        scale=float(1.0 + spread),
        is_mirrored=bool(rng.random() < settings.mirror_share),
    )
