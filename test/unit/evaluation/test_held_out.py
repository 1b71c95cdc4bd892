# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Scenes held out: what is wrong in them changes the frames, and never the truth that counts."""

from dataclasses import replace

import numpy as np
import pytest
from support import small_model
from support.detections import boxes

from mm_fusion_ros.data_types import ObjectClass, SensorState
from mm_fusion_ros.evaluation import held_out
from mm_fusion_ros.evaluation.detection_matching import match_frames, Outcome
from mm_fusion_ros.evaluation.held_out import CONDITIONS, HeldOutFrame

RNG = 3


def frame():
    whole = small_model.frame(
        lidars=[small_model.lidar()],
        cameras=[small_model.camera('left', 0.5), small_model.camera('right', -0.5)])
    return replace(whole, sensors=tuple(
        SensorState(name, kind, present=True)
        for name, kind in (('top', 'lidar'), ('left', 'camera'), ('right', 'camera'))))


def present(changed):
    return [state.name for state in changed.sensors if state.present]


def test_lost_sensors_are_gone_and_said_to_be():
    rng = np.random.default_rng(RNG)
    assert present(held_out.without_cameras(frame(), rng)) == ['top']
    assert present(held_out.without_lidars(frame(), rng)) == ['left', 'right']
    lost = held_out.with_a_camera_lost(frame(), rng)
    assert len(lost.cameras) == 1
    assert present(lost) == ['top', lost.cameras[0].name]


def test_cameras_turn_by_a_degree_each_about_its_own_axis():
    changed = held_out.with_turned_cameras(frame(), np.random.default_rng(RNG))
    turns = [before.T_base_camera[:3, :3].T @ after.T_base_camera[:3, :3]
             for before, after in zip(frame().cameras, changed.cameras, strict=True)]
    angles = [np.degrees(np.arccos((np.trace(turn) - 1) / 2)) for turn in turns]
    assert angles == pytest.approx([1, 1])
    assert not np.allclose(turns[0], turns[1])


def test_conditions_have_names_of_their_own():
    assert len({condition.name for condition in CONDITIONS}) == len(CONDITIONS)


def truth_at(places, classes):
    truth = boxes(places, classes=classes)
    return HeldOutFrame(
        frame(), truth, np.ones(len(truth), np.bool_), np.zeros(len(truth), np.int8), None, 'a')


def outcomes(answers):
    pedestrian = ObjectClass.PEDESTRIAN
    made = truth_at([(39.8, 0)], [pedestrian]).with_answers(boxes(answers, classes=pedestrian))
    found, = [each for each in match_frames([made]) if each.category.name == 'pedestrian']
    return found.outcomes[found.row_of(1.0)].tolist()


def test_an_answer_beyond_the_reach_of_its_class_can_hit_but_not_be_wrong():
    assert outcomes([(40.1, 0)]) == [Outcome.HIT]
    assert outcomes([(45, 0)]) == [Outcome.OUT]
    assert outcomes([(35, 0)]) == [Outcome.FALSE]
