# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What is found as what it is."""

import math

import numpy as np
from support.detections import boxes, CAR

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.evaluation.class_recall import class_recalls, ClassRecall, recall_table
from mm_fusion_ros.evaluation.detection_frame import FrameDetections

BUS = ObjectClass.BUS
TRUTH = boxes([(10, 0), (20, 0), (30, 0)], classes=[CAR, CAR, BUS])
ANSWERS = boxes(
    [(11.5, 0), (20, 2.5), (30, 0), (40, 0)], classes=[CAR, CAR, CAR, ObjectClass.OBSTACLE])


def test_only_what_is_near_and_of_the_right_class_is_found():
    recalls = class_recalls([FrameDetections(ANSWERS, TRUTH)])
    assert recalls == (ClassRecall('car', 2, 0.5, 2.0), ClassRecall('bus', 1, 0.0, 0.0))


def test_what_does_not_count_is_neither_missed_nor_wrong():
    ignored, excused = np.array([True, False, True]), np.array([False, True, True, False])
    recalls = class_recalls([FrameDetections(ANSWERS, TRUTH, ignored=ignored, excused=excused)])
    assert recalls == (ClassRecall('car', 1, 0.0, 0.0),)


def test_the_table_has_a_column_for_each_part():
    recalls = class_recalls([FrameDetections(ANSWERS, TRUTH)])
    lines = recall_table({'before': recalls, 'during': recalls[:1]}).splitlines()
    assert lines[1].split() == ['before', 'during']
    assert lines[2].split() == ['car', '50.0%', '2', '2.0', '50.0%', '2', '2.0']
    assert lines[3].split() == ['bus', '0.0%', '1', '0.0', '-']
    assert recall_table({'all': [ClassRecall('car', 0, math.nan, 1.0)]}).split()[-3:] == [
        '-', '0', '1.0']
