# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Sensors that are lost, that measure worse, that sit or tell the time a little otherwise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.training_sample import base_points, small_sample

from mm_fusion_ros.data_types import EgoPose
from mm_fusion_ros.geometry.boxes import count_points
from mm_fusion_ros.geometry.pose_buffer import PoseBuffer
from mm_fusion_ros.geometry.transforms import check_transform, inverse
from mm_fusion_ros.training.augment import sweeps
from mm_fusion_ros.training.augment.dropout import with_cameras, without_lidars
from mm_fusion_ros.training.augment.mountings import displaced, misdated

SAMPLE = small_sample()
SWEEP = SAMPLE.frame.lidars[0].sweep


def rng():
    return np.random.default_rng(5)


def test_a_lost_camera_takes_its_truth_along():
    after = with_cameras(SAMPLE, [1])
    assert [camera.name for camera in after.frame.cameras] == ['left']
    np.testing.assert_array_equal(after.visible_px, SAMPLE.visible_px[1:])
    assert after.depths_m == SAMPLE.depths_m[1:]
    present = {state.name: state.present for state in after.frame.sensors}
    assert present == {'top': True, 'front': False, 'left': True}


def test_all_cameras_can_be_lost_and_the_lidar_too():
    after = without_lidars(with_cameras(SAMPLE, []))
    assert after.visible_px.shape == (0, 6)
    assert after.depths_m == after.frame.cameras == after.frame.lidars == ()
    assert not any(state.present for state in after.frame.sensors)
    assert len(after.boxes) == 6


def test_boxes_count_the_points_that_are_left():
    after = sweeps.changed_sweeps(SAMPLE, lambda sweep: sweeps.thinned_beams(sweep, 4, 1))
    (lidar,) = after.frame.lidars
    assert set(lidar.sweep.ring.tolist()) == {1, 5, 9, 13}
    np.testing.assert_array_equal(
        after.boxes.num_points, count_points(base_points(after), after.boxes))
    assert (after.boxes.num_points < SAMPLE.boxes.num_points).all()


def test_beams_that_are_not_told_apart_are_all_kept():
    plain = replace(SWEEP, ring=None)
    assert sweeps.thinned_beams(plain, 4, 1) is plain


def test_columns_stay_together_when_points_are_lost():
    after = sweeps.thinned(SWEEP, 0.5, rng())
    assert 0.4 < len(after) / len(SWEEP) < 0.6
    row = len(after) // 2
    before = np.flatnonzero((SWEEP.points == after.points[row]).all(axis=1))
    assert SWEEP.intensity[before] == after.intensity[row]
    assert SWEEP.time_offset_ns[before] == after.time_offset_ns[row]
    assert len(sweeps.thinned(SWEEP, 1.0, rng())) == 0


def test_a_short_range_ends_sharply():
    after = sweeps.range_limited(SWEEP, 20.0)
    ranges = np.linalg.norm(SWEEP.points, axis=1)
    assert len(after) == (ranges <= 20.0).sum()
    assert np.linalg.norm(after.points, axis=1).max() <= 20.0


def test_noise_moves_points_along_their_rays():
    after = sweeps.noisy_ranges(SWEEP, 0.1, rng())
    before_m, after_m = (np.linalg.norm(s.points, axis=1) for s in (SWEEP, after))
    assert np.std(after_m - before_m) == pytest.approx(0.1, rel=0.1)
    np.testing.assert_allclose(
        after.points / after_m[:, None], SWEEP.points / before_m[:, None], atol=1e-5)


def test_fog_takes_what_is_far_and_returns_near_itself():
    after = sweeps.fogged(SWEEP, 40.0, rng())
    assert len(after) < len(SWEEP)
    share = [np.mean(np.linalg.norm(s.points, axis=1) > 25.0) for s in (SWEEP, after)]
    assert share[1] < 0.5 * share[0]
    assert len(sweeps.fogged(SWEEP, 1e6, rng())) > 0.95 * len(SWEEP)


def test_intensity_keeps_its_order_and_can_be_forgotten():
    after = sweeps.with_intensity(SWEEP, 0.5, 0.25)
    order = np.argsort(SWEEP.intensity)
    assert (np.diff(after.intensity[order]) >= 0.0).all()
    assert after.intensity.max() == pytest.approx(0.25 * SWEEP.intensity.max())
    assert after.intensity.dtype == np.float32
    assert sweeps.without_intensity(SWEEP).intensity is None


@pytest.mark.parametrize('change', [
    lambda s: sweeps.thinned_beams(s, 2, 0), lambda s: sweeps.thinned(s, 0.5, rng()),
    lambda s: sweeps.range_limited(s, 10.0), lambda s: sweeps.noisy_ranges(s, 0.1, rng()),
    lambda s: sweeps.fogged(s, 50.0, rng()), lambda s: sweeps.with_intensity(s, 1.1, 0.9),
])
def test_an_empty_sweep_stays_one(change):
    assert len(change(SWEEP[:0])) == 0


def test_a_sensor_is_displaced_by_about_as_much_as_is_said():
    T = SAMPLE.frame.cameras[0].T_base_camera
    chance = rng()
    moved = [displaced(T, 0.01, 0.05, chance) for _ in range(300)]
    for each in moved[:5]:
        check_transform('displaced', each)
    shifts = np.array([each[:3, 3] - T[:3, 3] for each in moved])
    np.testing.assert_allclose(shifts.std(axis=0), 0.05, rtol=0.2)
    turns = np.array([np.arccos((np.trace(T[:3, :3].T @ each[:3, :3]) - 1.0) / 2.0)
                      for each in moved])
    assert np.sqrt((turns**2).mean() / 3.0) == pytest.approx(0.01, rel=0.2)
    np.testing.assert_array_equal(displaced(T, 0.0, 0.0, chance), T)


def test_a_misdated_image_is_taken_to_be_seen_from_where_the_vehicle_was_then():
    camera, stamp_ns = SAMPLE.frame.cameras[0], SAMPLE.frame.stamp_ns
    buffer = PoseBuffer()
    buffer.add(EgoPose(stamp_ns, 'odom', 'base_link', np.eye(4), SAMPLE.frame.ego.twist[:3],
                       SAMPLE.frame.ego.twist[3:]))
    late_ns = camera.image.stamp_ns + 20_000_000
    at_image, at_error = buffer.poses_at(np.array([camera.image.stamp_ns, late_ns])).T
    mounted = inverse(at_image) @ camera.T_base_camera
    after = misdated(camera, 0.02, SAMPLE.frame.ego.twist)
    assert after.image.stamp_ns == late_ns
    np.testing.assert_allclose(after.T_base_camera, at_error @ mounted, atol=1e-3)
    assert np.linalg.norm((after.T_base_camera - camera.T_base_camera)[:3, 3]) > 0.15
