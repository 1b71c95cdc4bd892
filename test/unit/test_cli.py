# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The command line as a user meets it."""

import json
import subprocess
import sys

import pytest
from support import drive
from support.detections import boxes

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.bags.write import BagWriter
from mm_fusion_ros.cli import main
from mm_fusion_ros.messages.convert_out import from_boxes


@pytest.fixture
def bag(tmp_path):
    drive.write_drive(tmp_path / 'bag')
    return tmp_path / 'bag'


@pytest.fixture
def faults(tmp_path):
    path = tmp_path / 'faults.yaml'
    path.write_text('faults: [{sensor: front, kind: drop, start_s: 0.1, end_s: 0.25}]')
    return path


def test_process_prints_what_it_did_and_writes_the_output(bag, tmp_path, capsys):
    assert main(['process', str(bag), '--vehicle', 'kitti', '-o', str(tmp_path / 'out')]) == 0
    assert 'answers 5 (complete 5)' in capsys.readouterr().out
    assert (tmp_path / 'out' / 'metadata.yaml').is_file()


def test_process_breaks_sensors_on_the_way(bag, faults, tmp_path, capsys):
    assert main(['process', str(bag), '--vehicle', 'kitti', '-o', str(tmp_path / 'out'),
                 '--faults', str(faults)]) == 0
    said = capsys.readouterr().out
    assert 'answers 5 (complete 3)' in said
    assert 'front: no message near this stamp' in said


def test_break_writes_a_bag_with_broken_sensors(bag, faults, tmp_path, capsys):
    arguments = ['break', str(bag), '--vehicle', 'kitti', '--faults', str(faults),
                 '-o', str(tmp_path / 'out')]
    assert main(arguments) == 0
    assert capsys.readouterr().out == ''
    with BagReader(tmp_path / 'out') as reader:
        assert {info.name: info.count for info in reader.topics} == {
            '/tf_static': 1, drive.CAMERA_INFO: 5, drive.IMAGE: 3, drive.POINTS: 5}
    assert main(arguments) == 2
    assert 'expected a new path' in capsys.readouterr().err
    assert main([*arguments, '--overwrite']) == 0


def test_break_without_a_vehicle_takes_topics_and_says_what_it_could_not_break(
    bag, tmp_path, capsys
):
    faults = tmp_path / 'faults.yaml'
    faults.write_text(
        f'faults: [{{sensor: {drive.IMAGE}, kind: truncated, magnitude: 1.0}}, '
        f'{{sensor: {drive.IMAGE}, kind: blur, start_s: 0.25}}]')
    assert main(['break', str(bag), '--faults', str(faults), '-o', str(tmp_path / 'out')]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f'{drive.IMAGE}: no blur (message: expected sensor_msgs/msg/Image, got')
    assert said.endswith(': 2 messages\n')


@pytest.mark.parametrize('arguments', [
    ['process', 'BAG', '--vehicle', 'kitti', '-o', 'OUT'],
    ['break', 'BAG', '--vehicle', 'kitti', '-o', 'OUT'],
    ['break', 'BAG', '-o', 'OUT'],
])
@pytest.mark.parametrize(('content', 'text'), [
    ('faults: [{sensor: /x, kind: dropp}]', 'parameter faults[0].kind: expected one of drop,'),
    ('faults: [{sensor: /x, kind: drop}]', 'topic /x of faults[0]: expected one that is recorded'),
    ('faults: [', 'expected readable YAML'),
])
def test_bad_faults_are_one_line_and_exit_code_2(arguments, content, text, bag, tmp_path, capsys):
    faults = tmp_path / 'faults.yaml'
    faults.write_text(content)
    places = {'BAG': str(bag), 'OUT': str(tmp_path / 'out')}
    words = [places.get(item, item) for item in arguments]
    assert main([*words, '--faults', str(faults)]) == 2
    said = capsys.readouterr().err
    assert said.startswith('mm_fusion: ')
    assert text in said
    assert said.count('\n') == 1
    assert not (tmp_path / 'out').exists()


@pytest.mark.parametrize(('arguments', 'text'), [
    (['process', 'BAG', '--vehicle', 'tank', '-o', 'OUT'], 'vehicle: expected one of'),
    (['process', 'nowhere', '--vehicle', 'kitti', '-o', 'OUT'], 'bag nowhere: expected'),
    (['convert', 'kitti-raw', 'nowhere', '-o', 'OUT'], 'expected'),
    (['convert', 'nuscenes', 'nowhere', '-o', 'OUT'], 'expected'),
    (['convert', 'comma2k19', 'nowhere', '-o', 'OUT'], 'expected a NumPy array'),
    (['doctor', 'BAG', '-o', '/no/such/folder/v.yaml'], 'No such file'),
    (['doctor', 'nowhere'], 'bag nowhere: expected'),
    (['evaluate', 'nowhere', '--labels', 'BAG'], 'bag nowhere: expected'),
    (['benchmark', 'speed'], 'benchmark: expected one of'),
])
def test_bad_input_is_one_line_and_exit_code_2(arguments, text, bag, tmp_path, capsys):
    places = {'BAG': str(bag), 'OUT': str(tmp_path / 'out')}
    assert main([places.get(item, item) for item in arguments]) == 2
    said = capsys.readouterr().err
    assert said.startswith('mm_fusion: ')
    assert text in said
    assert said.count('\n') == 1
    assert not (tmp_path / 'out').exists()


@pytest.mark.parametrize('content', [b'', b'\xff\xd8\xff\xe0 a jpeg', b'\x89MCAP0\r\n'])
def test_a_foreign_or_empty_file_is_one_line_and_exit_code_2(content, tmp_path, capsys):
    path = tmp_path / 'bag.mcap'
    path.write_bytes(content)
    assert main(['process', str(path), '--vehicle', 'kitti', '-o', str(tmp_path / 'out')]) == 2
    assert capsys.readouterr().err.count('\n') == 1


def test_a_truncated_bag_is_read_as_far_as_it_goes(bag, tmp_path, capsys):
    (whole,) = bag.glob('*.mcap')
    torn = tmp_path / 'torn.mcap'
    torn.write_bytes(whole.read_bytes()[:-200])
    assert main(['process', str(torn), '--vehicle', 'kitti', '-o', str(tmp_path / 'out')]) == 0
    said = capsys.readouterr().out
    assert 'torn.mcap: expected an index at the end' in said


def test_evaluate_prints_and_writes_the_figures(bag, tmp_path, capsys):
    main(['process', str(bag), '--vehicle', 'kitti', '-o', str(tmp_path / 'out')])
    labels = tmp_path / 'labels'
    drive.write_labels(labels)
    figures = tmp_path / 'r.json'
    arguments = ['evaluate', str(tmp_path / 'out'), '--labels', str(labels), '--json']
    assert main([*arguments, str(figures)]) == 0
    assert 'found within 1 m 100.0%' in capsys.readouterr().out
    assert json.loads(figures.read_text())['vehicles'] == 5


def test_evaluate_measures_classes_where_answers_have_them(tmp_path, capsys):
    for name, topic in (('out', '/mm_fusion/detections'), ('labels', '/ground_truth/detections')):
        with BagWriter(tmp_path / name) as writer:
            message = from_boxes(boxes([(10, 0)]), drive.START_NS, 'base_link', BAG_TYPES)
            writer.write(topic, message, drive.START_NS)
    figures = tmp_path / 'r.json'
    assert main(['evaluate', str(tmp_path / 'out'), '--labels', str(tmp_path / 'labels'),
                 '--json', str(figures), '--plots', str(tmp_path / 'plots')]) == 0
    said = capsys.readouterr().out
    assert 'vehicles within 50 m with 10 points or more: 0' in said
    assert 'mAP 1.000, NDS without attributes, velocity 1.000' in said
    content = json.loads(figures.read_text())
    assert content['median_error_m'] is None
    assert content['detection'][0]['scores']['mean_ap'] == pytest.approx(1.0)
    assert {path.name for path in (tmp_path / 'plots').iterdir()} == {
        'precision.png', 'slices.png'}


def test_it_runs_as_a_module_and_names_its_verbs():
    result = subprocess.run(
        [sys.executable, '-m', 'mm_fusion_ros', '--help'], capture_output=True, text=True,
        check=True)
    for verb in ('demo', 'convert', 'simulate', 'process', 'break', 'replay', 'doctor', 'evaluate',
                 'benchmark'):
        assert verb in result.stdout
