# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The whole detector, on made-up scenes whose truth is known, and on real frames."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
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

SHARED = ObstacleDetector(ObstacleSettings())


def detect(points, **changes):
    return ObstacleDetector(ObstacleSettings(**changes)).detect(points)


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


@pytest.mark.parametrize(('first', 'second'), [
    ((15, 4), (19.8, 4)), ((15, 12), (19.8, 12)), ((30, 12), (34.8, 12)),
    ((15, 5), (15, 7.4)), ((30, 5), (30, 7.4)),
], ids=['row at 15 m', 'row aside', 'row at 30 m', 'side by side at 15 m', 'at 30 m'])
def test_two_cars_a_small_gap_apart_are_two_boxes(first, second):
    boxes = detect(scan(box(*first), box(*second), noise_m=0.02)).boxes
    assert len(boxes) == 2
    assert max(distance_to(boxes, *first), distance_to(boxes, *second)) < 1.0


@pytest.mark.parametrize(('x', 'y'), [(8, 3), (8, -6), (15, 3), (15, -6)])
def test_somebody_standing_is_one_box(x, y):
    boxes = detect(scan(box(x, y, size=(0.5, 0.5, 1.75)), noise_m=0.02)).boxes
    assert len(boxes) == 1
    assert distance_to(boxes, x, y) < 0.4


def in_a_cloud(x, y, size, count, seed=0):
    """Leaves: points anywhere in a volume, as many beams pass through."""
    low = np.array([x, y, 0.4]) - (size[0] / 2, size[1] / 2, 0.0)
    points = np.random.default_rng(seed).uniform(low, low + size, (count, 3))
    return points.astype(np.float32)


def test_a_bush_gets_no_box():
    bush = in_a_cloud(18, 7, (3.0, 2.5, 1.8), 60)
    found = detect(np.concatenate([bush, scan()]))
    assert len(found.boxes) == 0
    assert (found.labels[:len(bush)] == PointLabel.OBSTACLE).mean() > 0.9


@pytest.mark.parametrize(('x', 'y'), [(8, 0), (15, 2), (28, -2)])
def test_nothing_as_tall_as_a_child_is_left_out_of_the_own_way(x, y):
    sparse = in_a_cloud(x, y, (0.5, 0.5, 0.8), 7)
    points = np.concatenate([sparse, scan()])
    assert distance_to(detect(points, min_score=1.0).boxes, x, y) < 0.5
    aside = points + np.float32([0, 20, 0]) * (np.arange(len(points)) < len(sparse))[:, None]
    assert len(detect(aside.astype(np.float32), min_score=1.0).boxes) == 0


def test_the_roof_behind_a_face_is_no_box_of_its_own():
    points = scan(box(12, 0), noise_m=0.02)
    found = detect(points)
    roof = (points[:, 0] > 10.5) & (points[:, 0] < 14) & (points[:, 2] > 1.4)
    assert roof.sum() > 20
    assert len(found.boxes) == 1
    assert (found.labels[roof & (np.abs(points[:, 1]) < 0.8)] == PointLabel.BOX).all()


def test_a_canopy_above_clearance_leaves_the_way_free():
    canopy = in_a_cloud(14, 0, (6.0, 5.0, 1.5), 800) + np.float32([0, 0, 2.6])
    found = detect(np.concatenate([canopy, scan()]))
    assert len(found.boxes) == 0
    assert (found.labels[:len(canopy)] == PointLabel.OBSTACLE).all()


def test_several_lidars_see_one_car_as_one_box():
    left, right = np.array([0.0, 0.8, 1.6]), np.array([0.0, -0.8, 1.9])
    clouds = [scan(box(14, 3, 0.2), sensor=sensor, noise_m=0.02) for sensor in (left, right)]
    boxes = ObstacleDetector(ObstacleSettings()).detect(np.concatenate(clouds), left).boxes
    assert len(boxes) == 1
    assert distance_to(boxes, 14, 3) < 1.0


NUMBERS = st.one_of(
    st.floats(-80, 80, width=32),
    st.floats(-float(2**126), float(2**126), width=32))


@given(hnp.arrays(np.float32, st.tuples(st.integers(0, 60), st.just(3)), elements=NUMBERS),
       st.integers(1, 30))
@settings(max_examples=60)
def test_any_finite_cloud_is_answered(points, copies):
    points = np.repeat(points, copies, axis=0)
    found = SHARED.detect(points)
    assert found.labels.shape == (len(points),)
    assert np.isin(found.labels, list(PointLabel)).all()
    boxes = found.boxes
    assert np.isfinite(boxes.centers).all()
    assert (boxes.sizes > 0).all()
    assert (boxes.num_points >= 5).all()
    assert ((boxes.scores > 0) & (boxes.scores <= 1)).all()


@pytest.fixture(scope='module')
def labelled_frames(data_dir):
    """Give labels within 50 m of ten points or more, and what is found, in KITTI's frames."""
    frames = []
    detector, folder = ObstacleDetector(ObstacleSettings()), data_dir / 'kitti_object'
    for file in sorted((folder / 'label_2').glob('*.txt')):
        calibration = read_object_calibration(folder / 'calib' / file.name)
        sweep = read_sweep(folder / 'velodyne' / f'{file.stem}.bin')[:, :3]
        points = apply(calibration.T_base_lidar, sweep)
        truth = read_object_labels(file, calibration).boxes
        truth = truth[(np.hypot(*truth.centers[:, :2].T) < 50)
                      & (count_points(points, truth) >= 10)]
        found = detector.detect(points, calibration.T_base_lidar[:3, 3]).boxes
        frames.append((truth, found))
    return frames


def errors_of(frames, classes):
    return np.concatenate([
        match_by_distance(truth[np.isin(truth.classes, classes)], found, 2.0).distances
        for truth, found in frames])


@pytest.mark.real_data
def test_most_labelled_vehicles_of_real_frames_are_found(labelled_frames):
    errors = errors_of(labelled_frames, (ObjectClass.CAR, ObjectClass.TRUCK))
    assert len(errors) == 17
    assert np.sum(errors <= 1.0) >= 13
    assert np.sum(errors <= 2.0) >= 14


@pytest.mark.real_data
def test_most_labelled_people_of_real_frames_are_found(labelled_frames):
    errors = errors_of(labelled_frames, (ObjectClass.PEDESTRIAN, ObjectClass.CYCLIST))
    assert len(errors) == 7
    assert np.sum(errors <= 1.0) >= 5


@pytest.mark.real_data
def test_real_frames_get_few_boxes(labelled_frames):
    assert np.mean([len(found) for _, found in labelled_frames]) <= 14
