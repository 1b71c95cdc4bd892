# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Turned, mirrored and scaled, a sample shows the same of a changed world."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest
from support.training_sample import base_points, small_sample

from mm_fusion_ros.data_types import EgoMotion
from mm_fusion_ros.geometry.boxes import corners, points_in_boxes
from mm_fusion_ros.geometry.pose_buffer import motions_between
from mm_fusion_ros.geometry.transforms import apply, check_transform, from_euler, inverse
from mm_fusion_ros.training.augment.similarity import changed_sample, Similarity
from mm_fusion_ros.training.sector import Sector

SAMPLE = replace(
    small_sample(has_area=True), unlabelled=(Sector(np.array((1.0, 0.0)), 1.0, 0.2, 9.0),))
changes = st.builds(
    Similarity, st.floats(-np.pi, np.pi), st.floats(0.8, 1.25), st.booleans())


def linear(change):
    c, s = np.cos(change.turn_rad), np.sin(change.turn_rad)
    mirror = np.diag((1.0, -1.0 if change.is_mirrored else 1.0, 1.0))
    return change.scale * np.array([(c, -s, 0.0), (s, c, 0.0), (0.0, 0.0, 1.0)]) @ mirror


@given(changes)
@settings(max_examples=40)
def test_points_stay_in_their_boxes(change):
    after = changed_sample(SAMPLE, change)
    before = base_points(SAMPLE)
    np.testing.assert_allclose(base_points(after), before @ linear(change).T, atol=2e-4)
    holders = points_in_boxes(before, SAMPLE.boxes)
    assert (holders >= 0).sum() >= 240
    np.testing.assert_array_equal(points_in_boxes(base_points(after), after.boxes), holders)
    check_transform('LiDAR', after.frame.lidars[0].T_base_lidar)


@given(changes)
@settings(max_examples=40)
def test_what_a_camera_shows_of_a_point_stays_its_image(change):
    after = changed_sample(SAMPLE, change)
    points = np.concatenate([
        corners(SAMPLE.boxes).reshape(-1, 3),
        np.random.default_rng(1).uniform((-5.0, -30.0, 0.0), (40.0, 30.0, 4.0), (400, 3))])
    for old, new in zip(SAMPLE.frame.cameras, after.frame.cameras, strict=True):
        check_transform('camera', new.T_base_camera)
        before = old.model.project(apply(inverse(old.T_base_camera), points))
        now = new.model.project(apply(inverse(new.T_base_camera), points @ linear(change).T))
        assert before.visible.sum() > 20
        wanted = before.pixels.copy()
        if change.is_mirrored:
            wanted[:, 0] = old.model.width - 1 - wanted[:, 0]
        seen = before.visible
        np.testing.assert_allclose(now.pixels[seen], wanted[seen], atol=1e-6)
        np.testing.assert_allclose(now.depths[seen], before.depths[seen] * change.scale)
        u, v = np.rint(before.pixels[seen]).astype(int).T
        column = old.model.width - 1 - u if change.is_mirrored else u
        np.testing.assert_array_equal(new.image.pixels[v, column], old.image.pixels[v, u])


@given(changes)
@settings(max_examples=20)
def test_depths_are_those_of_the_changed_world(change):
    for old, new in zip(
            SAMPLE.depths_m, changed_sample(SAMPLE, change).depths_m, strict=True):
        wanted = old[:, ::-1] if change.is_mirrored else old
        np.testing.assert_allclose(new, wanted * change.scale, rtol=1e-6)


@given(changes)
@settings(max_examples=20)
def test_boxes_go_where_their_velocities_say(change):
    dt_s = 0.1
    velocities = np.nan_to_num(SAMPLE.boxes.velocities)
    later = replace(SAMPLE.boxes, centers=SAMPLE.boxes.centers + dt_s * velocities)
    now = changed_sample(SAMPLE, change).boxes
    then = changed_sample(replace(SAMPLE, boxes=later), change).boxes
    moved = np.isfinite(now.velocities).all(axis=1)
    assert (~moved).sum() == 1
    np.testing.assert_allclose(
        (then.centers - now.centers)[moved], dt_s * now.velocities[moved], atol=1e-5)


@given(changes)
@settings(max_examples=20)
def test_the_twist_leads_from_pose_to_pose(change):
    dt_s = 0.05
    twist = SAMPLE.frame.ego.twist
    step = from_euler(twist[:3] * dt_s, *twist[3:] * dt_s)
    step_twist = motions_between(np.eye(4)[None], step[None])[0] / dt_s
    T = SAMPLE.frame.ego.T_odom_base
    now, then = (
        changed_sample(replace(SAMPLE, frame=replace(SAMPLE.frame, ego=ego)), change).frame.ego
        for ego in (EgoMotion(T, step_twist, 2.0), EgoMotion(T @ step, step_twist, 2.0)))
    check_transform('odom', now.T_odom_base)
    motion = motions_between(now.T_odom_base[None], then.T_odom_base[None])[0]
    np.testing.assert_allclose(motion / dt_s, now.twist, atol=1e-6)
    assert now.acceleration_mps2 == pytest.approx(2.0 * change.scale)


@given(changes)
@settings(max_examples=20)
def test_labels_are_complete_in_the_same_part_of_the_world(change):
    points = np.random.default_rng(2).uniform(-30.0, 30.0, (300, 3))
    after = changed_sample(SAMPLE, change)
    for old, new in ((SAMPLE.labelled_area, after.labelled_area),
                     (SAMPLE.unlabelled[0], after.unlabelled[0])):
        inside = old.contains(points)
        assert 0 < inside.sum() < 300
        np.testing.assert_array_equal(new.contains(points @ linear(change).T), inside)


@given(changes)
@settings(max_examples=20)
def test_the_map_moves_with_the_world_and_its_reach_stays(change):
    layer = np.zeros((80, 80), np.bool_)
    layer[50:56, 20:26] = True  # about y 6.5, x -8.5
    ground = replace(SAMPLE.ground, is_drivable=layer, is_crosswalk=~layer)
    after = changed_sample(replace(SAMPLE, ground=ground), change)
    assert (after.ground.reach_m, after.ground.cell_m) == (20.0, 0.5)
    column, row = (linear(change)[:2, :2] @ (-8.5, 6.5) + 20.0) / 0.5 - 0.5
    row, column = round(row), round(column)
    assert after.ground.is_drivable[row, column]
    assert not after.ground.is_crosswalk[row, column]
    area = 36 * change.scale**2
    assert abs(after.ground.is_drivable.sum() - area) < 0.5 * area
    known = np.ones((80, 80), np.bool_) if after.is_ground_known is None else after.is_ground_known
    assert known[30:50, 30:50].all()
    both = after.ground.is_drivable | after.ground.is_crosswalk
    assert both[known].all()


def test_a_mirrored_map_is_the_same_cells_and_all_are_known():
    after = changed_sample(SAMPLE, Similarity(is_mirrored=True))
    assert after.is_ground_known is None
    for layer in ('is_drivable', 'is_lane_line', 'is_crosswalk'):
        np.testing.assert_array_equal(
            getattr(after.ground, layer), getattr(SAMPLE.ground, layer)[::-1])


def test_what_comes_from_beyond_the_map_or_was_unknown_is_unknown():
    known = np.ones((80, 80), np.bool_)
    known[60:] = False
    after = changed_sample(replace(SAMPLE, is_ground_known=known), Similarity(np.pi / 4.0))
    assert not after.is_ground_known[0, 0]
    assert not after.is_ground_known[65, 25]  # which was straight to the left
    assert after.is_ground_known[20, 40]


def test_nothing_is_done_where_nothing_changes():
    assert changed_sample(SAMPLE, Similarity()) is SAMPLE


def test_models_that_need_no_change_are_kept():
    after = changed_sample(SAMPLE, Similarity(0.3))
    for old, new in zip(SAMPLE.frame.cameras, after.frame.cameras, strict=True):
        assert new.model is old.model
        assert new.image is old.image


def test_a_sample_without_truth_beyond_boxes_is_changed_too():
    bare = replace(SAMPLE, visible_px=None, depths_m=None, ground=None, labelled_area=None,
                   frame=replace(SAMPLE.frame, ego=None), unlabelled=())
    after = changed_sample(bare, Similarity(0.5, 1.1, is_mirrored=True))
    assert after.ground is after.frame.ego is after.labelled_area is None
    np.testing.assert_allclose(after.boxes.sizes, 1.1 * SAMPLE.boxes.sizes)
