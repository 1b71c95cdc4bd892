# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A training run of seconds: small sensors, a small network, few frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from mm_fusion_ros.training.recipe import load_recipe

if TYPE_CHECKING:
    from pathlib import Path

    from mm_fusion_ros.training.recipe import Recipe

_RIG = {
    'cameras': ['front'], 'lidars': ['top'],
    'front': {'width': 96, 'height': 48, 'hfov_deg': 90.0, 'rate_hz': 5.0, 'z_m': 1.5},
    'top': {'z_m': 1.8, 'elevations_deg': [0.0, -3.0, -6.0, -12.0], 'azimuth_steps': 128},
}
_RECIPE = {
    'image_width': 64,
    'image_height': 32,
    'grid': {'reach_m': 12.8},
    'network': {
        'pillar_channels': 4, 'bev_channels': 8, 'middle_channels': 8, 'deep_channels': 8,
        'image_channels': 8, 'lifted_channels': 4, 'depth_bins': 4, 'blocks': [0, 0, 0],
        'lift_heights_m': [0.0, 1.6]},
    'data': {
        'worlds': [1], 'first_seeds': [4], 'camera_shares': [0.3, 0.7], 'memory_share': 0.5},
    'schedule': {'steps': 4, 'batch_size': 2, 'warmup_steps': 2, 'precision': 'float32'},
}


def write_small_recipe(folder: Path) -> Path:
    """Write a recipe, and the rig it drives with."""
    rig, recipe = folder / 'rig.yaml', folder / 'small.yaml'
    rig.write_text(yaml.safe_dump(_RIG))
    recipe.write_text(yaml.safe_dump(
        _RECIPE | {'data': _RECIPE['data'] | {'rigs': [str(rig)]}}))
    return recipe


def small_recipe(folder: Path, **changes: object) -> Recipe:
    """Give the recipe; names of changes have __ for a dot."""
    return load_recipe(write_small_recipe(folder), {
        name.replace('__', '.'): value for name, value in changes.items()})
