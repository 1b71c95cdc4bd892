# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The verb `train`: one line for what is wrong, weights, card and curves for what is right."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from importlib.util import find_spec
import sys

import pytest
from support.small_recipe import small_recipe, write_small_recipe
from support.training_batch import near_sample
import torch

from mm_fusion_ros import cli
from mm_fusion_ros.model.card import load_card
from mm_fusion_ros.model.checkpoint import load_weights
from mm_fusion_ros.training import command, draws, run
from mm_fusion_ros.training.sources import RecordedSource
from mm_fusion_ros.training.trainer import new_network


@pytest.fixture(autouse=True)
def small_world(monkeypatch):
    """Let samples and weights come from nowhere: neither renderer nor package is needed."""
    frames = [near_sample(seed) for seed in range(3)]
    monkeypatch.setattr(
        draws, 'sample_sources', lambda settings, cache: (RecordedSource(frames),))
    monkeypatch.setattr(run, 'load_image_weights', lambda backbone: None)


def call(*arguments):
    return cli.main(['train', *map(str, arguments), '--device', 'cpu', '--workers', '0'])


def test_a_complete_run_leaves_weights_a_card_and_curves(tmp_path, capsys):
    recipe, output = write_small_recipe(tmp_path), tmp_path / 'out'
    assert call(recipe, '-o', output) == 0
    printed = capsys.readouterr().out
    assert 'step 4 of 4 (complete)' in printed
    assert f'weights, card and curves: {output}' in printed
    assert {path.name for path in output.iterdir()} >= {
        'small.safetensors', 'small.yaml', 'curves.png', 'curves.jsonl', 'state.pt'}
    card = load_card(str(output / 'small.yaml'))
    assert (card.name, card.recipe) == ('small', 'small')
    assert (card.image_width_px, card.image_height_px) == (64, 32)
    assert card.trained_frames == 8
    assert card.trained_on.startswith('CPU')
    assert card.uses_memory
    network = new_network(small_recipe(tmp_path))
    network.load_state_dict(load_weights(card.weights_file, network.state_dict(), card.sha256))


def test_a_segment_ends_after_its_minutes_and_the_same_command_goes_on(tmp_path, capsys):
    recipe, output = write_small_recipe(tmp_path), tmp_path / 'out'
    assert call(recipe, '-o', output, '--minutes', '0') == 0
    assert 'step 1 of 4 (the same command goes on)' in capsys.readouterr().out
    assert call(recipe, '-o', output) == 0
    assert 'step 4 of 4 (complete)' in capsys.readouterr().out


@pytest.mark.parametrize(('arguments', 'text'), [
    (('nothing',), "or the path of a file, got 'nothing'"),
    (('tiny', '--set', 'schedule.steps'),
     "change of the recipe: expected NAME=VALUE, got 'schedule.steps'"),
    (('tiny', '--set', 'schedule.stepz=5'), 'schedule.stepz'),
    (('tiny', '--set', 'schedule.steps=many'), "schedule.steps: expected an integer, got 'many'"),
    (('tiny', '--set', 'schedule.steps=[5'), 'change of the recipe: expected NAME=VALUE'),
])
def test_what_is_wrong_with_a_recipe_is_said_in_one_line(tmp_path, capsys, arguments, text):
    assert call(*arguments, '-o', tmp_path / 'out') == 2
    error = capsys.readouterr().err
    assert text in error
    assert error.strip().count('\n') == 0
    assert not (tmp_path / 'out').exists()


@pytest.mark.parametrize(('text', 'value'), [
    ('a=5', 5), ('a=0.5', 0.5), ('a=2e-3', 0.002), ('a=true', True), ('a=x', 'x'),
    ('a=[1, 2]', (1, 2)), ('a=x=y', 'x=y'),
])
def test_changes_are_read_as_yaml_is(text, value):
    assert command._change(text) == ('a', value)


def test_a_summary_tells_where_the_run_is(tmp_path):
    state = run.RunState(3, 6, torch.device('cpu'), {'total': 1.23456}, '')
    summary = command.TrainingSummary(state, 4, 0.26, tmp_path)
    assert str(summary).splitlines()[0] == (
        'step 3 of 4 (the same command goes on), 0.3 min')
    assert 'complete' in str(replace(summary, steps=3))
    assert 'total 1.235' in str(summary)


@pytest.mark.skipif(find_spec('tensorboard') is None, reason='needs tensorboard')
def test_tensorboard_is_told_every_figure(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    with closing(command._Board(tmp_path / 'none')):
        pass
    assert not (tmp_path / 'none').exists()
    with closing(command._Board(tmp_path)) as board:
        for step in (1, 2):
            board.add(step, {'heat': 0.5 * step, 'box': 3.0})
    events = EventAccumulator(str(tmp_path)).Reload()
    assert events.Tags()['scalars'] == ['heat', 'box']
    assert [(each.step, each.value) for each in events.Scalars('heat')] == [(1, 0.5), (2, 1.0)]


def test_without_tensorboard_nothing_is_told(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'tensorboard', None)
    with closing(command._Board(tmp_path)) as board:
        board.add(1, {'heat': 0.5})
    assert list(tmp_path.iterdir()) == []
