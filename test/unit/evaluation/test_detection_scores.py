# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Average precision, errors and NDS, by hand and by what must hold of them."""

from dataclasses import replace
import math

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest
from support.detections import boxes, random_frames

from mm_fusion_ros.data_types import Boxes3D, ObjectClass
from mm_fusion_ros.evaluation.detection_frame import Category, FrameDetections
from mm_fusion_ros.evaluation.detection_matching import match_frames
from mm_fusion_ros.evaluation.detection_scores import (
    average_precision,
    detection_score,
    evaluate_detections,
    mean_average_precision,
    precision_curve,
    RECALLS,
)

CAR, BUS, BARRIER = ObjectClass.CAR, ObjectClass.BUS, ObjectClass.BARRIER
CARS = (Category('car', (CAR,)),)
SEEDS = st.integers(0, 2**32 - 1)


def one_frame(answers, truth, **masks):
    return [FrameDetections(answers, truth, **masks)]


def only(frames):
    (scores,) = evaluate_detections(frames, CARS).categories
    return scores


def figures(scores):
    rows = [(*each.ap_by_distance, *(getattr(each.errors, name) for name in (
        'translation_m', 'scale', 'orientation_rad', 'velocity_mps')))
        for each in scores.categories]
    return np.array([*np.concatenate(rows), scores.mean_ap, scores.nds])


def as_answers(truth):
    return replace(truth, scores=np.linspace(0.9, 0.1, len(truth)).astype(np.float32))


@given(SEEDS)
@settings(max_examples=20)
def test_perfect_answers_have_no_error(seed):
    frames = [replace(each, answers=as_answers(each.truth))
              for each in random_frames(np.random.default_rng(seed), 8)]
    scores = evaluate_detections(frames)
    if math.isnan(scores.mean_ap):  # no truth at all
        return
    assert scores.mean_ap == pytest.approx(1.0)
    assert scores.nds == pytest.approx(1.0)
    assert scores.errors.velocity_mps == pytest.approx(0.0)


def test_precision_is_counted_from_the_surest_on():
    # Hit, false, hit of four: precision 1, 1/2, 2/3 at recalls 1/4, 1/4, 1/2.
    truth = boxes([(0, 0), (10, 0), (20, 0), (30, 0)])
    answers = boxes([(0, 0), (0, 20), (10, 0)], scores=[0.9, 0.8, 0.7])
    (matches,) = match_frames(one_frame(answers, truth), CARS)
    curve = precision_curve(matches, 2.0)
    assert curve.precisions[[0, 24]] == pytest.approx([1.0, 1.0])
    assert curve.precisions[[25, 50]] == pytest.approx([0.5, 2 / 3])
    assert not curve.precisions[51:].any()
    assert curve.scores[[0, 50, 51]] == pytest.approx([0.9, 0.7, 0.0])
    counted = np.where(RECALLS < 0.25, 1.0, np.interp(RECALLS, [0.25, 0.5], [0.5, 2 / 3], right=0))
    assert average_precision(curve) == pytest.approx(
        np.maximum(counted[11:] - 0.1, 0.0).mean() / 0.9)


def test_errors_are_those_of_what_is_hit():
    truth = boxes([(0, 0)], velocities=np.array([[3, 0, 0]], np.float32))
    answers = boxes([(0.6, 0.8)], size=(4.0, 1.0, 1.5), yaws=-0.3,
                    velocities=np.array([[3, 1, 9]], np.float32))
    errors = only(one_frame(answers, truth)).errors
    assert errors.translation_m == pytest.approx(1.0)
    assert errors.scale == pytest.approx(0.5)
    assert errors.orientation_rad == pytest.approx(0.3)
    assert errors.velocity_mps == pytest.approx(1.0)


def test_nds_weighs_map_five_and_each_error_one():
    truth = boxes([(0, 0)], velocities=np.zeros((1, 3), np.float32))
    answers = boxes([(0, 0)], yaws=0.5, velocities=np.array([[7, 0, 0]], np.float32))
    scores = evaluate_detections(one_frame(answers, truth))
    # Perfect but for the heading, 0.5, and the velocity, which cannot be worse than 1.
    assert scores.nds == pytest.approx((5.0 + 1.0 + 1.0 + 0.5 + 0.0) / 9.0)


def test_velocities_that_the_truth_does_not_tell_are_left_out_of_nds():
    truth = boxes([(0, 0)])
    scores = evaluate_detections(one_frame(boxes([(0, 0)], yaws=0.5), truth))
    assert math.isnan(scores.errors.velocity_mps)
    assert scores.nds == pytest.approx((5.0 + 1.0 + 1.0 + 0.5) / 8.0)
    assert 'without attributes, velocity 0.938' in str(scores)


def test_velocities_that_only_answers_do_not_tell_are_wrong():
    truth = boxes([(0, 0)], velocities=np.zeros((1, 3), np.float32))
    assert only(one_frame(boxes([(0, 0)]), truth)).errors.velocity_mps == 1.0


def test_a_barrier_turned_round_is_the_same_and_has_no_velocity():
    still = np.zeros((1, 3), np.float32)
    truth = boxes([(0, 0)], classes=BARRIER, velocities=still)
    answers = boxes([(0, 0)], classes=BARRIER, yaws=-math.pi + 0.1, velocities=still + 9)
    scores = evaluate_detections(one_frame(answers, truth))
    assert scores.errors.orientation_rad == pytest.approx(0.1)
    assert math.isnan(scores.errors.velocity_mps)


def test_of_two_answers_on_one_object_the_less_sure_is_false():
    truth = boxes([(0, 0)])
    answers = boxes([(0.1, 0), (0.5, 0)], scores=[0.4, 0.8])
    (matches,) = match_frames(one_frame(answers, truth), CARS)
    assert matches.scores == pytest.approx([0.8, 0.4])
    assert matches.outcomes.tolist() == [[0, 1], [1, 0], [1, 0], [1, 0]]  # 0.5 m is not nearer


def test_an_object_of_another_class_is_not_hit():
    scores = evaluate_detections(one_frame(boxes([(0, 0)], classes=BUS), boxes([(0, 0)])))
    assert scores.mean_ap == 0.0
    assert [each.num_answers for each in scores.categories if each.name == 'bus'] == [1]


def test_an_object_of_another_frame_is_not_hit():
    frames = [FrameDetections(boxes([(0, 0)]), Boxes3D.empty()),
              FrameDetections(Boxes3D.empty(), boxes([(0, 0)]))]
    assert only(frames).ap == 0.0


def test_ignored_truth_takes_one_answer_out_of_the_count():
    truth = boxes([(0, 0), (10, 0)])
    answers = boxes([(10, 0), (10, 0.1), (0, 0)], scores=[0.9, 0.8, 0.7])
    ignored = np.array([False, True])
    (matches,) = match_frames(one_frame(answers, truth, ignored=ignored), CARS)
    assert matches.num_truth == 1
    assert matches.outcomes[2].tolist() == [-1, 0, 1]


def test_counted_truth_is_taken_before_ignored():
    truth = boxes([(0, 0), (1, 0)])
    matches, = match_frames(
        one_frame(boxes([(0.9, 0)]), truth, ignored=np.array([False, True])), CARS)
    assert matches.outcomes[2].tolist() == [1]


def test_ignored_truth_of_no_class_takes_answers_of_any():
    truth = boxes([(0, 0)], classes=ObjectClass.OBSTACLE)
    (matches,) = match_frames(
        one_frame(boxes([(0, 0)]), truth, ignored=np.array([True])), CARS)
    assert matches.outcomes[2].tolist() == [-1]


def test_an_excused_answer_counts_only_if_it_hits():
    answers = boxes([(0, 0), (20, 0)], scores=[0.5, 0.9])
    excused = np.ones(2, np.bool_)
    assert only(one_frame(answers, boxes([(0, 0)]), excused=excused)).ap == pytest.approx(1.0)


def test_a_category_may_look_for_one_class_in_answers_of_another():
    anything = (Category('car', (CAR,), (ObjectClass.OBSTACLE, CAR)),)
    answers = boxes([(0, 0)], classes=ObjectClass.OBSTACLE)
    scores = evaluate_detections(one_frame(answers, boxes([(0, 0)])), anything)
    assert scores.mean_ap == pytest.approx(1.0)


@given(SEEDS)
@settings(max_examples=20)
def test_answers_less_sure_than_all_others_and_wrong_do_not_help(seed):
    frames = random_frames(np.random.default_rng(seed), 6)
    with_more = [replace(each, answers=_joined(each.answers, boxes([(45, 45)], scores=-1.0)))
                 for each in frames]
    before, after = evaluate_detections(frames), evaluate_detections(with_more)
    for one, other in zip(before.categories, after.categories, strict=True):
        assert np.nan_to_num(other.ap) <= np.nan_to_num(one.ap) + 1e-12


@given(SEEDS)
@settings(max_examples=20)
def test_the_order_of_frames_and_boxes_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    frames = _distinct(random_frames(rng, 6))
    shuffled = [
        replace(each, answers=each.answers[rng.permutation(len(each.answers))],
                truth=each.truth[rng.permutation(len(each.truth))])
        for each in (frames[row] for row in rng.permutation(len(frames)))]
    one, other = evaluate_detections(frames), evaluate_detections(shuffled)
    assert figures(one) == pytest.approx(figures(other), abs=1e-12, nan_ok=True)


@pytest.mark.parametrize('frames', [
    [], one_frame(Boxes3D.empty(), Boxes3D.empty()), one_frame(boxes([(0, 0)]), Boxes3D.empty())])
def test_without_truth_there_are_no_figures(frames):
    scores = evaluate_detections(frames)
    assert math.isnan(scores.mean_ap)
    assert math.isnan(scores.nds)
    assert math.isnan(mean_average_precision(match_frames(frames)))
    assert 'mAP -' in str(scores)


def test_without_answers_nothing_is_found():
    scores = evaluate_detections(one_frame(Boxes3D.empty(), boxes([(0, 0)])))
    assert (scores.mean_ap, scores.nds) == (0.0, 0.0)
    assert scores.errors.translation_m == 1.0


def test_single_figures_are_those_of_all():
    matches = match_frames(random_frames(np.random.default_rng(3), 12))
    scores = evaluate_detections(random_frames(np.random.default_rng(3), 12))
    assert mean_average_precision(matches) == pytest.approx(scores.mean_ap)
    assert detection_score(matches) == scores.nds
    assert scores.as_dict()['categories'][0]['name'] == 'car'


def test_scenes_taken_again_count_as_frames_taken_again():
    frames = _distinct(random_frames(np.random.default_rng(5), 12))
    counts = np.array([2, 0, 3])
    again = [each for each in frames for _ in range(counts[int(each.scene[-1])])]
    for one, other in zip(match_frames(frames), match_frames(again), strict=True):
        resampled = one.resampled(counts)
        assert resampled.num_frames == len(again)
        assert resampled.scores.tolist() == other.scores.tolist()
        assert (resampled.outcomes == other.outcomes).all()
        assert np.sort(resampled.found_scores).tolist() == np.sort(other.found_scores).tolist()
        assert detection_score([resampled]) == pytest.approx(detection_score([other]), nan_ok=True)


def _distinct(frames):
    """Make all scores of all frames differ."""
    scores = iter(np.random.default_rng(0).permutation(8192))
    return [replace(each, answers=replace(each.answers, scores=np.array(
        [next(scores) / 8192 for _ in range(len(each.answers))], np.float32))) for each in frames]


def _joined(one, other):
    other = replace(other, velocities=np.zeros((len(other), 3), np.float32))
    return Boxes3D(*(np.concatenate([getattr(each, name) for each in (one, other)]) for name in (
        'centers', 'sizes', 'yaws', 'scores', 'classes', 'velocities')))
