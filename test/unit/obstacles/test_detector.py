# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The whole detector, on made-up scenes whose truth is known, and on real frames."""

import numpy as np
import pytest
from support.scene import box, Ground, scan

from mm_fusion_ros.bags.datasets.kitti_calibration import read_object_calibration
from mm_fusion_ros.bags.datasets.kitti_labels import read_object_labels
from mm_fusion_ros.bags.datasets.kitti_sweep import read_sweep
from mm_fusion_ros.data_types import ObjectClass, PointLabel
from mm_fusion_ros.evaluation.matching import match_by_distance
from mm_fusion_ros.geometry.boxes import count_points
from mm_fusion_ros.geometry.transforms import apply
from mm_fusion_ros.obstacles.detector import ObstacleDetector
from mm_fusion_ros.obstacles.settings import EgoBoxSettings, ObstacleSettings

SLOPE = Ground(np.array([[0.0, 0, 0], [0.1, 0, -0.8]]), highest=True)
CREST = Ground(np.array([[0.0, 0, 0], [-0.1, 0, 1.0]]))


def detect(points, **settings):
    return ObstacleDetector(ObstacleSettings(**settings)).detect(points)


def distance_to(boxes, x, y):
    assert len(boxes), 'nothing was found'
    return np.linalg.norm(boxes.centers[:, :2] - (x, y), axis=1).min()


@pytest.mark.parametrize(
    ('x', 'y', 'yaw'), [(12, 0, 0), (15, 5, 0), (9, -6, 1.57), (25, 8, 0.6)])
def test_a_car_is_one_box_at_its_place(x, y, yaw):
    boxes = detect(scan(box(x, y, yaw), noise_m=0.02)).boxes
    assert len(boxes) == 1
    assert distance_to(boxes, x, y) < 1.0
    assert boxes.centers[0, 2] == pytest.approx(0.75, abs=0.2)
    assert boxes.classes[0] == ObjectClass.OBSTACLE
    assert boxes.num_points[0] > 20
    assert 0 < boxes.scores[0] <= 1


@pytest.mark.parametrize('ground', [SLOPE, CREST], ids=['slope', 'crest'])
def test_a_car_on_a_slope_is_found_and_the_slope_is_not(ground):
    boxes = detect(scan(box(20, 0, bottom=ground.height(20)), ground=ground, noise_m=0.02)).boxes
    assert len(boxes) == 1
    assert distance_to(boxes, 20, 0) < 1.0


def test_two_cars_a_metre_apart_are_two_boxes():
    boxes = detect(scan(box(10, 1.4), box(10, -1.4), noise_m=0.02)).boxes
    assert len(boxes) == 2
    assert max(distance_to(boxes, 10, 1.4), distance_to(boxes, 10, -1.4)) < 1.0


def test_a_distant_car_of_few_points_is_one_box():
    found = detect(scan(box(45, 3), noise_m=0.02, beams=48))
    assert len(found.boxes) == 1
    assert found.boxes.num_points[0] < 80
    assert distance_to(found.boxes, 45, 3) < 1.0


def test_a_pedestrian_and_a_cyclist_are_found():
    boxes = detect(scan(box(12, 3, size=(0.5, 0.6, 1.75)), box(15, -3, size=(1.8, 0.6, 1.75)),
                        noise_m=0.02)).boxes
    assert len(boxes) == 2
    assert max(distance_to(boxes, 12, 3), distance_to(boxes, 15, -3)) < 0.7


@pytest.mark.parametrize('clutter', [
    box(15, 9, size=(40, 0.3, 2.5)),
    box(0, 8, size=(120, 8, 0.15)),
    box(20, 0, size=(2, 12, 1), bottom=4.0),
    box(12, 0, size=(1, 3, 0.5), bottom=2.8),
], ids=['wall', 'kerb', 'bridge', 'sign above the road'])
def test_what_is_no_road_user_gets_no_box(clutter):
    assert len(detect(scan(clutter, noise_m=0.01), min_score=0.5).boxes) == 0


def test_a_wall_stays_an_obstacle_without_a_box():
    points = scan(box(15, 9, size=(40, 0.3, 2.5)))
    wall = (np.abs(points[:, 1] - 8.85) < 0.05) & (points[:, 2] > 0.5) & (points[:, 2] < 2.4)
    assert wall.sum() > 500
    assert (detect(points, min_score=0.5).labels[wall] == PointLabel.OBSTACLE).all()


def test_each_point_is_told_what_it_is_on():
    points = scan(box(12, 0))
    found = detect(points)
    on_car = (points[:, 0] < 14.2) & (points[:, 0] > 9.8) & (np.abs(points[:, 1]) < 1)
    assert np.mean(found.labels[on_car & (points[:, 2] > 0.4)] == PointLabel.BOX) > 0.9
    assert set(found.labels[~on_car & (points[:, 0] < 50) & (np.abs(points[:, 1]) < 20)
                            & (points[:, 0] > -50)]) == {PointLabel.GROUND}


def test_hits_on_the_own_vehicle_are_no_obstacle():
    hood = scan(box(2.2, 0.0, size=(1.5, 1.6, 1.0)))
    on_hood = (np.abs(hood[:, 0]) < 3) & (np.abs(hood[:, 1]) < 0.9) & (hood[:, 2] > 0.4)
    assert on_hood.sum() > 1000
    found = detect(hood)
    assert len(found.boxes) == 0
    assert set(found.labels[on_hood]) == {PointLabel.UNKNOWN}
    assert len(detect(hood, ego_box=EgoBoxSettings(x_min_m=-1, x_max_m=-0.9)).boxes) == 1


def test_turning_the_world_turns_the_boxes():
    points, turn = scan(box(14, 4, 0.3), box(10, -6, 1.2)), 0.8
    c, s = np.cos(turn), np.sin(turn)
    R = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    before, after = detect(points).boxes, detect((points @ R.T).astype(np.float32)).boxes
    assert len(before) == len(after) == 2
    for center in before.centers @ R.T:
        assert distance_to(after, *center[:2]) < 0.3


def test_at_most_so_many_boxes_are_given_the_best_first():
    points = scan(box(12, 5), box(12, -5), box(20, 0), noise_m=0.02)
    everything, best = detect(points).boxes, detect(points, max_boxes=2).boxes
    assert len(everything) == 3
    assert (np.diff(everything.scores) <= 0).all()
    np.testing.assert_array_equal(best.centers, everything.centers[:2])


def test_the_same_points_give_the_same_bytes():
    points = scan(box(12, 5), box(20, -4), noise_m=0.02)
    detector = ObstacleDetector(ObstacleSettings())
    first, second = detector.detect(points), detector.detect(points.copy())
    assert first.labels.tobytes() == second.labels.tobytes()
    for column in ('centers', 'sizes', 'yaws', 'scores', 'num_points'):
        assert getattr(first.boxes, column).tobytes() == getattr(second.boxes, column).tobytes()


@pytest.mark.parametrize('points', [
    np.empty((0, 3)), [[5, 0, 1]], [[1e6, 1e6, 1e6], [-1e6, 0, 0]], [[0, 0, 0]] * 50,
    [[5, 1, 1]] * 50,
], ids=['empty', 'one point', 'far away', 'all in the origin', 'all in one place'])
def test_odd_clouds_are_answered(points):
    points = np.array(points, np.float32).reshape(-1, 3)
    found = detect(points)
    assert found.labels.shape == (len(points),)
    assert len(found.boxes) <= 1
    assert np.isfinite(found.boxes.centers).all()


@pytest.mark.real_data
def test_most_labelled_vehicles_of_real_frames_are_found(data_dir):
    folder, errors = data_dir / 'kitti_object', []
    detector = ObstacleDetector(ObstacleSettings())
    for file in sorted((folder / 'label_2').glob('*.txt')):
        calibration = read_object_calibration(folder / 'calib' / file.name)
        sweep = read_sweep(folder / 'velodyne' / f'{file.stem}.bin')[:, :3]
        points = apply(calibration.T_base_lidar, sweep)
        truth = read_object_labels(file, calibration).boxes
        vehicles = truth[np.isin(truth.classes, (ObjectClass.CAR, ObjectClass.TRUCK))
                         & (np.hypot(*truth.centers[:, :2].T) < 50)
                         & (count_points(points, truth) >= 10)]
        errors.append(match_by_distance(vehicles, detector.detect(points).boxes, 2.0).distances)
    errors = np.concatenate(errors)
    assert len(errors) == 17
    assert np.mean(errors <= 1.0) >= 0.85
