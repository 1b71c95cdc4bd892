# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A recipe says everything, and nothing that is not known."""

from __future__ import annotations

import pytest
from support.small_recipe import small_recipe, write_small_recipe

from mm_fusion_ros import share
from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.sim.rig import load_rig
from mm_fusion_ros.training.recipe import DataSettings, load_recipe, Recipe


def test_values_come_from_the_file_then_from_changes_and_else_are_defaults(tmp_path):
    recipe = load_recipe(write_small_recipe(tmp_path), {'schedule.steps': 9})
    assert recipe.schedule.steps == 9
    assert recipe.schedule.batch_size == 2
    assert recipe.schedule.weight_decay == Recipe().schedule.weight_decay
    assert recipe.network.blocks == (0, 0, 0)


@pytest.mark.parametrize('path', sorted(
    (share.share_dir() / 'config' / 'training').glob('*.yaml')), ids=lambda path: path.stem)
def test_recipes_that_ship_can_be_trained(path):
    recipe = load_recipe(path)
    for source in recipe.data.sources():
        load_rig(source.rig)
    assert recipe.object_classes[0] == ObjectClass.CAR


def test_what_is_unknown_or_does_not_fit_is_refused(tmp_path):
    for changes, text in (
        ({'schedule__step': 5}, 'schedule.step'),
        ({'schedule__steps': 0}, 'schedule.steps'),
        ({'schedule__precision': 'float8'}, 'schedule.precision'),
        ({'grid__reach_m': 11.0}, r'grid\.reach_m: expected whole steps of 3\.2 m, got 11 m'),
        ({'data__worlds': (1, 2)}, r'expected lists of one length, got \[1, 2, 1\]'),
        ({'data__camera_shares': (0.0,)}, 'data.camera_shares: expected numbers of which'),
        ({'data__camera_shares': (-0.1, 1.0)}, 'data.camera_shares: expected numbers of which'),
    ):
        with pytest.raises(ConfigError, match=text):
            small_recipe(tmp_path, **changes)


def test_each_rig_drives_in_its_worlds():
    one, other = DataSettings(('demo', 'kitti'), (3, 5), (10, 20)).sources()
    assert (one.rig, one.worlds, one.first_seed) == ('demo', 3, 10)
    assert (other.rig, other.worlds, other.first_seed) == ('kitti', 5, 20)
    assert one.burst == 2


def test_classes_are_told_by_their_labels(tmp_path):
    recipe = small_recipe(tmp_path, classes=('pedestrian', 'car'))
    assert recipe.object_classes == (ObjectClass.PEDESTRIAN, ObjectClass.CAR)
