# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What is counted of a frame."""

from dataclasses import replace

import numpy as np
import pytest
from support.detections import boxes

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.evaluation.detection_frame import (
    FrameDetections,
    is_worth_counting,
    restricted,
)
from mm_fusion_ros.evaluation.detection_matching import match_frames


def test_what_neither_points_nor_pixels_show_is_not_counted():
    truth = replace(boxes([(5, 0)] * 4), num_points=np.array([1, 0, 0, 3], np.int32))
    pixels = np.array([[0, 0, 2, 0], [0, 0, 0, 9]], np.int32)
    assert is_worth_counting(truth, pixels).tolist() == [True, False, True, True]
    assert is_worth_counting(truth).tolist() == [True, False, False, True]
    assert is_worth_counting(replace(truth, num_points=None), pixels).tolist() == [
        False, False, True, True]


def test_what_nothing_is_known_of_is_counted_within_reach():
    truth = boxes([(51.1, 0), (51.2, 0), (-51.2, -51.2), (0, 60)])
    assert is_worth_counting(truth).tolist() == [True, False, True, False]
    assert is_worth_counting(truth, reach_m=55.0).tolist() == [True, True, True, False]


def test_a_restricted_frame_adds_to_what_does_not_count():
    frame = FrameDetections(
        boxes([(0, 0), (9, 9)]), boxes([(0, 0), (5, 5)]), ignored=np.array([True, False]),
        excused=np.array([False, True]))
    only = restricted(frame, np.array([True, False]), np.array([False, True]))
    assert only.is_ignored.tolist() == [True, True]
    assert only.is_excused.tolist() == [True, True]
    assert restricted(frame, np.array([True, True])).is_excused.tolist() == [False, True]


@pytest.mark.parametrize(('change', 'text'), [
    ({'ignored': np.zeros(3, np.bool_)}, r'ignored truth: expected bool \(1,\), got bool \(3,\)'),
    ({'excused': np.zeros(1)}, r'excused answers: expected bool \(1,\), got float64 \(1,\)'),
    ({'truth': boxes([(np.nan, 0)])}, 'truth of here at 7 ns: expected finite centres'),
    ({'answers': boxes([(0, 0)], yaws=np.inf)}, 'answers of here at 7 ns: expected finite'),
    ({'answers': boxes([(0, 0)], scores=np.nan)}, 'here at 7 ns: expected finite scores'),
])
def test_what_does_not_fit_is_refused(change, text):
    frame = FrameDetections(boxes([(0, 0)]), boxes([(0, 0)]), 'here', 7)
    with pytest.raises(InvalidMessageError, match=text):
        replace(frame, **change)


def test_a_distance_that_was_not_matched_is_refused():
    (matches, *_) = match_frames([FrameDetections(boxes([]), boxes([]))])
    with pytest.raises(InvalidMessageError, match=r'one of \(0.5, 1.0, 2.0, 4.0\) m, got 3.0'):
        matches.row_of(3.0)
