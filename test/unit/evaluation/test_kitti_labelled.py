# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Which answers to a frame of KITTI can be wrong, and which labels count."""

import numpy as np
import pytest
from support import drive
from support.detections import boxes

from mm_fusion_ros.bags.datasets.kitti_calibration import read_raw_calibration
from mm_fusion_ros.bags.datasets.kitti_labels import (
    KittiLabels,
    read_object_labels,
    read_tracking_labels,
)
from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.evaluation.detection_matching import match_frames
from mm_fusion_ros.evaluation.detection_slices import of_range
from mm_fusion_ros.evaluation.image_view import ImageView
from mm_fusion_ros.evaluation.kitti_frame import DIFFICULTIES
from mm_fusion_ros.evaluation.kitti_labelled import kitti_detections, kitti_frame
from mm_fusion_ros.evaluation.recall_at_budget import recall_at_budget
from mm_fusion_ros.geometry.projection import CameraModel

VIEW = ImageView(CameraModel(drive.WIDTH, drive.HEIGHT, drive.P), drive.T_BASE_CAMERA)
TYPES = ('Car', 'Van', 'Misc', 'Person_sitting', 'Tram')
CLASSES = (ObjectClass.CAR, ObjectClass.CAR, ObjectClass.OBSTACLE, ObjectClass.PEDESTRIAN,
           ObjectClass.BUS)


def labelled(unlabelled_px=()):
    return KittiLabels(
        boxes=boxes([(20, 4 * row - 8) for row in range(5)], classes=CLASSES),
        rectangles_px=np.array([(0, 0, 10, 30 + row) for row in range(5)], np.float64),
        truncations=np.zeros(5), occlusions=np.array([0, 1, 2, 3, 0], np.int8), types=TYPES,
        unlabelled_px=np.array(unlabelled_px, np.float64).reshape(-1, 4))


def test_vans_are_cars_to_us_and_what_has_no_class_is_ignored():
    frame = kitti_detections(labelled(), boxes([]), VIEW, 'here', 5)
    assert frame.is_ignored.tolist() == [False, False, True, True, True]
    assert frame.occlusions.tolist() == [0, 1, 2, -1, 0]
    assert (frame.scene, frame.stamp_ns) == ('here', 5)


def test_vans_are_neighbours_to_kitti():
    frame = kitti_frame(labelled(), boxes([]), VIEW)
    assert frame.is_neighbour.tolist() == [False, True, False, True, False]
    assert frame.heights_px.tolist() == [30, 31, 32, 33, 34]
    assert frame.are_counted(DIFFICULTIES[2]).tolist() == [True, False, True, False, True]


def test_answers_out_of_the_image_or_on_dont_care_cannot_be_wrong():
    answers = boxes([(20, 0), (-20, 0), (20, 6)])
    left, top, right, bottom = VIEW.outlines_px(answers)[2]
    middle = left + 0.6 * (right - left)
    for area, is_excused in (((left, top, middle, bottom), True),
                             ((middle, top, right, bottom), False)):
        for build in (lambda *given: kitti_detections(*given, ''), kitti_frame):
            frame = build(labelled([area]), answers, VIEW)
            assert frame.excused.tolist() == [False, True, is_excused]


def test_the_height_of_an_answer_is_that_of_its_outline():
    answers = boxes([(20, 0), (-20, 0)])
    outlines = VIEW.outlines_px(answers)
    heights = kitti_frame(labelled(), answers, VIEW).answer_heights_px
    assert heights == pytest.approx(outlines[:, 3] - outlines[:, 1])


@pytest.mark.real_data
def test_a_public_detector_finds_the_cars_of_a_real_drive(kitti_drive):
    calibration = read_raw_calibration(kitti_drive.parent)
    view = ImageView(CameraModel(1242, 375, calibration.projection), calibration.T_base_camera)
    labels = read_tracking_labels(kitti_drive / 'tracking_label_02_0003.txt', calibration)
    results = sorted((kitti_drive / 'pointrcnn_reference').glob('*.txt'))
    frames = [
        kitti_detections(labels[number], read_object_labels(path, calibration).boxes, view, '')
        for number, path in enumerate(results)]
    cars, *_ = match_frames(of_range(frames, 0.0, 40.0).frames)
    figures = recall_at_budget(cars, 1.0, 2.0)
    assert figures.num_truth > 100
    assert figures.num_tracks == 4  # the fifth car is farther away
    assert figures.recall > 0.95
    assert figures.track_recall > 0.9
