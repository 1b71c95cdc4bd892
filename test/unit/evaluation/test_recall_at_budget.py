# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What is found within a budget of wrong answers."""

import math

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from support.detections import boxes, random_frames

from mm_fusion_ros.data_types import Boxes3D, ObjectClass
from mm_fusion_ros.evaluation.detection_frame import Category, FrameDetections
from mm_fusion_ros.evaluation.detection_matching import match_frames
from mm_fusion_ros.evaluation.recall_at_budget import recall_at_budget

CARS = (Category('car', (ObjectClass.CAR,)),)


def matched(frames):
    (matches,) = match_frames(frames, CARS)
    return matches


def three_frames():
    """Give a car seen three times, found twice, and one seen once, found by an unsure answer."""
    return [
        FrameDetections(boxes([(0, 0), (40, 0)], [0.9, 0.6]),
                        boxes([(0, 0)], ids=np.array([7])), 'a'),
        FrameDetections(boxes([(0.5, 0), (40, 0)], [0.8, 0.5]),
                        boxes([(0, 0)], ids=np.array([7])), 'a'),
        FrameDetections(boxes([(20, 0), (30, 0)], [0.4, 0.4]),
                        boxes([(0, 0), (20, 0)], ids=np.array([7, 8])), 'a')]


def test_without_a_wrong_answer_only_the_surest_are_kept():
    figures = recall_at_budget(matched(three_frames()), 1.0, 0.0)
    assert (figures.num_truth, figures.num_tracks) == (4, 2)
    assert figures.threshold == pytest.approx(0.8)
    assert figures.recall == 0.5
    assert figures.track_recall == pytest.approx((2 / 3 + 0.0) / 2.0)
    assert figures.unmatched_per_frame == 0.0
    assert '50.0% of 4 boxes, 33.3% of 2 objects, at 0.00 unmatched' in str(figures)


def test_a_larger_budget_finds_more():
    figures = recall_at_budget(matched(three_frames()), 1.0, 1.0)
    assert figures.recall == 0.75
    assert figures.track_recall == pytest.approx((2 / 3 + 1.0) / 2.0)
    assert figures.unmatched_per_frame == 1.0


def test_equally_sure_answers_are_kept_together_or_not_at_all():
    figures = recall_at_budget(matched(three_frames()), 1.0, 0.9)
    assert figures.threshold == pytest.approx(0.5)
    assert figures.recall == 0.5


def test_the_same_number_in_another_scene_is_another_object():
    frames = [FrameDetections(boxes([(0, 0)]), boxes([(0, 0)], ids=np.array([7])), name)
              for name in 'ab']
    assert recall_at_budget(matched(frames), 1.0, 1.0).num_tracks == 2


def test_a_scene_taken_twice_has_its_objects_twice():
    matches = matched(three_frames()).resampled(np.array([2]))
    figures = recall_at_budget(matches, 1.0, 0.0)
    assert (figures.num_truth, figures.num_tracks, figures.recall) == (8, 4, 0.5)
    assert figures.track_recall == pytest.approx(1 / 3)


def test_if_the_surest_is_wrong_nothing_is_kept():
    frames = [FrameDetections(boxes([(9, 0), (0, 0)], [0.9, 0.8]), boxes([(0, 0)]))]
    figures = recall_at_budget(matched(frames), 1.0, 0.5)
    assert figures.threshold == math.inf
    assert (figures.recall, figures.unmatched_per_frame) == (0.0, 0.0)
    assert math.isnan(figures.track_recall)


@pytest.mark.parametrize('answers', [Boxes3D.empty(), boxes([(0, 0)])])
def test_without_truth_there_is_no_recall(answers):
    figures = recall_at_budget(matched([FrameDetections(answers, Boxes3D.empty())]), 1.0, 2.0)
    assert math.isnan(figures.recall)
    assert math.isnan(figures.track_recall)


@given(st.integers(0, 2**32 - 1), st.floats(0.0, 3.0), st.floats(0.0, 3.0))
def test_recall_does_not_fall_with_the_budget_which_is_kept(seed, one, other):
    matches = matched(random_frames(np.random.default_rng(seed), 5))
    small, large = (recall_at_budget(matches, 2.0, budget) for budget in sorted((one, other)))
    assert np.nan_to_num(small.recall) <= np.nan_to_num(large.recall)
    assert large.unmatched_per_frame <= max(one, other)
