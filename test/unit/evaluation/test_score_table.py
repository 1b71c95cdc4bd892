# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Scores by slice and condition, and how they are written."""

from dataclasses import replace
import json
import math

import numpy as np
import pytest
from support.detections import boxes, random_frames

from mm_fusion_ros.data_types import Boxes3D
from mm_fusion_ros.evaluation.detection_frame import FrameDetections
from mm_fusion_ros.evaluation.detection_scores import evaluate_detections
from mm_fusion_ros.evaluation.detection_slices import (
    occlusion_levels,
    of_occlusion,
    of_range,
    slices_of,
)
from mm_fusion_ros.evaluation.score_table import score_slices, ScoreTable
from mm_fusion_ros.evaluation.strict_json import strict_json


def test_objects_of_other_ranges_do_not_count_nor_do_answers_there():
    truth = boxes([(10, 0), (0, 30), (-40, 0)])
    answers = boxes([(10, 0), (0, 15), (0, 45)], scores=[0.5, 0.9, 0.8])
    frames = [FrameDetections(answers, truth)]
    counts = [each.num_truth for part in slices_of(frames)
              for each in evaluate_detections(part.frames).categories if each.num_truth]
    assert counts == [3, 1, 1, 1]
    near = of_range(frames, 0.0, 20.0)
    assert near.name == '0-20 m'
    assert near.frames[0].is_excused.tolist() == [False, False, True]
    assert [part.name for part in slices_of(frames)] == [
        'all', '0-20 m', '20-35 m', '35-51 m']


def test_an_answer_beyond_the_border_hits_an_object_within():
    frames = [FrameDetections(boxes([(20.1, 0)]), boxes([(19.9, 0)]))]
    assert evaluate_detections(of_range(frames, 0.0, 20.0).frames).mean_ap == pytest.approx(1.0)
    assert math.isnan(evaluate_detections(of_range(frames, 20.0, 35.0).frames).mean_ap)


def test_hidden_objects_are_a_slice_of_their_own():
    levels = occlusion_levels(np.array([0.0, 0.3, 0.9, np.nan], np.float32))
    assert levels.tolist() == [0, 1, 2, -1]
    frame = FrameDetections(
        Boxes3D.empty(), boxes([(0, 0), (5, 0), (9, 0), (12, 0)]), occlusions=levels)
    assert of_occlusion([frame], 2).frames[0].is_ignored.tolist() == [True, True, False, True]
    bare = FrameDetections(Boxes3D.empty(), boxes([(0, 0)]))
    names = [part.name for part in slices_of([frame, bare])]
    assert names[4:] == ['in view', 'partly hidden', 'largely hidden']
    assert of_occlusion([bare], 0).frames[0].is_ignored.tolist() == [True]


def test_a_table_is_printed_and_written():
    frames = random_frames(np.random.default_rng(0), 6)
    blind = [replace(each, answers=each.answers[:0]) for each in frames]
    table = ScoreTable((
        *score_slices('full', frames, rng=np.random.default_rng(0), draws=20),
        *score_slices('no camera', blind)))
    lines = str(table).splitlines()
    assert len(lines) == 9
    assert lines[0].split()[:5] == ['condition', 'slice', 'objects', 'mAP', 'NDS']
    assert lines[1].startswith('full')
    assert ' to ' in lines[1]
    assert 'no camera' in lines[5]
    assert len({len(line) for line in lines}) == 1
    rows = json.loads(strict_json(table.as_dict()))['rows']
    assert rows[0]['mean_ap']['low'] <= rows[0]['scores']['mean_ap']
    assert rows[0]['scores']['categories'][1]['ap'] is None  # no truck there


def test_what_is_no_finite_number_is_null():
    content = {'a': [math.nan, 1.5, (math.inf,)], 'b': {'c': 'text', 'd': True, 'e': 3}}
    assert json.loads(strict_json(content)) == {
        'a': [None, 1.5, [None]], 'b': {'c': 'text', 'd': True, 'e': 3}}
