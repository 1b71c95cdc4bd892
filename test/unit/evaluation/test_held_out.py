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


@pytest.fixture(scope='module')
def scene(tmp_path_factory):
    """Render a scene of a small rig as it is asked for."""
    cache = tmp_path_factory.mktemp('frames')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(held_out, 'RIG', 'demo')
        patch.setattr(held_out, 'FRAMES_PER_SCENE', 2)
        named = {condition.name: condition for condition in CONDITIONS}
        yield lambda name: list(held_out.held_out_frames(named[name], cache, scenes=1))


def test_what_counts_is_the_same_whatever_is_wrong(scene):
    usual, late = scene('full'), scene('cameras 80 ms late, stamps wrong')
    assert len(usual) == len(late) == 2
    for whole, wrong in zip(usual, late, strict=True):
        assert whole.counts.any()
        assert np.array_equal(whole.counts, wrong.counts)
        assert np.array_equal(whole.occlusions, wrong.occlusions)
        assert np.array_equal(whole.truth.centers, wrong.truth.centers)


def test_late_cameras_say_so_or_do_not(scene):
    usual, told, untold = (scene(name)[0].frame.cameras[0] for name in (
        'full', 'cameras 80 ms late, stamps true', 'cameras 80 ms late, stamps wrong'))
    assert usual.image.stamp_ns - told.image.stamp_ns == pytest.approx(80e6, abs=1.0)
    assert untold.image.stamp_ns == usual.image.stamp_ns
    assert np.array_equal(told.image.pixels, untold.image.pixels)
    assert not np.array_equal(told.image.pixels, usual.image.pixels)
    assert not np.allclose(told.T_base_camera, untold.T_base_camera)


def test_sweeps_are_deskewed_unless_that_is_wrong(scene):
    usual, skewed = (scene(name)[0].frame.lidars[0].sweep for name in ('full', 'not deskewed'))
    assert len(usual) == len(skewed)
    assert np.abs(usual.points - skewed.points).max() > 0.1


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
