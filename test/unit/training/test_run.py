# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A run from its recipe to its weights, in one go or in parts, on frames that are simulated."""

from __future__ import annotations

from dataclasses import replace

import pytest
from safetensors.torch import load_file
from support.small_recipe import small_recipe
import torch

from mm_fusion_ros.errors import CheckpointError
from mm_fusion_ros.training import run
from mm_fusion_ros.training.curves import read_curves
from mm_fusion_ros.training.run import CURVES, Segment, STATE, train
from mm_fusion_ros.training.trainer import new_network


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp('run')


@pytest.fixture(scope='module')
def recipe(folder):
    return small_recipe(folder)


@pytest.fixture(autouse=True)
def no_weights_from_imagenet(monkeypatch):
    """Begin with weights that are drawn: the package that holds the others may be missing."""
    monkeypatch.setattr(run, 'load_image_weights', lambda backbone: None)


def learn(recipe, folder, output, *, steps=None):
    """Go on with a run, for so many steps of it."""
    seen = []
    state = train(
        recipe, Segment(folder / output, folder / 'cache', 'cpu', 0, 'small.safetensors',
                        lambda: steps is not None and len(seen) >= steps),
        lambda step, figures: seen.append(step))
    return state, seen


def test_two_segments_are_one_run(recipe, folder):
    whole, seen = learn(recipe, folder, 'whole')
    assert seen == [1, 2, 3, 4]
    assert whole.step == 4
    first, seen = learn(recipe, folder, 'parts', steps=1)
    assert (first.step, seen) == (1, [1])
    assert first.sha256 != whole.sha256
    last, seen = learn(recipe, folder, 'parts')
    assert seen == [2, 3, 4]
    assert last == whole
    assert read_curves(folder / 'parts' / CURVES) == read_curves(folder / 'whole' / CURVES)
    again, seen = learn(recipe, folder, 'parts')
    assert seen == []
    assert (again.step, again.figures, again.sha256) == (4, {}, whole.sha256)


def test_the_average_is_what_is_kept(recipe, folder):
    learn(recipe, folder, 'whole')
    kept = load_file(folder / 'whole' / 'small.safetensors')
    average = torch.load(folder / 'whole' / STATE, weights_only=True)['average']
    assert kept.keys() == new_network(recipe).state_dict().keys()
    for name, value in kept.items():
        torch.testing.assert_close(value.float(), average[name].float(), atol=1e-3, rtol=1e-3)


def test_the_state_of_another_recipe_is_refused(recipe, folder):
    learn(recipe, folder, 'whole')
    other = replace(recipe, schedule=replace(recipe.schedule, steps=9))
    with pytest.raises(CheckpointError, match=r'state of the run .*state\.pt: expected '
                                              r'schedule\.steps 9, got 4'):
        learn(other, folder, 'whole')


def test_what_is_new_in_recipes_does_not_end_a_run(recipe, folder):
    learn(recipe, folder, 'whole')
    path = folder / 'whole' / STATE
    state = torch.load(path, weights_only=True)
    del state['recipe']['data.kitti_object']
    torch.save(state, path)
    assert learn(recipe, folder, 'whole')[0].step == 4


@pytest.mark.parametrize('content', [b'', b'PK\x03\x04 nothing of the kind'])
def test_a_file_that_is_no_state_is_refused(recipe, tmp_path, content):
    (tmp_path / 'broken').mkdir()
    (tmp_path / 'broken' / STATE).write_bytes(content)
    with pytest.raises(CheckpointError, match=r'state of the run .*: expected one that was saved'):
        learn(recipe, tmp_path, 'broken')
