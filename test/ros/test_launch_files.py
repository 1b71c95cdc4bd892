# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The launch files: what they take, what they start; where ROS 2's launch is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

pytest.importorskip('launch.actions', reason='launch comes with a ROS 2 install')

from launch import LaunchContext
from launch.actions import SetEnvironmentVariable
from launch.launch_description_sources import get_launch_description_from_python_launch_file
from launch.utilities import perform_substitutions
from launch_ros.actions import Node
from support.simulated_motion import simulated_motion

from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.write import BagWriter
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.ros.dds import large_message_environment
from mm_fusion_ros.share import share_dir

TYPES = {
    names.IMU: 'sensor_msgs/msg/Imu', names.GNSS_FIX: 'sensor_msgs/msg/NavSatFix',
    names.GNSS_VELOCITY: 'geometry_msgs/msg/TwistStamped',
    names.VEHICLE_TWIST: 'geometry_msgs/msg/TwistStamped'}
FILES = sorted((share_dir() / 'launch').glob('*.launch.py'))


def load(name):
    path = share_dir() / 'launch' / f'{name}.launch.py'
    return get_launch_description_from_python_launch_file(str(path))


def arguments(description):
    return {item.name: item for item in description.get_launch_arguments()}


def started(name, **values):
    description = load(name)
    context = LaunchContext()
    for name, item in arguments(description).items():
        default = perform_substitutions(context, item.default_value or [])
        context.launch_configurations[name] = values.get(name, default)
    return [node for entity in description.entities
            for node in entity.visit(context) or [] if isinstance(node, Node)]


@pytest.mark.parametrize('path', FILES, ids=lambda path: path.name)
def test_every_argument_is_documented(path):
    description = get_launch_description_from_python_launch_file(str(path))
    assert 'vehicle' in arguments(description)
    for item in arguments(description).values():
        assert item.description.split(' Valid choices')[0].endswith('.'), item.name


@pytest.mark.parametrize(('name', 'executables'), [
    ('perception', ['perception_node']),
    ('localization', ['localization_node']),
    ('mm_fusion', ['localization_node', 'perception_node']),
])
def test_each_file_starts_its_nodes_for_a_vehicle_in_the_source_tree(name, executables):
    nodes = started(name, vehicle='kitti')
    assert [node.node_executable for node in nodes] == executables
    assert {node.node_package for node in nodes} == {'mm_fusion_ros'}


def test_a_vehicle_without_sensors_of_motion_is_not_localized():
    nodes = started('mm_fusion', vehicle='nuscenes')
    assert [node.node_executable for node in nodes] == ['perception_node']


def test_each_node_is_given_its_own_defaults_and_the_vehicle():
    for node in started('mm_fusion', vehicle='kitti'):
        texts = [perform_substitutions(LaunchContext(), part.param_file)
                 for part in node._Node__parameters if hasattr(part, 'param_file')]
        default = node.node_executable.replace('_node', '.param.yaml')
        assert [text.rpartition('/')[2] for text in texts] == [default, 'kitti.yaml']


def test_faults_put_one_node_between_their_topics_and_all_others(tmp_path):
    faults = tmp_path / 'faults.yaml'
    faults.write_text('faults: [{sensor: front, kind: blur}]')
    breaker, *others = started('mm_fusion', vehicle='kitti', faults=str(faults))
    assert breaker.node_executable == 'fault_node'
    assert [node.node_executable for node in others] == ['localization_node', 'perception_node']


def test_an_unknown_vehicle_is_named_with_those_there_are():
    with pytest.raises(ConfigError, match=r'^vehicle: expected one of .*kitti.* got .nope.$'):
        started('perception', vehicle='nope')


def test_the_environment_of_large_messages_is_set_before_any_node_starts():
    entities = load('perception').entities
    names = [perform_substitutions(LaunchContext(), item.name) for item in entities
             if isinstance(item, SetEnvironmentVariable)]
    assert set(names) == set(large_message_environment(os.environ))
    assert not isinstance(entities[-1], SetEnvironmentVariable)


@pytest.mark.system
@pytest.mark.skipif(shutil.which('ros2') is None, reason='the command ros2 is not installed')
def test_a_replayed_drive_is_located_and_all_processes_end_cleanly(tmp_path):
    motion = simulated_motion(4.0)
    with BagWriter(tmp_path / 'drive') as bag:
        bag.write_raw(names.TF_STATIC, 'tf2_msgs/msg/TFMessage', motion.mounting,
                      motion.sent[0].arrival_ns, transient_local=True)
        for item in motion.sent:
            bag.write_raw(item.topic, TYPES[item.topic], item.raw, item.arrival_ns)
    result = subprocess.run(
        ['ros2', 'launch', 'mm_fusion_ros', 'replay.launch.py', f'bag:={tmp_path / "drive"}',
         'vehicle:=sim'], capture_output=True, text=True, timeout=120, check=False)
    said = result.stdout + result.stderr
    assert result.returncode == 0, said
    for process in ('localization_node-1', 'perception_node-2', 'player_node-3'):
        assert f'[{process}]: process has finished cleanly' in said
    assert 'Traceback' not in said
