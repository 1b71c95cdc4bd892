# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What the localization node says about itself."""

from dataclasses import replace
import math

import pytest

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.bags.typestore import TYPESTORE
from mm_fusion_ros.health import ClockHealth
from mm_fusion_ros.localization.localizer import Localizer
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.localization_config import localization_config
from mm_fusion_ros.localization_node_health import AnswerLog, InputState, LocalizationNodeHealth
from mm_fusion_ros.messages.convert_out import from_localization_health
from mm_fusion_ros.stamps import NS_PER_MS

NOBODY = InputState('/remapped/imu', 0, '')


@pytest.fixture
def health():
    """Give that of a node that has heard nothing yet."""
    localizer = Localizer(localization_config({
        'gnss.topic': '', 'gnss.velocity_topic': '', 'wheels.topic': ''}))
    return LocalizationNodeHealth('/node', localizer.health(), {Source.IMU: NOBODY})


def test_a_silent_topic_is_named_as_it_is_remapped_and_whether_somebody_publishes_it(health):
    assert 'imu: no message on /remapped/imu (no publisher) yet' in health.problems
    heard = replace(health, inputs={Source.IMU: replace(NOBODY, publishers=1)})
    assert 'imu: no message on /remapped/imu yet' in heard.problems


def test_what_is_worst_comes_first(health):
    found = replace(
        health, clock=ClockHealth(is_missing=True), unanswered_s=5.0, conflicts=('two parents',))
    assert found.problems[:2] == (
        'use_sim_time is true, but nothing is published on /clock',
        'no pose was published for 5 s')
    assert found.problems[-1] == 'two parents'


def test_a_moment_without_a_pose_is_no_problem(health):
    assert not any('no pose' in text for text in replace(health, unanswered_s=1.0).problems)


def test_diagnostics_name_the_node_its_state_and_every_source(health):
    message = from_localization_health(replace(health, latency_ms=12.5), 5, BAG_TYPES)
    name = message.__msgtype__
    node, imu = TYPESTORE.deserialize_cdr(TYPESTORE.serialize_cdr(message, name), name).status
    values = {item.key: item.value for item in node.values}
    assert (node.name, imu.name, node.level, imu.level) == ('/node', '/node: imu', 1, 1)
    assert node.message == values['problem.0']
    assert (values['latency_ms'], values['yaw_deviation_deg']) == ('12.500', 'unknown yet')
    assert {item.key: item.value for item in imu.values}['publishers'] == '0'


def test_latencies_are_those_of_the_last_poses():
    log = AnswerLog()
    assert math.isnan(log.latency_ms(0.5))
    for number in range(1000):
        late_ms = 100 if number < 500 else 20
        log.add(0, late_ms * NS_PER_MS)
    assert (log.count, log.latency_ms(0.5), log.latency_ms(1.0)) == (1000, 20.0, 20.0)
