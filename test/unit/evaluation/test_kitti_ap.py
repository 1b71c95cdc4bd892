# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""KITTI's average precision: that of its kit on made-up and real answers, and by hand."""

from dataclasses import replace
import json
import math
from pathlib import Path

import numpy as np
import pytest
import shapely
from support.detections import boxes

from mm_fusion_ros.bags.datasets.kitti_calibration import read_raw_calibration
from mm_fusion_ros.bags.datasets.kitti_labels import read_object_labels, read_tracking_labels
from mm_fusion_ros.data_types import Boxes3D, ObjectClass
from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.evaluation.box_affinity import bev_ious, box_ious, nearness
from mm_fusion_ros.evaluation.detection_frame import Category
from mm_fusion_ros.evaluation.image_view import ImageView
from mm_fusion_ros.evaluation.kitti_ap import at_distance, kitti_ap, KITTI_CLASSES, kitti_scores
from mm_fusion_ros.evaluation.kitti_frame import DIFFICULTIES, Difficulty, KittiFrame
from mm_fusion_ros.evaluation.kitti_labelled import kitti_frame
from mm_fusion_ros.geometry.boxes import bev_corners
from mm_fusion_ros.geometry.projection import CameraModel

GOLDEN = Path(__file__).parents[2] / 'golden' / 'kitti_ap'
CLASSES = {'Car': ObjectClass.CAR, 'Van': ObjectClass.CAR, 'Truck': ObjectClass.TRUCK,
           'Pedestrian': ObjectClass.PEDESTRIAN, 'Person_sitting': ObjectClass.PEDESTRIAN,
           'Cyclist': ObjectClass.CYCLIST}
CAR = Category('car', (ObjectClass.CAR,))
EASY, MODERATE, HARD = DIFFICULTIES


def upright(names, numbers, scores):
    """Build boxes of x, y, z, length, width, height, yaw."""
    return Boxes3D(
        centers=numbers[:, :3], sizes=numbers[:, 3:6], yaws=numbers[:, 6],
        scores=np.asarray(scores, np.float32),
        classes=np.array([CLASSES[name] for name in names], np.int8))


def made_up_frame(rows):
    truth = np.array([row[1:] for row in rows['truth']], np.float64).reshape(-1, 10)
    names = [row[0] for row in rows['truth']]
    answers = np.array([row[1:] for row in rows['answers']], np.float64).reshape(-1, 9)
    return KittiFrame(
        answers=upright([row[0] for row in rows['answers']], answers[:, 1:8], answers[:, 8]),
        truth=upright(names, truth[:, 3:], np.ones(len(names))),
        heights_px=truth[:, 2], truncations=truth[:, 1], occlusions=truth[:, 0].astype(np.int8),
        is_neighbour=np.isin(names, ['Van', 'Person_sitting']), answer_heights_px=answers[:, 0])


def drive_frames(drive):
    """Give labels and answers of a public detector, heights of answers as it says them."""
    calibration = read_raw_calibration(drive.parent)
    view = ImageView(CameraModel(1242, 375, calibration.projection), calibration.T_base_camera)
    labels = read_tracking_labels(drive / 'tracking_label_02_0003.txt', calibration)
    for number, path in enumerate(sorted((drive / 'pointrcnn_reference').glob('*.txt'))):
        results = read_object_labels(path, calibration)
        frame = kitti_frame(labels[number], results.boxes, view)
        rectangles = results.rectangles_px
        yield replace(frame, excused=None, answer_heights_px=rectangles[:, 3] - rectangles[:, 1])


def by_name(scores):
    """Give the three difficulties of each class and criterion, named as in the golden files."""
    table = {}
    for each in scores:
        table.setdefault(f'{each.category.capitalize()} {each.criterion}', []).append(each.ap)
    return table


def assert_same(found, wanted):
    for name, values in wanted.items():
        assert found[name] == pytest.approx(values, abs=1e-6), name


def test_figures_are_those_of_the_kit():
    content = json.loads((GOLDEN / 'made_up.json').read_text(encoding='utf-8'))
    frames = [made_up_frame(rows) for rows in content['frames']]
    assert_same(by_name(kitti_scores(frames)), content['tool'])


@pytest.mark.real_data
def test_figures_of_a_public_detector_on_a_real_drive_are_those_of_the_kit(kitti_drive):
    wanted = json.loads((GOLDEN / 'drive_0013.json').read_text(encoding='utf-8'))
    assert_same(by_name(kitti_scores(list(drive_frames(kitti_drive)), KITTI_CLASSES[:1])), wanted)


def easy(answers, truth, **columns):
    N = len(truth)
    given = {'heights_px': np.full(N, 50.0), 'truncations': np.zeros(N),
             'occlusions': np.zeros(N, np.int8), 'is_neighbour': np.zeros(N, np.bool_)}
    return KittiFrame(answers, truth, **{**given, **columns})


def ap(frame, difficulty=EASY, distance_m=1.0):
    return kitti_ap([frame], CAR, at_distance(distance_m), difficulty).ap


def test_what_is_found_surely_has_precision_one():
    # One of two is found before anything wrong: 20 of 40 recalls; the other after two wrong ones.
    truth = boxes([(0, 0), (10, 0)])
    answers = boxes([(0, 0), (30, 0), (40, 0), (10, 0)], [0.9, 0.8, 0.7, 0.6])
    # Precision at the two scores: 1 and 2/4; recalls between are those of the first score.
    assert ap(easy(answers[:1], truth)) == pytest.approx(0.0)  # the recall at 0 does not count
    assert ap(easy(answers, truth)) == pytest.approx(0.5 / 40)


def test_many_found_surely_have_precision_one():
    places = [(0, 3 * row) for row in range(80)]
    assert ap(easy(boxes(places, np.linspace(0.9, 0.1, 80)), boxes(places))) == pytest.approx(1.0)


@pytest.mark.parametrize(('columns', 'difficulties'), [
    ({'heights_px': np.array([39.0])}, {'moderate', 'hard'}),
    ({'heights_px': np.array([25.0])}, set()),
    ({'occlusions': np.array([1], np.int8)}, {'moderate', 'hard'}),
    ({'occlusions': np.array([3], np.int8)}, set()),
    ({'truncations': np.array([0.4])}, {'hard'}),
    ({'is_neighbour': np.array([True])}, set()),
])
def test_labels_count_by_difficulty(columns, difficulties):
    frame = easy(boxes([]), boxes([(0, 0)]), **columns)
    counted = {each.difficulty for each in kitti_scores([frame]) if each.num_truth}
    assert counted == difficulties
    assert all(math.isnan(each.ap) for each in kitti_scores([frame]) if not each.num_truth)


def many(extra_answers, extra_truth=(), **columns):
    """Build a frame of 80 cars found, and more."""
    places = [(0, 3 * row) for row in range(80)]
    scores = [*np.linspace(0.9, 0.1, 80), *[0.95] * len(extra_answers)]
    return easy(boxes([*places, *extra_answers], scores),
                boxes([*places, *extra_truth]), **columns)


def test_an_answer_on_a_label_that_does_not_count_is_not_wrong():
    is_neighbour = np.arange(81) == 80
    assert ap(many([(50, 0)], [(50, 0)], is_neighbour=is_neighbour)) == pytest.approx(1.0)
    assert ap(many([(50, 0)])) < 0.99


def test_a_second_answer_there_is_wrong():
    is_neighbour = np.arange(81) == 80
    assert ap(many([(50, 0), (50, 0)], [(50, 0)], is_neighbour=is_neighbour)) < 0.99


def test_excused_and_low_answers_are_not_wrong():
    assert ap(many([(50, 0)], excused=np.arange(81) == 80)) == pytest.approx(1.0)
    heights = np.where(np.arange(81) == 80, 20.0, 50.0)
    assert ap(many([(50, 0)], answer_heights_px=heights)) == pytest.approx(1.0)


def test_a_low_answer_on_a_label_leaves_it_neither_hit_nor_free():
    truth, answers = boxes([(0, 0)]), boxes([(0, 0)])
    assert ap(easy(answers, truth, answer_heights_px=np.array([30.0]))) == 0.0


def test_without_labels_or_answers_there_is_nothing():
    assert math.isnan(kitti_ap([], CAR, at_distance(1.0), HARD).ap)
    assert math.isnan(ap(easy(boxes([(0, 0)]), boxes([]))))
    assert ap(easy(boxes([]), boxes([(0, 0)]))) == 0.0


def test_overlaps_are_those_of_polygons():
    rng = np.random.default_rng(0)
    one, other = (
        replace(boxes(rng.uniform((995, -5), (1005, 5), (20, 2)), yaws=rng.uniform(-3, 3, 20)),
                sizes=rng.uniform(0.5, 5.0, (20, 3))) for _ in range(2))
    other.centers[:, 2] = rng.uniform(-1, 1, 20)
    shapes = [[shapely.Polygon(each) for each in bev_corners(group)] for group in (one, other)]
    common = np.array([[a.intersection(b).area for b in shapes[1]] for a in shapes[0]])
    areas = [group.sizes[:, :2].prod(axis=1) for group in (one, other)]
    assert bev_ious(one, other) == pytest.approx(
        common / (np.add.outer(*areas) - common), abs=1e-5)
    tops = np.minimum.outer(one.sizes[:, 2] / 2, other.centers[:, 2] + other.sizes[:, 2] / 2)
    bottoms = np.maximum.outer(-one.sizes[:, 2] / 2, other.centers[:, 2] - other.sizes[:, 2] / 2)
    shared = common * np.maximum(tops - bottoms, 0.0)
    volumes = np.add.outer(*(group.sizes.prod(axis=1) for group in (one, other)))
    assert box_ious(one, other) == pytest.approx(shared / (volumes - shared), abs=1e-5)
    assert box_ious(one, one[:0]).shape == (20, 0)


def test_nearness_is_minus_the_distance_from_above():
    assert nearness(boxes([(3, 4)]), boxes([(0, 0)])).tolist() == [[-5.0]]


@pytest.mark.parametrize(('columns', 'text'), [
    ({'heights_px': np.zeros(2)}, r'label heights: expected float64 \(1,\), got float64 \(2,\)'),
    ({'occlusions': np.zeros(1)}, r'label occlusions: expected int8 \(1,\), got float64'),
    ({'excused': np.zeros(1, np.bool_)}, r'excused answers: expected bool \(0,\)'),
    ({'answer_heights_px': np.zeros(1)}, r'answer heights: expected float64 \(0,\)'),
])
def test_columns_that_do_not_fit_are_refused(columns, text):
    with pytest.raises(InvalidMessageError, match=text):
        easy(boxes([]), boxes([(0, 0)]), **columns)


def test_a_difficulty_of_ones_own_serves():
    all_of_them = Difficulty('all', 0.0, 3, 1.0)
    frame = easy(boxes([]), boxes([(0, 0)]), occlusions=np.array([3], np.int8))
    assert kitti_ap([frame], CAR, at_distance(1.0), all_of_them).num_truth == 1
