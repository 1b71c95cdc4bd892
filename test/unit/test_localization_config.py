# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What can be set about the localization, the file that ships with it, and what it reads."""

import pytest

from mm_fusion_ros import share
from mm_fusion_ros.config import load_parameter_file
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.localization_config import (
    declared_parameters,
    load_localization_config,
    localization_config,
    NODE_NAME,
)
from mm_fusion_ros.localization_topics import localization_topics


def test_the_parameter_file_that_ships_holds_every_parameter_with_its_default():
    declared = {p.name: p.default for p in declared_parameters()}
    assert load_parameter_file(share.localization_parameters(), NODE_NAME) == declared


def test_every_parameter_in_the_file_is_explained():
    text = share.localization_parameters().read_text()
    for declared in declared_parameters():
        assert f'# {declared.description}\n' in text, declared.name


@pytest.mark.parametrize('vehicle', ['kitti', 'nuscenes', 'sim'])
def test_every_vehicle_file_that_ships_is_valid(vehicle):
    load_localization_config(share.localization_parameters(), share.vehicle_file(vehicle))


@pytest.mark.parametrize(('values', 'text'), [
    ({'datum': (49.0, 8.4)}, 'parameter datum: expected 3 numbers or none, got 2'),
    ({'imu.mounting': (0.0,)}, 'parameter imu.mounting: expected 6 numbers or none, got 1'),
    ({'rate_hz': 0}, 'parameter rate_hz: expected 1 to 1000 Hz'),
    ({'wheel.topic': '/x'}, r'parameter wheel.topic: .*close to it: wheels.topic'),
])
def test_a_configuration_that_makes_no_sense_is_refused(values, text):
    with pytest.raises(ConfigError, match=text):
        localization_config(values)


def test_an_empty_topic_is_not_read():
    topics = localization_topics(localization_config({'gnss.topic': '', 'velocity.topic': '/v'}))
    assert [(item.source, item.topic) for item in topics] == [
        (Source.IMU, '/sensing/imu/data'), (Source.GNSS_VELOCITY, '/sensing/gnss/vel'),
        (Source.WHEELS, '/vehicle/twist'), (Source.VELOCITY, '/v')]


def test_one_topic_cannot_be_two_sources():
    config = localization_config({'velocity.topic': '/vehicle/twist'})
    with pytest.raises(ConfigError, match='topic /vehicle/twist: expected one source, got 2'):
        localization_topics(config)
