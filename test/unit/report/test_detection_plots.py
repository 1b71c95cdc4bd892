# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Plots of detection scores."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from support.detections import random_frames

from mm_fusion_ros.evaluation.detection_matching import match_frames
from mm_fusion_ros.evaluation.score_table import score_slices, ScoreTable
from mm_fusion_ros.report.detection_plots import draw_conditions, draw_precision, draw_slices


@pytest.fixture(scope='module')
def frames():
    return random_frames(np.random.default_rng(0), 12)


@pytest.fixture(scope='module')
def table(frames):
    blind = [replace(each, answers=each.answers[:0]) for each in frames]
    return ScoreTable((
        *score_slices('full', frames, rng=np.random.default_rng(0), draws=20),
        *score_slices('blind', blind)))


def colours(path):
    """Count pixels that are not grey."""
    pixels = cv2.imread(str(path)).astype(int)
    return int((np.ptp(pixels, axis=2) > 40).sum())


def test_precision_is_drawn_for_each_category_with_truth(frames, tmp_path):
    matches = match_frames(frames)
    draw_precision(matches, tmp_path / 'deep' / 'all.png', 'title')
    draw_precision(matches[:1], tmp_path / 'cars.png')
    assert colours(tmp_path / 'deep' / 'all.png') > 1.5 * colours(tmp_path / 'cars.png') > 500


def test_slices_and_conditions_are_drawn(table, tmp_path):
    draw_slices(table, tmp_path / 'slices.png')
    draw_conditions(table, tmp_path / 'conditions.png')
    assert colours(tmp_path / 'slices.png') > 1000
    assert colours(tmp_path / 'conditions.png') > 1000


def test_without_anything_there_is_an_empty_picture(tmp_path):
    draw_precision(match_frames([]), tmp_path / 'precision.png')
    draw_slices(ScoreTable(()), tmp_path / 'slices.png')
    draw_conditions(ScoreTable(()), tmp_path / 'conditions.png')
    assert {path.name for path in tmp_path.iterdir()} == {
        'precision.png', 'slices.png', 'conditions.png'}
