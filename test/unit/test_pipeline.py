# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""From one frame to one answer."""

import itertools

import numpy as np
import pytest
from support import drive

from mm_fusion_ros.data_types import LidarInput, LidarSweep, PointLabel, SensorFrame
from mm_fusion_ros.geometry.transforms import apply, from_euler, inverse
from mm_fusion_ros.perception_config import perception_config
from mm_fusion_ros.pipeline import PerceptionPipeline

CONFIG = perception_config({'front.rectified': True})
SCENE = apply(drive.T_BASE_LIDAR, drive.scene_points())


def pipeline():
    ticks = itertools.count(0, 2_000_000)
    return PerceptionPipeline(CONFIG, lambda: next(ticks))


def lidar(points_in_base, T_base_lidar=drive.T_BASE_LIDAR, name='top'):
    sweep = LidarSweep(7, name, apply(inverse(T_base_lidar), points_in_base))
    return LidarInput(name, sweep, T_base_lidar)


def frame(*lidars, **changes):
    return SensorFrame(stamp_ns=7, frame_id='base_link', lidars=lidars, **changes)


def test_a_frame_is_answered_in_the_base_frame():
    result = pipeline().step(frame(lidar(SCENE)))
    assert (result.stamp_ns, result.frame_id, result.warnings) == (7, 'base_link', ())
    assert len(result.boxes) == 1
    assert result.boxes.centers[0, :2] == pytest.approx(drive.CAR_CENTER, abs=0.5)
    np.testing.assert_allclose(result.points.points, SCENE, atol=1e-4)
    assert np.count_nonzero(result.points.labels == PointLabel.BOX) > 1000


def test_lidars_are_merged_in_the_order_given():
    T_base_rear = from_euler((-0.5, 0.0, 1.5), 0.0, 0.1, 3.0)
    half = len(SCENE) // 2
    result = pipeline().step(frame(
        lidar(SCENE[:half]), lidar(SCENE[half:], T_base_rear, 'rear')))
    np.testing.assert_allclose(result.points.points, SCENE, atol=1e-4)
    assert result.boxes.centers[0, :2] == pytest.approx(drive.CAR_CENTER, abs=0.5)


def test_without_a_lidar_the_answer_is_empty_and_says_so():
    result = pipeline().step(frame(warnings=('from before',)))
    assert (len(result.boxes), len(result.points)) == (0, 0)
    assert result.warnings == (
        'from before', 'no LiDAR sweep in this frame: obstacles were not looked for')


def test_an_empty_sweep_beside_a_full_one_changes_nothing():
    nothing = lidar(np.empty((0, 3), np.float32), name='left')
    assert len(pipeline().step(frame(lidar(SCENE), nothing)).boxes) == 1


def test_each_stage_is_timed_by_the_timer_given():
    result = pipeline().step(frame(lidar(SCENE)))
    assert [(item.stage, item.elapsed_ms) for item in result.timings_ms] == [
        ('merge', 2.0), ('obstacles', 2.0)]


def test_warming_up_leaves_answers_as_they_are():
    warm, cold = pipeline(), pipeline()
    warm.warm_up()
    first, second = warm.step(frame(lidar(SCENE))), cold.step(frame(lidar(SCENE)))
    assert first.boxes.centers.tobytes() == second.boxes.centers.tobytes()
    assert first.points.labels.tobytes() == second.points.labels.tobytes()
