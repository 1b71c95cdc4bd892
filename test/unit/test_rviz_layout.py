# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The RViz layout shows topics that there are, with a quality of service that matches.
"""

from __future__ import annotations

import pytest
import yaml

from mm_fusion_ros import share
from mm_fusion_ros.localization_config import localization_config
from mm_fusion_ros.localization_outputs import LocalizationOutputs
from mm_fusion_ros.output import OUTPUT_NAMESPACE
from mm_fusion_ros.outputs import all_outputs
from mm_fusion_ros.perception_config import perception_config

DISPLAYABLE = {
    'visualization_msgs/msg/MarkerArray': 'rviz_default_plugins/MarkerArray',
    'sensor_msgs/msg/PointCloud2': 'rviz_default_plugins/PointCloud2',
    'sensor_msgs/msg/Image': 'rviz_default_plugins/Image',
    'nav_msgs/msg/Odometry': 'rviz_default_plugins/Odometry',
    'nav_msgs/msg/Path': 'rviz_default_plugins/Path',
    'geometry_msgs/msg/PoseWithCovarianceStamped': 'rviz_default_plugins/PoseWithCovariance',
}


@pytest.fixture(scope='module')
def manager():
    return yaml.safe_load(share.rviz_file().read_text())['Visualization Manager']


@pytest.fixture(scope='module')
def displays(manager):
    return {item['Topic']['Value']: item for item in manager['Displays'] if 'Topic' in item}


def test_every_displayable_output_is_shown_by_its_display(displays):
    outputs = {
        f'{OUTPUT_NAMESPACE}/{output.topic}': DISPLAYABLE[output.type]
        for output in (*all_outputs(perception_config({})),
                       *LocalizationOutputs(localization_config({})).all())
        if output.type in DISPLAYABLE
    }
    shown = {topic: item['Class'] for topic, item in displays.items()
             if topic.startswith(OUTPUT_NAMESPACE)}
    assert shown == outputs


def test_what_is_no_output_is_an_input(displays):
    config = perception_config({})
    inputs = {sensor.topic for sensor in (*config.lidar, *config.camera)}
    others = {topic for topic in displays if not topic.startswith(OUTPUT_NAMESPACE)}
    assert others <= inputs
    assert {displays[topic]['Topic']['Reliability Policy'] for topic in others} == {'Best Effort'}


def test_outputs_are_taken_as_they_are_offered(displays):
    for topic, item in displays.items():
        assert item['Topic']['Durability Policy'] == 'Volatile'
        if topic.startswith(OUTPUT_NAMESPACE):
            assert item['Topic']['Reliability Policy'] == 'Reliable'


def test_the_fixed_frame_is_that_of_the_results(manager):
    assert manager['Global Options']['Fixed Frame'] == perception_config({}).base_frame
