# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The README says what the code does."""

import argparse
from pathlib import Path
import re

from mm_fusion_ros import cli, share
from mm_fusion_ros import localization_config as localization
from mm_fusion_ros.intake import input_topics
from mm_fusion_ros.localization_outputs import LocalizationOutputs
from mm_fusion_ros.localization_topics import localization_topics
from mm_fusion_ros.outputs import all_outputs
from mm_fusion_ros.perception_config import declared_parameters, perception_config

ROOT = share.share_dir()
README = (ROOT / 'README.md').read_text()


def table(name):
    """Rows of the table between two comments, as lists of cells, without its head."""
    block = README.split(f'<!-- {name} -->')[1].split(f'<!-- /{name} -->')[0]
    rows = [line for line in block.splitlines() if line.startswith('|')][2:]
    return [[cell.strip() for cell in row.strip('|').split('|')] for row in rows]


def test_every_output_is_in_the_readme_with_its_type():
    written = {(row[0].strip('`'), row[1]) for row in table('outputs')}
    outputs = all_outputs(perception_config({'cameras': ('front',)}))
    expected = {(o.topic.replace('front', '<camera>'), o.type.replace('/msg/', '/'))
                for o in outputs}
    assert written == expected


def test_every_input_is_in_the_readme_with_its_type():
    text = {}
    for row in table('inputs'):
        for topic in row[0].split(','):
            text[topic.strip(' `')] = row[1]
    for item in input_topics(perception_config({'lidars': ('x',), 'cameras': ('y',)})):
        topic = re.sub(r'/(x|y)/', '/<name>/', item.topic)
        assert text[topic].startswith(item.type.value.replace('/msg/', '/'))


def test_every_parameter_in_the_readme_exists_with_that_default():
    names = {'<name>': 'top', '<lidar>': 'top', '<camera>': 'front'}
    declared = {p.name: p.default for p in declared_parameters(('top',), ('front',))}
    for cell, default, _ in table('parameters'):
        for name in re.findall(r'`([^`]+)`', cell):
            for placeholder, sensor in names.items():
                name = name.replace(placeholder, sensor)
            if name.endswith('.*'):
                assert any(known.startswith(name[:-1]) for known in declared)
                continue
            assert name in declared
            if isinstance(declared[name], (int, float)) and not isinstance(declared[name], bool):
                assert float(default) == declared[name], name


def test_every_output_of_localization_is_in_the_readme_with_its_type():
    written = {(row[0].strip('`'), row[1]) for row in table('localization outputs')}
    outputs = LocalizationOutputs(localization.localization_config({})).all()
    assert written == {(o.topic, o.type.replace('/msg/', '/')) for o in outputs}


def test_every_input_of_localization_is_in_the_readme_with_its_types():
    rows = {row[0].strip('`'): row[1] for row in table('localization inputs')}
    topics = localization_topics(localization.localization_config({}))
    assert rows.keys() >= {item.topic for item in topics}
    for item in topics:
        assert all(kind.rpartition('/')[2] in rows[item.topic] for kind in item.types)


def test_every_parameter_of_localization_in_the_readme_exists_with_that_default():
    declared = {p.name: p.default for p in localization.declared_parameters()}
    for cell, default, _ in table('localization parameters'):
        names = re.findall(r'`([^`]+)`', cell)
        assert set(names) <= declared.keys()
        numbers = [float(number) for number in re.findall(r'[0-9.]+', default)]
        if numbers:
            same = numbers * len(names) if len(numbers) == 1 else numbers
            assert [declared[name] for name in names] == same


def test_every_verb_is_in_the_readme():
    actions = cli._parser()._subparsers._group_actions
    (verbs,) = [a.choices for a in actions if isinstance(a, argparse._SubParsersAction)]
    offline = {re.match(r'`([a-z]+)', row[0]).group(1) for row in table('verbs')}
    assert offline == set(verbs)


def test_every_benchmark_is_in_the_readme():
    (row,) = [row for row in table('verbs') if row[0].startswith('`benchmark')]
    written = set(re.findall(r'`([a-z_]+)`', row[1]))
    assert written == {path.stem for path in (ROOT / 'benchmarks').glob('[a-z]*.py')}


def test_every_vehicle_that_ships_is_in_the_readme():
    for path in Path(ROOT / 'config' / 'vehicles').glob('*.yaml'):
        assert path.stem in README


def test_pictures_and_links_of_the_readme_lead_somewhere():
    for target in re.findall(r'\]\(([^)]+)\)', README):
        if not target.startswith('http'):
            assert (ROOT / target).exists(), target
