# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Which topics are read, and which stamp a message gets."""

from types import SimpleNamespace

import pytest

from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.frame_assembler import FrameAssembler
from mm_fusion_ros.intake import (
    input_topics,
    InputType,
    reference_synchronizer,
    SensorIntake,
    sync_settings,
)
from mm_fusion_ros.perception_config import perception_config
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S


def message(stamp_ns):
    sec, nanosec = divmod(stamp_ns, NS_PER_S)
    stamp = SimpleNamespace(sec=sec, nanosec=nanosec)
    return SimpleNamespace(header=SimpleNamespace(stamp=stamp, frame_id='lidar'))


def test_every_sensor_calibration_odometry_and_transform_topic_is_read():
    config = perception_config({'front.topic': '/cam/image_raw/compressed'})
    read = {(item.topic, item.type, item.sensor) for item in input_topics(config)}
    assert read == {
        ('/sensing/lidar/top/points', InputType.POINTS, 'top'),
        ('/cam/image_raw/compressed', InputType.COMPRESSED_IMAGE, 'front'),
        ('/cam/camera_info', InputType.CAMERA_INFO, 'front'),
        ('odometry', InputType.ODOMETRY, ''),
        ('/tf', InputType.TRANSFORMS, ''),
        ('/tf_static', InputType.TRANSFORMS, ''),
    }


@pytest.mark.parametrize('values', [
    {'ego_motion.source': 'none'}, {'ego_motion.source': 'tf'},
    {'ego_motion.deskew': False, 'ego_motion.camera_motion': False},
])
def test_odometry_that_serves_for_nothing_is_not_read(values):
    topics = input_topics(perception_config(values))
    assert not [item for item in topics if item.type is InputType.ODOMETRY]


def test_two_sensors_on_one_topic_are_refused():
    config = perception_config({'lidars': ('a', 'b'), 'a.topic': '/x', 'b.topic': '/x'})
    with pytest.raises(ConfigError, match='topic /x: expected one sensor, got 2 sensors'):
        input_topics(config)


def test_milliseconds_become_nanoseconds():
    config = perception_config({
        'top.tolerance_ms': 7, 'top.offset_ms': -2.5, 'sync.max_wait_ms': 30,
        'sync.reference': 'front'})
    (top, front), settings = sync_settings(config)
    assert (top.name, top.kind, front.kind) == ('top', 'lidar', 'camera')
    assert top.tolerance_ns == 7 * NS_PER_MS
    assert top.offset_ns == -2_500_000
    assert settings.max_wait_ns == 30 * NS_PER_MS
    assert settings.reference == 'front'


def test_the_other_policy_is_refused_outside_a_node():
    config = perception_config({'sync.policy': 'approximate'})
    with pytest.raises(ConfigError, match=r'sync\.policy: expected reference outside a node'):
        reference_synchronizer(config)


@pytest.mark.parametrize(('source', 'expected_ns'), [('header', 5 * NS_PER_S),
                                                     ('arrival', 6 * NS_PER_S)])
def test_the_stamp_comes_from_where_the_sensor_says(source, expected_ns):
    config = perception_config({'cameras': (), 'top.stamp_source': source})
    intake = SensorIntake(
        config, reference_synchronizer(config), FrameAssembler(config), lambda: 42)
    (match,) = intake.receive('top', message(5 * NS_PER_S), 6 * NS_PER_S)
    assert match.stamp_ns == expected_ns
    assert match.members[0].samples[0].payload.taken_ns == 42
