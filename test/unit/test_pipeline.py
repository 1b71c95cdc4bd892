# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""From one frame to one answer."""

import itertools

import numpy as np
import pytest
from support import drive, small_model
from support.small_model import write_model

from mm_fusion_ros.data_types import (
    LidarInput,
    LidarSweep,
    ObjectClass,
    PointLabel,
    SensorFrame,
)
from mm_fusion_ros.errors import CheckpointError, ConfigError
from mm_fusion_ros.geometry.transforms import apply, from_euler, inverse
from mm_fusion_ros.obstacles.unexplained import is_unexplained
from mm_fusion_ros.perception_config import perception_config
from mm_fusion_ros.pipeline import PerceptionPipeline

CONFIG = perception_config({'detector.model': '', 'front.rectified': True})
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


def detecting(tmp_path, **changes):
    values = {
        'cameras': ('front', 'left'), 'detector.model': str(write_model(tmp_path)),
        'detector.device': 'cpu', 'detector.threads': 1, 'detector.min_score': 0.5, **changes}
    ticks = itertools.count(0, 2_000_000)
    return PerceptionPipeline(perception_config(values), lambda: next(ticks))


def test_boxes_of_the_network_come_first_then_obstacles_that_they_do_not_explain(tmp_path):
    seen = frame(lidar(SCENE), cameras=(small_model.camera(),))
    result = detecting(tmp_path).step(seen)
    alone = pipeline().step(seen).boxes
    is_obstacle = result.boxes.classes == ObjectClass.OBSTACLE
    found, others = result.boxes[~is_obstacle], result.boxes[is_obstacle]
    assert len(found)
    assert not is_obstacle[:len(found)].any()
    kept = is_unexplained(alone, found)
    np.testing.assert_array_equal(others.centers, alone.centers[kept])
    np.testing.assert_allclose(others.scores, alone.scores[kept] / 2)
    assert np.isnan(result.boxes.velocities[is_obstacle]).all()
    assert np.isnan(result.shares[is_obstacle]).all()
    assert not np.isnan(result.shares[~is_obstacle]).any()
    assert result.looks_at == ('lidar', 'camera')
    assert [item.stage for item in result.timings_ms] == [
        'prepare', 'upload', 'network', 'decode', 'merge', 'obstacles', 'join']


def test_obstacles_without_a_class_can_be_kept_back(tmp_path):
    silent = detecting(tmp_path, **{'obstacles.publish_unexplained': False})
    assert (silent.step(frame(lidar(SCENE))).boxes.classes != ObjectClass.OBSTACLE).all()
    config = perception_config({'detector.model': '', 'obstacles.publish_unexplained': False})
    result = PerceptionPipeline(config, itertools.count().__next__).step(frame(lidar(SCENE)))
    assert len(result.boxes) == 0
    assert np.count_nonzero(result.points.labels == PointLabel.OBSTACLE) > 1000


def test_no_object_is_where_the_vehicle_is_itself(tmp_path):
    values = {'detector.min_score': 0.0, 'obstacles.publish_unexplained': False}
    seen = frame(lidar(SCENE))
    everywhere = detecting(tmp_path, **values).step(seen)
    wide = {f'obstacles.ego_box.{axis}_{end}_m': sign * 6.0
            for axis in 'xyz' for end, sign in (('min', -1), ('max', 1))}
    elsewhere = detecting(tmp_path, **values, **wide).step(seen)
    is_near = (np.abs(everywhere.boxes.centers) < 6.0).all(axis=1)
    assert is_near.any()
    np.testing.assert_array_equal(elsewhere.boxes.centers, everywhere.boxes.centers[~is_near])
    np.testing.assert_array_equal(elsewhere.shares, everywhere.shares[~is_near])


def test_without_a_lidar_it_is_said_that_cameras_alone_looked(tmp_path):
    eyes = detecting(tmp_path)
    assert eyes.step(frame(cameras=(small_model.camera(),))).warnings == (
        'no LiDAR sweep in this frame: boxes come from cameras alone',)
    assert eyes.step(frame()).warnings == (
        'no LiDAR and no camera in this frame: nothing was looked at',)


def test_a_drive_that_starts_again_is_answered_as_the_first_time(tmp_path):
    eyes = detecting(tmp_path, **{'detector.min_score': 0.0})

    def seen(number):
        return small_model.frame(
            lidars=[small_model.lidar(number)], number=number, ego=small_model.moving(number))

    first = [eyes.step(seen(number)).boxes for number in range(3)]
    again = [eyes.step(seen(number)).boxes for number in range(3)]
    assert [a.scores.tobytes() for a in first] == [b.scores.tobytes() for b in again]
    eyes.reset()  # nor is it if nothing was remembered
    assert eyes.step(seen(2)).boxes.scores.tobytes() != first[2].scores.tobytes()


def test_a_model_that_cannot_be_loaded_fails_with_the_remedy(tmp_path):
    card = write_model(tmp_path)
    (tmp_path / 'small.safetensors').write_bytes(b'no weights')
    config = perception_config({'detector.model': str(card)})
    with pytest.raises(CheckpointError, match='reinstall mm_fusion_ros, or make them'):
        PerceptionPipeline(config, lambda: 0)
    with pytest.raises(ConfigError, match='model: expected one of'):
        PerceptionPipeline(perception_config({'detector.model': 'no such'}), lambda: 0)
