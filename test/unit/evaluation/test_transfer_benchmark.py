# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The benchmark on recorded frames: which answers count, and what is said to limit them."""

from __future__ import annotations

from dataclasses import replace
import itertools
import math

import numpy as np
import pytest
from support import drive, small_model
from support.benchmark_modules import imported
from support.detections import boxes

from mm_fusion_ros.bags.datasets.kitti_labels import KittiLabels
from mm_fusion_ros.data_types import LidarInput, LidarSweep, ObjectClass
from mm_fusion_ros.detection.detections import Detections
from mm_fusion_ros.evaluation.image_view import ImageView
from mm_fusion_ros.geometry.projection import CameraModel
from mm_fusion_ros.geometry.transforms import from_euler

VIEW = ImageView(CameraModel(drive.WIDTH, drive.HEIGHT, drive.P), drive.T_BASE_CAMERA)
PLACES = [(8, 0), (25, 2), (36, -4), (45, 0)]  # the last is too far
RISE = 0.01


@pytest.fixture(scope='module')
def bench():
    with imported('_real_frames', '_transfer_scores', '_transfer_limits', 'transfer') as modules:
        yield modules


def road_frame(number):
    """See a road that rises ahead, by a LiDAR and a camera."""
    x, y = np.meshgrid(np.linspace(-30, 30, 61), np.linspace(-5, 5, 21))
    points = np.column_stack([x.ravel(), y.ravel(), RISE * x.ravel() - 1.75]).astype(np.float32)
    sweep = LidarSweep(small_model.START_NS, 'lidar', points, np.ones(len(points), np.float32),
                       np.arange(len(points), dtype=np.uint16) % 4)
    lidar = LidarInput('top', sweep, from_euler((0.0, 0.0, 1.7), 0.0, 0.0, 0.0))
    return small_model.frame(lidars=[lidar], cameras=[small_model.camera()], number=number,
                             ego=small_model.moving(number))


@pytest.fixture
def frames(bench):
    truth = boxes(PLACES, ids=np.arange(4))
    labels = KittiLabels(truth, np.zeros((4, 4)), np.zeros(4), np.zeros(4, np.int8), ('Car',) * 4,
                         np.empty((0, 4)))
    return [bench.real_frames.RealFrame(f'{number}', 'drive', road_frame(number), labels, VIEW)
            for number in range(2)]


def test_only_near_cars_in_the_image_are_asked_for(bench, frames):
    answers = [boxes([*PLACES[:2], (-20, 0), (60, 0), (20, 3)], scores=[0.9, 0.8, 0.7, 0.7, 0.6])
               ] * 2
    row = bench.transfer_scores.score('it', frames, answers, bench.transfer_scores.CAR)
    most, least = row.within
    assert (most.num_truth, most.num_tracks) == (6, 3)
    assert most.recall == pytest.approx(2 / 3)
    assert most.unmatched_per_frame == least.unmatched_per_frame == pytest.approx(1.0)
    assert row.ap[0] == pytest.approx(row.ap[1])
    assert len(bench.transfer_scores.header()) == len(str(row))  # columns are under their names


def test_what_has_no_class_can_find_cars_where_it_is_said_so(bench, frames):
    scores = bench.transfer_scores
    answers = [boxes(PLACES[:3], classes=ObjectClass.OBSTACLE)] * 2
    assert scores.score('', frames, answers, scores.CAR).recall == 0.0
    assert scores.score('', frames, answers, scores.CAR_BY_ANY).recall == 1.0
    trucks = [boxes(PLACES[:3], classes=ObjectClass.TRUCK)] * 2
    assert scores.score('', frames, trucks, scores.CAR_BY_VEHICLE).recall == 1.0
    nobody = scores.score('', frames, trucks, scores.PEDESTRIAN)
    assert math.isnan(nobody.recall)
    assert math.isnan(nobody.ap[0])


def test_limits_tell_where_as_what_and_how_far_off_cars_are_found(bench, frames):
    cars = boxes([(8.5, 0), (25, 2.2)], scores=[0.9, 0.35], yaws=[0.1, np.pi],
                 size=(4.4, 2.0, 1.5))
    truck = boxes([PLACES[2]], scores=0.9, classes=ObjectClass.TRUCK)
    both = replace(cars, **{
        name: np.concatenate([getattr(cars, name), getattr(truck, name)])
        for name in ('centers', 'sizes', 'yaws', 'scores', 'classes')})
    found = bench.transfer_limits.limits(frames, [both, both], 0.3)
    assert found['recall at 1 m by range'] == {
        '0-10 m, 2 cars': 1.0, '20-30 m, 2 cars': 1.0, '30-40 m, 2 cars': 0.0}
    assert found['labelled cars, share found as'] == pytest.approx({'car': 2 / 3, 'truck': 1 / 3})
    by_score = found['by score']
    assert (by_score['0.3, recall'], by_score['0.4, recall']) == pytest.approx((2 / 3, 1 / 3))
    assert by_score['0.1, wrong a frame'] == 0.0
    errors = found['cars found, medians']
    assert errors['boxes'] == 4
    assert errors['share turned round'] == pytest.approx(0.5)
    assert errors['length, share of the labelled'] == pytest.approx(1.1)
    road = found['points and road']
    assert road['road rises ahead, deg'] == pytest.approx(np.degrees(RISE), rel=1e-3)
    assert road['road, z m'] == pytest.approx(-0.05, abs=1e-3)


def test_nothing_found_limits_everything(bench, frames):
    found = bench.transfer_limits.limits(frames, [boxes([])] * 2, 0.3)
    assert found['labelled cars, share found as'] == {'nothing': 1.0}
    assert found['cars found, medians'] == {'boxes': 0.0}


def test_a_road_is_made_level(bench):
    changed = bench.transfer_limits.levelled(road_frame(0))
    heights = bench.transfer_limits.points_of(changed)[:, 2]
    assert np.abs(heights).max() < 1e-3
    tilts = [now.T_base_camera @ np.linalg.inv(then.T_base_camera) for now, then in zip(
        changed.cameras, road_frame(0).cameras, strict=True)]
    assert tilts[0][:3, 2] == pytest.approx([RISE, 0, 1], abs=1e-3)


def test_trials_take_away_what_they_say(bench):
    trials = {name: change(road_frame(0)) for name, change in bench.transfer.TRIALS.items()}
    before = road_frame(0).lidars[0]
    assert trials['brightness unknown'].lidars[0].sweep.intensity is None
    assert trials['motion unknown'].ego is None
    assert len(trials['every second beam'].lidars[0].sweep) == pytest.approx(
        len(before.sweep) / 2, rel=0.02)
    for name, by_m in (('sensors 0.15 m too high', 0.15), ('sensors 0.15 m too low', -0.15)):
        assert trials[name].lidars[0].T_base_lidar[2, 3] == pytest.approx(1.7 + by_m)
        assert trials[name].cameras[0].T_base_camera[2, 3] == pytest.approx(1.5 + by_m)


class Detector:
    """Finds a car wherever it is told, once it has been reset."""

    def __init__(self):
        self.resets, self.seen = 0, []

    def reset(self):
        self.resets += 1

    def detect(self, frame):
        self.seen.append((len(frame.lidars), len(frame.cameras)))
        return Detections(boxes(PLACES[:1]), np.zeros((1, 3), np.float32))


def test_a_network_gets_what_is_left_of_each_frame(bench, frames):
    detector = Detector()
    other = [replace(frames[0], scene='other')]
    for change in bench.transfer.CHANGES.values():
        answers = bench.transfer.answers_of(detector, [*frames, *other], change)
        assert [len(each) for each in answers] == [1, 1, 1]
    assert detector.seen == [(1, 1)] * 3 + [(1, 0)] * 3 + [(0, 1)] * 3
    assert detector.resets == 6
    bench.transfer.answers_of(detector, frames, bench.transfer.without_motion, remembers=False)
    assert detector.resets == 8


def test_answers_are_drawn(bench, frames, tmp_path):
    bench.transfer.draw(frames[:1], [boxes(PLACES[:1])], 0.1, tmp_path)
    assert (tmp_path / '0.png').stat().st_size > 1000


@pytest.mark.real_data
def test_labelled_cars_of_the_drive_have_points_once_deskewed(bench, kitti_drive):
    frame, *others = itertools.islice(bench.real_frames.drive_frames(kitti_drive), 6)
    assert frame.frame.ego is None
    for each in others[1:]:
        assert each.frame.ego.twist[0] == pytest.approx(11.7, abs=0.5)
        assert abs(each.frame.ego.acceleration_mps2) < 2.0
    whole = bench.transfer.obstacles_of([frame])
    row = bench.transfer_scores.score('', [frame], whole, bench.transfer_scores.CAR_BY_ANY)
    assert row.recall == 1.0
    answers = bench.real_frames.reference_answers(kitti_drive)
    assert len(answers) == 60
    assert bench.transfer_scores.score(
        '', [frame], answers[:1], bench.transfer_scores.CAR).recall == 1.0
