# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Plays a bag into localization and perception, with RViz if wanted; ends when the bag does."""

from __future__ import annotations

from pathlib import Path

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, IncludeLaunchDescription, Shutdown
from launch.conditions import IfCondition
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

from mm_fusion_ros.ros.launching import faults_argument, vehicle_argument
from mm_fusion_ros.share import rviz_file


def generate_launch_description() -> LaunchDescription:
    """Declare the arguments beyond those of the nodes, start these and the player."""
    return LaunchDescription([
        DeclareLaunchArgument(
            'bag', description='What to play: a rosbag2 folder, .mcap, .db3 or ROS 1 .bag.'),
        vehicle_argument(),
        DeclareLaunchArgument(
            'rate', default_value='1.0', description='Recorded seconds per second of replay.'),
        DeclareLaunchArgument(
            'loop', default_value='false', choices=['true', 'false'],
            description='Begin again at the end.'),
        DeclareLaunchArgument(
            'start_offset_s', default_value='0.0',
            description='Seconds of the beginning to skip.'),
        faults_argument(),
        DeclareLaunchArgument(
            'rviz', default_value='false', choices=['true', 'false'],
            description='Show inputs and outputs in RViz, which must be installed.'),
        # First, as it sets the environment of all.
        IncludeLaunchDescription(
            PythonLaunchDescriptionSource(
                str(Path(__file__).with_name('mm_fusion.launch.py'))),
            launch_arguments={
                'vehicle': LaunchConfiguration('vehicle'), 'use_sim_time': 'true',
                'faults': LaunchConfiguration('faults')}.items()),
        Node(
            package='mm_fusion_ros', executable='player_node', name='player_node',
            output='screen', emulate_tty=True, on_exit=Shutdown(reason='the replay has ended'),
            parameters=[{
                'bag': ParameterValue(LaunchConfiguration('bag'), value_type=str),
                'rate': ParameterValue(LaunchConfiguration('rate'), value_type=float),
                'loop': ParameterValue(LaunchConfiguration('loop'), value_type=bool),
                'start_offset_s': ParameterValue(
                    LaunchConfiguration('start_offset_s'), value_type=float),
                'wait_for_subscribers_s': 60.0,
            }]),
        Node(
            package='rviz2', executable='rviz2', name='rviz2',
            condition=IfCondition(LaunchConfiguration('rviz')),
            arguments=['-d', str(rviz_file())], parameters=[{'use_sim_time': True}]),
    ])
