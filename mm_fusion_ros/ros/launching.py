# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What the launch files have in common: arguments, environment, nodes. Only they import this.
"""

from __future__ import annotations

from functools import partial
import os
from pathlib import Path
from typing import TYPE_CHECKING

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

from mm_fusion_ros import localization_config, perception_config
from mm_fusion_ros.faults.spec import faulted_topics, load_faults
from mm_fusion_ros.localization_topics import localization_topics
from mm_fusion_ros.ros.dds import large_message_environment
from mm_fusion_ros.share import localization_parameters, perception_parameters, vehicle_file

if TYPE_CHECKING:
    from launch import LaunchContext

PERCEPTION, LOCALIZATION = perception_config.NODE_NAME, localization_config.NODE_NAME
_DEFAULTS = {PERCEPTION: perception_parameters, LOCALIZATION: localization_parameters}


def vehicle_argument() -> DeclareLaunchArgument:
    """Declare which vehicle it is."""
    return DeclareLaunchArgument(
        'vehicle',
        description='Sensors and their settings: a name in config/vehicles, or a YAML file.')


def faults_argument() -> DeclareLaunchArgument:
    """Declare what shall be broken."""
    return DeclareLaunchArgument(
        'faults', default_value='',
        description='File of faults that sensors shall have; empty for none.')


def vehicle_launch(*nodes: str) -> LaunchDescription:
    """
    Declare the arguments, prepare the environment, start nodes of one vehicle.

    With `faults`, a node that breaks sensors stands between them and the others. Localization
    beside another node is left out for a vehicle that has nothing to measure its motion.

    Parameters
    ----------
    nodes : str
        `PERCEPTION`, `LOCALIZATION` or both.

    """
    return LaunchDescription([
        vehicle_argument(),
        DeclareLaunchArgument(
            'params_file', default_value='',
            description='One more parameter file, laid over the vehicle; empty for none.'),
        DeclareLaunchArgument(
            'namespace', default_value='mm_fusion', description='Goes before every output topic.'),
        DeclareLaunchArgument(
            'use_sim_time', default_value='false', choices=['true', 'false'],
            description='Take the time from /clock: for simulators and replayed bags.'),
        faults_argument(),
        DeclareLaunchArgument(
            'log_level', default_value='info', choices=['debug', 'info', 'warn', 'error'],
            description='How much the nodes say.'),
        *(SetEnvironmentVariable(name, value)
          for name, value in large_message_environment(os.environ).items()),
        OpaqueFunction(function=partial(_start, nodes)),
    ])


def _start(nodes: tuple[str, ...], context: LaunchContext) -> list[Node]:
    vehicle = vehicle_file(LaunchConfiguration('vehicle').perform(context))
    override = LaunchConfiguration('params_file').perform(context)
    fault_file = LaunchConfiguration('faults').perform(context)
    files = [vehicle, *([Path(override)] if override else [])]
    use_sim_time = {
        'use_sim_time': ParameterValue(LaunchConfiguration('use_sim_time'), value_type=bool)}
    faults = load_faults(
        Path(fault_file),
        perception_config.load_perception_config(perception_parameters(), *files),
    ) if fault_file else ()
    started = [
        Node(
            package='mm_fusion_ros', executable='fault_node', name='fault_node', output='screen',
            emulate_tty=True,
            parameters=[
                {'faults': fault_file, 'vehicle': str(vehicle), 'params_file': override},
                use_sim_time])
    ] if faults else []
    for name in nodes:
        if name == LOCALIZATION and len(nodes) > 1 and not _measures_motion(files):
            continue
        started.append(Node(
            package='mm_fusion_ros', executable=name, name=name,
            namespace=LaunchConfiguration('namespace'), output='screen', emulate_tty=True,
            parameters=[str(_DEFAULTS[name]()), *map(str, files), use_sim_time],
            arguments=['--ros-args', '--log-level', LaunchConfiguration('log_level')],
            remappings=list(faulted_topics(faults).items()),
        ))
    return started


def _measures_motion(files: list[Path]) -> bool:
    return bool(localization_topics(
        localization_config.load_localization_config(localization_parameters(), *files)))
