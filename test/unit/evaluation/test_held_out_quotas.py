# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Whether there are objects enough."""

from dataclasses import replace

import numpy as np

from mm_fusion_ros.evaluation.detection_frame import CLASSES
from mm_fusion_ros.evaluation.held_out_quotas import QUOTAS, shortfalls
from mm_fusion_ros.evaluation.object_counts import COLUMNS, ObjectCounts

ROWS = [QUOTAS[category.truth_classes[0]] for category in CLASSES]


def just_enough():
    """Count what is asked for; near by more, where the ranges ask for less than the whole."""
    by_range = np.array([row[1:4] for row in ROWS], np.int64)
    by_range[:, 0] += np.maximum([row[0] for row in ROWS] - by_range.sum(axis=1), 0)
    return ObjectCounts(
        60, by_range, np.array([row[4:] for row in ROWS], np.int64), np.zeros(6, np.int64))


def test_every_class_has_a_quota_of_every_kind():
    assert {category.truth_classes[0] for category in CLASSES} == set(QUOTAS)
    assert all(len(row) == len(COLUMNS) for row in ROWS)
    assert all(row[0] >= 30 for row in ROWS)  # of fewer, a precision says little


def test_what_is_missing_is_said():
    assert shortfalls(just_enough()) == ()
    fewer = just_enough().by_occlusion - 1
    car = ROWS[0][4]
    missing = shortfalls(replace(just_enough(), by_occlusion=fewer))
    assert f'car, in view: expected at least {car} objects, got {car - 1}' in missing
