# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A batch of made-up frames with their targets, and of the frames before them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from support.training_sample import small_sample

from mm_fusion_ros.geometry.transforms import from_euler
from mm_fusion_ros.training.augment.dropout import with_cameras, without_lidars
from mm_fusion_ros.training.batch import batched, SamplePreparation

if TYPE_CHECKING:
    from mm_fusion_ros.training.batch import Batch, SampleArrays
    from mm_fusion_ros.training.recipe import Recipe
    from mm_fusion_ros.training.sample import TrainingSample

STEP = from_euler((0.9, -0.2, 0.0), 0.0, 0.0, 0.1)


def preparation(recipe: Recipe) -> SamplePreparation:
    return SamplePreparation(
        recipe.grid, recipe.object_classes, (recipe.image_width, recipe.image_height))


def moved_on(sample: TrainingSample) -> TrainingSample:
    """Give the same sample where the vehicle went on by STEP."""
    ego = sample.frame.ego
    return replace(sample, frame=replace(
        sample.frame, ego=replace(ego, T_odom_base=ego.T_odom_base @ STEP)))


def near_sample(seed: int) -> TrainingSample:
    """Make a sample whose objects lie within 12 m."""
    sample = small_sample(seed)
    return replace(sample, boxes=replace(
        sample.boxes, centers=sample.boxes.centers * (0.35, 0.35, 1.0)))


def small_arrays(recipe: Recipe, seed: int, *, has_previous: bool = False) -> SampleArrays:
    """Make one of two cameras, one or none; without LiDAR where there is one camera."""
    sample = near_sample(seed)
    cameras = (2, 1, 0)[seed % 3]
    sample = with_cameras(sample, range(cameras))
    if cameras == 1:
        sample = without_lidars(sample)
    return preparation(recipe).arrays(
        moved_on(sample), sample if has_previous else None)


def small_batch(recipe: Recipe, seeds: tuple[int, ...] = (0, 1, 2)) -> Batch:
    """Make a batch; the first of its frames has one before it."""
    return batched([
        small_arrays(recipe, seed, has_previous=index == 0) for index, seed in enumerate(seeds)])
