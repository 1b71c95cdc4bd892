# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What can be set about perception, and the files that ship with it."""

import re

import pytest
import yaml

from mm_fusion_ros import share
from mm_fusion_ros.config import load_parameter_file
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.perception_config import (
    declared_parameters,
    load_perception_config,
    NODE_NAME,
    perception_config,
)


def test_a_sensor_opens_a_section_with_topics_of_its_name():
    config = perception_config({'lidars': ('roof',), 'cameras': ('left', 'right')})
    assert config.lidar[0].topic == '/sensing/lidar/roof/points'
    assert [c.topic for c in config.camera] == [
        '/sensing/camera/left/image_raw', '/sensing/camera/right/image_raw']


@pytest.mark.parametrize(('topic', 'info', 'compressed'), [
    ('/cam/image_raw', '/cam/camera_info', False),
    ('/cam/image_raw/compressed', '/cam/camera_info', True),
])
def test_camera_info_is_the_sibling_of_the_image(topic, info, compressed):
    camera = perception_config({'front.topic': topic}).camera[0]
    assert camera.info_topic == info
    assert camera.is_compressed == compressed


def test_a_configured_camera_info_topic_is_taken():
    camera = perception_config({'front.camera_info_topic': '/x'}).camera[0]
    assert camera.info_topic == '/x'


def test_no_camera_is_a_configuration():
    assert perception_config({'cameras': ()}).camera == ()


@pytest.mark.parametrize(('values', 'text'), [
    ({'lidars': (), 'cameras': ()}, 'expected at least one sensor'),
    ({'lidars': ('top', 'top')}, 'expected a unique word'),
    ({'lidars': ('sync',)}, 'expected a unique word'),
    ({'cameras': ('front left',)}, 'expected a unique word'),
    ({'tpo.topic': '/x'}, 'parameter tpo.topic: .*close to it: top.topic'),
    ({'sync.reference': 'rear'}, 'parameter sync.reference: expected one of top, front'),
    ({'top.stamp_is': 'begin'}, 'parameter top.stamp_is: expected one of start, middle, end'),
    ({'sync.max_wait_ms': -1}, 'parameter sync.max_wait_ms: expected 0 to 1000 ms'),
    ({'ego_motion.source': 'gps'}, 'parameter ego_motion.source: expected one of odometry, tf'),
    ({'ego_motion.odometry_topic': 'my odom'},
     'parameter ego_motion.odometry_topic: expected the name of a topic'),
    ({'lidars': 'top'}, 'parameter lidars: expected a list of strings'),
])
def test_a_configuration_that_makes_no_sense_is_refused(values, text):
    with pytest.raises(ConfigError, match=text):
        perception_config(values)


def test_what_rclpy_declares_itself_is_let_through():
    perception_config({'use_sim_time': True, 'qos_overrides./tf.depth': 5})


@pytest.mark.parametrize('vehicle', ['kitti', 'nuscenes'])
def test_every_vehicle_file_that_ships_is_valid(vehicle):
    load_perception_config(share.perception_parameters(), share.vehicle_file(vehicle))


def test_the_parameter_file_that_ships_holds_every_parameter_with_its_default(tmp_path):
    # The sections of sensors are comments there: a vehicle may have sensors of other names.
    lines = share.perception_parameters().read_text().splitlines()
    uncommented = tmp_path / 'all.yaml'
    uncommented.write_text('\n'.join(re.sub(r'^    # ( *[a-z_]+:( .*)?$)', r'    \1', line)
                                     for line in lines))
    declared = {p.name: p.default for p in declared_parameters(('top',), ('front',))}
    assert load_parameter_file(uncommented, NODE_NAME) == declared


def test_every_parameter_in_the_file_is_explained():
    text = share.perception_parameters().read_text()
    for declared in declared_parameters(('top',), ('front',)):
        assert f'# {declared.description}\n' in text, declared.name


def test_an_unknown_vehicle_is_refused_with_those_there_are():
    with pytest.raises(ConfigError, match=r'expected one of kitti, nuscenes.* or the path'):
        share.vehicle_file('tank')


def test_a_vehicle_file_may_be_a_path(tmp_path):
    path = tmp_path / 'mine.yaml'
    path.write_text(yaml.safe_dump({'/**': {'ros__parameters': {'cameras': []}}}))
    config = load_perception_config(share.perception_parameters(), share.vehicle_file(str(path)))
    assert config.cameras == ()
