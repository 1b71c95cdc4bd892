# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Steps of learning: less wrong after some, the same in one go or in two."""

from __future__ import annotations

from copy import deepcopy
import io

import numpy as np
import pytest
from support.small_recipe import small_recipe
from support.training_batch import small_batch
import torch

from mm_fusion_ros.training.trainer import new_network, Trainer


@pytest.fixture(scope='module')
def recipe(tmp_path_factory):
    return small_recipe(tmp_path_factory.mktemp('recipe'), schedule__steps=60)


@pytest.fixture(scope='module')
def batch(recipe):
    return small_batch(recipe)


def trainer_of(recipe):
    return Trainer(new_network(recipe), recipe)


def test_steps_on_one_batch_make_the_network_less_wrong(recipe, batch):
    trainer = trainer_of(recipe)
    first, *_, last = (trainer.step(batch) for _ in range(12))
    for name in ('heat', 'box', 'total'):  # the map is noise
        assert last[name] < 0.95 * first[name], name
    assert set(first) == {'heat', 'box', 'velocity', 'quality', 'ground', 'depth', 'total',
                          'learning_rate', 'gradient'}
    assert first['total'] == pytest.approx(sum(list(first.values())[:6]))


def test_going_on_from_a_state_is_as_if_nothing_had_been(recipe, batch):
    other = small_batch(recipe, (3, 4))
    whole = trainer_of(recipe)
    for each in (batch, other, batch, other):
        figures = whole.step(each)
    first = trainer_of(recipe)
    for each in (batch, other):
        first.step(each)
    file = io.BytesIO()
    torch.save(first.state(), file)
    file.seek(0)
    second = trainer_of(recipe)
    second.step(other)  # whatever it did before is forgotten
    second.resume(torch.load(file, weights_only=True))
    for each in (batch, other):
        again = second.step(each)
    assert again == figures
    assert second.step_number == 4
    states = [trainer.state() for trainer in (whole, second)]
    for part in ('network', 'average'):
        for name, value in states[0][part].items():
            assert torch.equal(value, states[1][part][name]), name


def test_the_same_recipe_gives_the_same_network(recipe):
    one, same = new_network(recipe).state_dict(), new_network(recipe).state_dict()
    assert all(torch.equal(one[name], same[name]) for name in one)


def test_the_image_backbone_learns_only_if_it_shall(recipe, batch, tmp_path):
    trainer = trainer_of(recipe)
    stem = trainer._network.camera.backbone.stem.weight
    before = stem.clone()
    trainer.step(batch)
    assert torch.equal(stem, before)
    trainer = trainer_of(small_recipe(tmp_path, schedule__trains_image_backbone=True))
    stem = trainer._network.camera.backbone.stem.weight
    before = stem.clone()
    trainer.step(batch)
    assert not torch.equal(stem, before)


def test_the_learning_rate_rises_and_then_falls_as_a_cosine(tmp_path, batch):
    recipe = small_recipe(tmp_path, schedule__steps=12, schedule__warmup_steps=2,
                          schedule__learning_rate=1.0)
    trainer = trainer_of(recipe)
    rates = []
    for step in range(14):
        trainer.step_number = step
        rates.append(trainer._learning_rate())
    assert rates[:3] == [0.5, 1.0, 1.0]
    assert np.diff(rates[2:13]).max() < 0.0
    assert rates[7] == pytest.approx(0.505)
    assert rates[12] == rates[13] == pytest.approx(0.01)


def test_long_gradients_are_cut(tmp_path, batch):
    changes = []
    for longest in (1e6, 1e-3):
        recipe = small_recipe(tmp_path, schedule__max_gradient=longest)
        trainer = trainer_of(recipe)
        figures = trainer.step(batch)
        assert figures['gradient'] > 0.1  # as it was
        gradients = [each.grad for each in trainer._network.parameters() if each.grad is not None]
        changes.append(torch.stack([each.norm() for each in gradients]).norm().item())
    assert changes[0] == pytest.approx(figures['gradient'], rel=1e-3)
    assert changes[1] == pytest.approx(1e-3, rel=1e-2)


def test_a_gradient_that_is_no_number_changes_no_weight(recipe, batch):
    trainer = trainer_of(recipe)
    trainer.step(batch)
    parameters = {name: value.clone() for name, value in trainer._network.named_parameters()}
    mad = batch._replace(targets=batch.targets._replace(grids=batch.targets.grids._replace(
        box=torch.full_like(batch.targets.grids.box, torch.nan))))
    figures = trainer.step(mad)
    assert not np.isfinite(figures['gradient'])
    for name, value in trainer._network.named_parameters():
        assert torch.equal(value, parameters[name]), name
    assert np.isfinite(trainer.step(batch)['total'])


def test_the_frame_before_is_remembered_and_not_learned_from(recipe, batch):
    learning = trainer_of(recipe)._learning.train()
    with_memory = learning(batch)
    seen = []
    handle = learning.network.heads.register_forward_hook(lambda *given: seen.append(given))
    forgotten = learning(batch._replace(previous=None))
    assert len(seen) == 1
    handle.remove()
    assert with_memory.total != forgotten.total
    with_memory.total.backward()
    for parameter in learning.parameters():
        assert parameter.grad is None or torch.isfinite(parameter.grad).all()


@pytest.mark.parametrize('precision', ['bfloat16', 'float16'])
def test_half_precision_learns_about_the_same(recipe, batch, tmp_path, precision):
    exact = trainer_of(recipe)
    rough = trainer_of(small_recipe(
        tmp_path, schedule__steps=60, schedule__precision=precision))
    for _ in range(3):
        figures = (exact.step(batch), rough.step(batch))
    assert figures[1]['total'] == pytest.approx(figures[0]['total'], rel=0.1)


def test_the_average_follows_the_weights_less_and_less(recipe, batch):
    trainer = trainer_of(recipe)
    start = deepcopy(trainer.average.weights)
    name = 'heads.out.weight'
    trainer.step(batch)
    now = trainer._network.state_dict()[name]
    torch.testing.assert_close(
        trainer.average.weights[name], (2 / 11) * start[name] + (9 / 11) * now)
    trainer.average.update(trainer._network, 10**6)
    expected = 0.998 * ((2 / 11) * start[name] + (9 / 11) * now) + 0.002 * now
    torch.testing.assert_close(trainer.average.weights[name], expected)
    counts = [key for key in start if key.endswith('num_batches_tracked')]
    assert counts
    assert all(trainer.average.weights[key] > start[key] for key in counts)
