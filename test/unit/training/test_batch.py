# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Samples as a batch: each part in its place, and the frame before where there is one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.small_recipe import small_recipe
from support.training_batch import moved_on, near_sample, preparation, small_batch, STEP
from support.training_sample import base_points
import torch

from mm_fusion_ros.model.depth_bins import focal_lengths
from mm_fusion_ros.training.augment.dropout import with_cameras
from mm_fusion_ros.training.batch import batched
from mm_fusion_ros.training.targets import grid_targets


@pytest.fixture
def recipe(tmp_path):
    return small_recipe(tmp_path)


def test_each_frame_has_its_own_targets(recipe):
    batch = small_batch(recipe)
    for index in range(3):
        cameras = (2, 1, 0)[index]
        sample = with_cameras(near_sample(index), range(cameras))
        if index == 1:
            sample = replace(sample, frame=replace(sample.frame, lidars=()))
        own = grid_targets(sample, recipe.grid, recipe.object_classes)
        for name in own._fields:
            torch.testing.assert_close(
                getattr(batch.targets.grids, name)[index], getattr(own, name))
    assert batch.given.has_camera.tolist() == [[True, True], [True, False], [False, False]]
    assert batch.given.has_lidar.tolist() == [True, False, True]


def test_depth_is_of_the_images_that_are_there_in_their_order(recipe):
    batch = small_batch(recipe)
    assert batch.targets.depth_m.shape == (3, 4, 8)
    torch.testing.assert_close(
        batch.targets.focal_px, focal_lengths(batch.given.projections[batch.given.has_camera]))
    assert batch.targets.focal_px.unique().numel() == 1  # one kind of lens


def test_depth_is_read_at_the_middle_of_each_feature(recipe):
    sample = with_cameras(near_sample(0), (0,))
    camera = sample.frame.cameras[0]
    plain = replace(camera, model=replace(camera.model, distortion_model='none',
                                          distortion=np.empty(0)))
    depth_m = np.arange(96, dtype=np.float32)[:, None] * 1000 + np.arange(160, dtype=np.float32)
    sample = replace(sample, frame=replace(sample.frame, cameras=(plain,)), depths_m=(depth_m,))
    wide = replace(recipe, image_width=160, image_height=96)
    depths = preparation(wide).arrays(sample, None).depths_m
    assert depths.shape == (1, 12, 20)
    np.testing.assert_array_equal(depths[0], depth_m[7::8, 7::8])


def test_without_depth_it_is_unknown(recipe):
    arrays = preparation(recipe).arrays(replace(near_sample(0), depths_m=None), None)
    assert arrays.depths_m.shape == (2, 4, 8)
    assert arrays.depths_m.max() == 0.0


def test_the_frame_before_comes_with_the_way_since(recipe):
    batch = small_batch(recipe)
    assert batch.has_previous.tolist() == [True, False, False]
    cosine, sine = STEP[0, 0], STEP[1, 0]
    np.testing.assert_allclose(
        batch.T_previous_base[0], [[cosine, -sine, 0.9], [sine, cosine, -0.2], [0, 0, 1]],
        atol=2e-3)
    torch.testing.assert_close(batch.T_previous_base[1], torch.eye(3))
    before = batch.previous
    assert before.has_lidar.tolist() == [True, False, False]
    assert before.has_camera.tolist() == [[True, True], [False, False], [False, False]]
    np.testing.assert_allclose(
        before.points[:, :3], base_points(near_sample(0)), atol=1e-4)
    assert before.ego[1:].abs().max() == 0.0


def test_where_nothing_comes_before_nothing_is_prepared(recipe):
    arrays = [preparation(recipe).arrays(near_sample(seed), None) for seed in (0, 1)]
    assert batched(arrays).previous is None


def test_the_network_is_told_the_motion_that_the_frame_tells(recipe):
    known = preparation(recipe).arrays(near_sample(0), None)
    np.testing.assert_allclose(known.frame.ego, (8.0, 0.3, 0.5, 1.0), rtol=1e-6)
    sample = near_sample(0)
    unknown = replace(sample, frame=replace(sample.frame, ego=None))
    assert preparation(recipe).arrays(unknown, None).frame.ego.tolist() == [0.0] * 4


def test_a_batch_is_moved_as_a_whole(recipe):
    batch = small_batch(recipe)
    moved = batch.to(torch.device('meta'))
    assert {each.device.type for part in (
        moved.given, moved.targets.grids, moved.targets[1:], moved.previous, moved[3:])
        for each in part} == {'meta'}
    alone = batched([preparation(recipe).arrays(moved_on(near_sample(0)), None)])
    assert alone.to(torch.device('meta')).previous is None
