# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What a model card says, and what it must not."""

from dataclasses import replace
import re

import pytest
import yaml

from mm_fusion_ros import share
from mm_fusion_ros.config import walk
from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.model.card import load_card, ModelCard, save_card
from mm_fusion_ros.model.grid import BevGrid
from mm_fusion_ros.model.settings import NetworkSettings

CARD = ModelCard(
    name='small', checkpoint='small.safetensors', sha256='0' * 63 + 'e', classes=('car', 'bus'),
    image_width_px=320, image_height_px=96, ground_z_m=-0.25, recipe='tiny', commit='1e5',
    trained_frames=120000, trained_on='two cores of a CPU', trained_hours=2.5,
    known_limits=('Nights: never seen.', 'Snow.'), grid=BevGrid(reach_m=25.6, cell_m=0.4),
    network=NetworkSettings(fusion='concat', blocks=(1, 1, 1)),
    scores={'full.map': 0.61, 'no_lidar.map': 0.2})


@pytest.fixture
def file(tmp_path):
    path = tmp_path / 'small.yaml'
    save_card(CARD, path)
    return path


def with_changes(path, **changes):
    document = yaml.safe_load(path.read_text()) | changes
    path.write_text(yaml.safe_dump(document))
    return str(path)


def test_a_card_is_read_as_it_was_written(file):
    card = load_card(str(file))
    assert card == CARD
    assert card.path == file


def test_every_value_of_a_file_stands_under_what_it_means(file):
    text = ' '.join(file.read_text().replace('#', ' ').split())
    for declared in walk(ModelCard):
        assert f'{declared.description} {declared.name.rpartition(".")[2]}:' in text
    assert max(map(len, file.read_text().splitlines())) <= 99


def test_classes_are_those_of_the_package_in_the_order_of_the_card():
    assert CARD.object_classes == (ObjectClass.CAR, ObjectClass.BUS)


def test_scores_may_be_nested_or_missing(file):
    nested = load_card(with_changes(file, scores={'full': {'map': 1}, 'night.map': 0.5}))
    assert nested.scores == {'full.map': 1, 'night.map': 0.5}
    document = yaml.safe_load(file.read_text())
    del document['scores']
    file.write_text(yaml.safe_dump(document))
    assert load_card(str(file)).scores == {}


def test_weights_are_looked_for_beside_the_card_and_then_in_the_package(file):
    card = load_card(str(file))
    assert card.weights_file == share.share_dir() / 'weights' / 'small.safetensors'
    beside = file.with_name('small.safetensors')
    beside.touch()
    assert card.weights_file == beside


@pytest.mark.parametrize(('changes', 'text'), [
    ({'reach': 3}, 'parameter reach of model card {path}: expected a declared parameter'),
    ({'image_widht_px': 3}, 'close to it: image_width_px), got an unknown name'),
    ({'image_width_px': 'wide'}, 'parameter image_width_px of model card {path}: expected an int'),
    ({'image_width_px': 4}, 'image_width_px of model card {path}: expected 32 to 8192 px, got 4'),
    ({'name': ' '}, 'parameter name of model card {path}: expected a name'),
    ({'checkpoint': '../small.safetensors'}, 'expected the name of a .safetensors file without'),
    ({'checkpoint': 'small.pth'}, 'expected the name of a .safetensors file without folders'),
    ({'sha256': 'F' * 64}, 'parameter sha256 of model card {path}: expected 64 hexadecimal'),
    ({'classes': []}, 'parameter classes of model card {path}: expected at least one label'),
    ({'classes': ['car', 'car']}, 'expected at least one label, each once'),
    ({'classes': ['car', 'cat']}, 'one of obstacle, car, truck, bus, cyclist, pedestrian'),
    ({'classes': ['obstacle']}, 'expected things that have a class, got obstacle'),
    ({'scores': {'map': 'good'}}, 'parameter scores.map of model card {path}: expected a finite'),
    ({'scores': {'map': float('nan')}}, 'expected a finite number, got nan'),
    ({'grid': {}}, 'parameter grid.reach_m of model card {path}: expected a value, got none'),
    ({'network': {'fusion': 'sum'}}, 'expected a value, got none'),
    ({'known_limits': 'snow'}, 'parameter known_limits of model card {path}: expected a list'),
])
def test_a_card_that_does_not_fit_is_refused_by_key_and_file(file, changes, text):
    with pytest.raises(ConfigError, match=re.escape(text.format(path=file))):
        load_card(with_changes(file, **changes))


@pytest.mark.parametrize('name', [declared.name for declared in walk(ModelCard)])
def test_no_key_is_left_to_its_default(file, name):
    document = yaml.safe_load(file.read_text())
    section, _, key = name.rpartition('.')
    del (document[section] if section else document)[key]
    file.write_text(yaml.safe_dump(document))
    with pytest.raises(ConfigError, match=f'parameter {name} of .*: expected a value, got none'):
        load_card(str(file))


@pytest.mark.parametrize('text', ['a: [1', '- 1', '', '!!python/object/apply:os.getcwd []'])
def test_a_file_that_is_no_card_is_refused(tmp_path, text):
    path = tmp_path / 'odd.yaml'
    path.write_text(text)
    with pytest.raises(ConfigError, match=re.escape(f'model card {path}: expected')):
        load_card(str(path))


def test_a_model_that_is_not_there_is_refused():
    with pytest.raises(ConfigError, match=r"model: expected one of .* path of a file, got 'none'"):
        load_card('none')


def test_a_grid_that_does_not_divide_is_refused(file):
    grid = yaml.safe_load(file.read_text())['grid'] | {'cell_m': 0.7}
    with pytest.raises(ConfigError, match=re.escape(f'grid.reach_m of model card {file}')):
        load_card(with_changes(file, grid=grid))


def test_a_card_cannot_be_changed_into_one_that_does_not_fit():
    with pytest.raises(ConfigError, match='parameter sha256: expected 64 hexadecimal digits'):
        replace(CARD, sha256='')
