# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The launch files: what they take, what they start; where ROS 2's launch is installed.
"""

from __future__ import annotations

import os

import pytest

pytest.importorskip('launch.actions', reason='launch comes with a ROS 2 install')

from launch import LaunchContext
from launch.actions import SetEnvironmentVariable
from launch.launch_description_sources import get_launch_description_from_python_launch_file
from launch.utilities import perform_substitutions
from launch_ros.actions import Node

from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.ros.dds import large_message_environment
from mm_fusion_ros.share import share_dir

FILES = sorted((share_dir() / 'launch').glob('*.launch.py'))


def load(name):
    path = share_dir() / 'launch' / f'{name}.launch.py'
    return get_launch_description_from_python_launch_file(str(path))


def arguments(description):
    return {item.name: item for item in description.get_launch_arguments()}


def perception_nodes(**values):
    description = load('perception')
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


def test_perception_starts_one_node_for_a_vehicle_in_the_source_tree():
    (node,) = perception_nodes(vehicle='kitti')
    assert (node.node_package, node.node_executable) == ('mm_fusion_ros', 'perception_node')


def test_faults_put_a_node_between_their_topics_and_perception(tmp_path):
    faults = tmp_path / 'faults.yaml'
    faults.write_text('faults: [{sensor: front, kind: blur}]')
    breaker, perception = perception_nodes(vehicle='kitti', faults=str(faults))
    assert breaker.node_executable == 'fault_node'
    assert perception.node_executable == 'perception_node'


def test_an_unknown_vehicle_is_named_with_those_there_are():
    with pytest.raises(ConfigError, match=r'^vehicle: expected one of .*kitti.* got .nope.$'):
        perception_nodes(vehicle='nope')


def test_the_environment_of_large_messages_is_set_before_any_node_starts():
    entities = load('perception').entities
    names = [perform_substitutions(LaunchContext(), item.name) for item in entities
             if isinstance(item, SetEnvironmentVariable)]
    assert set(names) == set(large_message_environment(os.environ))
    assert not isinstance(entities[-1], SetEnvironmentVariable)
