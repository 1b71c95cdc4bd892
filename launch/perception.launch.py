# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Starts perception for one vehicle; it configures and activates itself unless told not to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

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
            'log_level', default_value='info', choices=['debug', 'info', 'warn', 'error'],
            description='How much the node says.'),
        *(SetEnvironmentVariable(name, value)
          for name, value in large_message_environment(os.environ).items()),
        OpaqueFunction(function=_node),
    ])


def _node(context: LaunchContext) -> list[Node]:
    override = LaunchConfiguration('params_file').perform(context)
    files = [perception_parameters(),
             vehicle_file(LaunchConfiguration('vehicle').perform(context)),
             *([override] if override else [])]
    use_sim_time = ParameterValue(LaunchConfiguration('use_sim_time'), value_type=bool)
    return [Node(
        package='mm_fusion_ros', executable='perception_node', name='perception_node',
        namespace=LaunchConfiguration('namespace'), output='screen', emulate_tty=True,
        parameters=[*map(str, files), {'use_sim_time': use_sim_time}],
        arguments=['--ros-args', '--log-level', LaunchConfiguration('log_level')],
    )]
