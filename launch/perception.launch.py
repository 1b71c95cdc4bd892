# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Starts perception for one vehicle; it configures and activates itself unless told not to.

With `faults`, a node that breaks sensors stands between them and perception.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

from mm_fusion_ros.faults.spec import faulted_topics, load_faults
from mm_fusion_ros.perception_config import load_perception_config
from mm_fusion_ros.ros.dds import large_message_environment
from mm_fusion_ros.share import perception_parameters, vehicle_file

if TYPE_CHECKING:
    from launch import LaunchContext


def generate_launch_description() -> LaunchDescription:
    """Declare the arguments, prepare the environment, start the node."""
    return LaunchDescription([
        DeclareLaunchArgument(
            'vehicle',
            description='Sensors and their settings: a name in config/vehicles, or a YAML file.'),
        DeclareLaunchArgument(
            'params_file', default_value='',
            description='One more parameter file, laid over the vehicle; empty for none.'),
        DeclareLaunchArgument(
            'namespace', default_value='mm_fusion', description='Goes before every output topic.'),
        DeclareLaunchArgument(
            'use_sim_time', default_value='false', choices=['true', 'false'],
            description='Take the time from /clock: for simulators and replayed bags.'),
        DeclareLaunchArgument(
            'faults', default_value='',
            description='File of faults that sensors shall have; empty for none.'),
        DeclareLaunchArgument(
            'log_level', default_value='info', choices=['debug', 'info', 'warn', 'error'],
            description='How much the node says.'),
        *(SetEnvironmentVariable(name, value)
          for name, value in large_message_environment(os.environ).items()),
        OpaqueFunction(function=_nodes),
    ])


def _nodes(context: LaunchContext) -> list[Node]:
    vehicle = vehicle_file(LaunchConfiguration('vehicle').perform(context))
    override = LaunchConfiguration('params_file').perform(context)
    fault_file = LaunchConfiguration('faults').perform(context)
    files = [perception_parameters(), vehicle, *([Path(override)] if override else [])]
    faults = load_faults(Path(fault_file), load_perception_config(*files)) if fault_file else ()
    use_sim_time = {
        'use_sim_time': ParameterValue(LaunchConfiguration('use_sim_time'), value_type=bool)}
    breaker = Node(
        package='mm_fusion_ros', executable='fault_node', name='fault_node', output='screen',
        emulate_tty=True,
        parameters=[
            {'faults': fault_file, 'vehicle': str(vehicle), 'params_file': override},
            use_sim_time])
    perception = Node(
        package='mm_fusion_ros', executable='perception_node', name='perception_node',
        namespace=LaunchConfiguration('namespace'), output='screen', emulate_tty=True,
        parameters=[*map(str, files), use_sim_time],
        arguments=['--ros-args', '--log-level', LaunchConfiguration('log_level')],
        remappings=list(faulted_topics(faults).items()),
    )
    return [breaker, perception] if faults else [perception]
