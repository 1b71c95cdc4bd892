# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Intervals of figures by drawing scenes."""

from dataclasses import dataclass, replace
import math

import numpy as np
import pytest
from support.detections import random_frames

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.evaluation.bootstrap import difference_of, interval_of
from mm_fusion_ros.evaluation.detection_matching import match_frames
from mm_fusion_ros.evaluation.detection_scores import mean_average_precision


@dataclass(frozen=True)
class Numbers:
    """A number of each scene."""

    scenes: tuple
    values: np.ndarray
    times: np.ndarray

    def resampled(self, counts):
        return replace(self, times=counts)


def numbers(values):
    scenes = tuple(f'{row:03}' for row in range(len(values)))
    return [Numbers(scenes, values, np.ones(len(values)))]


def mean(counted):
    return float(np.average(counted[0].values, weights=counted[0].times))


def test_the_interval_of_a_mean_is_that_of_the_normal_distribution():
    rng = np.random.default_rng(0)
    values = rng.normal(3.0, 1.0, 100)
    interval = interval_of(numbers(values), mean, rng, 2000)
    assert interval.value == pytest.approx(values.mean())
    reach = 1.96 * values.std() / 10.0
    assert (interval.low, interval.high) == pytest.approx(
        (values.mean() - reach, values.mean() + reach), abs=0.02)


def test_what_differs_by_the_same_in_all_scenes_differs_surely():
    rng = np.random.default_rng(0)
    values = rng.normal(3.0, 1.0, 20)
    interval = difference_of(numbers(values + 0.1), numbers(values), mean, rng, 100)
    assert (interval.value, interval.low, interval.high) == pytest.approx((0.1, 0.1, 0.1))
    assert str(interval) == '0.100 (0.100 to 0.100)'


def test_the_same_generator_gives_the_same_interval():
    matches = match_frames(random_frames(np.random.default_rng(1), 12))
    one, other = (
        interval_of(matches, mean_average_precision, np.random.default_rng(7), 50)
        for _ in range(2))
    assert one == other
    assert one.low < one.value < one.high


def test_two_systems_on_the_same_scenes_are_compared():
    frames = random_frames(np.random.default_rng(1), 12)
    blind = [replace(each, answers=each.answers[:0]) for each in frames]
    interval = difference_of(
        match_frames(frames), match_frames(blind), mean_average_precision,
        np.random.default_rng(7), 50)
    assert interval.low > 0.0


def test_draws_without_a_figure_are_left_out():
    interval = interval_of(numbers(np.ones(3)), lambda counted: math.nan, np.random.default_rng(0))
    assert math.isnan(interval.low)


def test_systems_of_different_scenes_are_refused():
    one = match_frames(random_frames(np.random.default_rng(1), 4, scenes=2))
    other = match_frames(random_frames(np.random.default_rng(1), 4, scenes=3))
    with pytest.raises(InvalidMessageError, match='the same for all, got 1 of some only, such as '
                                                  'scene 2'):
        difference_of(one, other, mean_average_precision, np.random.default_rng(0))


@pytest.mark.parametrize('matches', [(), match_frames([])])
def test_no_scene_is_refused(matches):
    with pytest.raises(InvalidMessageError, match='scenes: expected at least one, got none'):
        interval_of(matches, mean_average_precision, np.random.default_rng(0))
