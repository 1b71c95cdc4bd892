# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What stands in the way of good answers, in words."""

import pytest

from mm_fusion_ros.health import ClockHealth, EgoMotionHealth, NodeHealth, SensorHealth
from mm_fusion_ros.stamps import ClockKind
from mm_fusion_ros.sync.counts import MessageCounts, SensorStatistics


def sensor(received=100, clock=ClockKind.SAME, publishers=1, rejected=0, **counts):
    used = received - sum(counts.values())
    statistics = SensorStatistics(
        'top', received, 0, MessageCounts(used=used, **counts), clock=clock)
    return SensorHealth(statistics, '/points', publishers, 'reliable', rejected)


def test_a_sensor_that_works_has_no_problem():
    assert sensor().problems == ()
    assert NodeHealth('/node', (sensor(),)).problems == ()


def test_a_topic_nobody_publishes_is_named():
    assert sensor(received=0, publishers=0).problems == ('top: no publisher on /points',)


def test_a_publisher_that_is_silent_is_named():
    assert sensor(received=0).problems == ('top: no message on /points yet',)


@pytest.mark.parametrize('clock', [kind for kind in ClockKind if kind is not ClockKind.SAME])
def test_stamps_of_another_clock_are_named_with_a_remedy(clock):
    (text,) = sensor(clock=clock).problems
    assert clock.value in text
    assert 'top.stamp_source' in text or 'use_sim_time' in text


@pytest.mark.parametrize(('count', 'expected'), [(10, False), (11, True)])
def test_messages_that_come_late_are_reported_once_they_are_many(count, expected):
    problems = sensor(late=count).problems
    assert (problems == (f'top: {count} of 100 messages were late',)) == expected


def test_a_sensor_that_fell_silent_is_named():
    health = SensorHealth(sensor().statistics, '/points', 1, 'reliable', silent_s=4.2)
    assert health.problems == ('top: silent for 4 s on /points',)


def test_a_clock_that_stopped_and_missing_answers_are_named():
    health = NodeHealth('/node', (sensor(),), clock=ClockHealth(stopped_s=3.0), unanswered_s=5.0)
    assert health.problems == (
        '/clock has stood still for 3 s', 'no frame was answered for 5 s')


def test_unusable_messages_are_reported():
    assert sensor(rejected=2).problems == ('top: 2 of 100 messages were unusable',)


def test_a_missing_clock_comes_first():
    health = NodeHealth(
        '/node', (sensor(rejected=1),), ('frame a: two parents',), 0, 3,
        ClockHealth(is_missing=True))
    assert health.problems == (
        'use_sim_time is true, but nothing is published on /clock',
        'top: 1 of 100 messages were unusable',
        'frame a: two parents',
        '3 frames were lost to errors inside perception',
    )


WITHOUT = 'sweeps are not deskewed, images not moved in time'


@pytest.mark.parametrize(('motion', 'problems'), [
    (EgoMotionHealth('/odometry', 9), ()),
    (EgoMotionHealth('/odometry', 0, publishers=0),
     (f'ego motion: no poses on /odometry (no publisher): {WITHOUT}',)),
    (EgoMotionHealth('/tf from odom to base_link', 0),
     (f'ego motion: no poses on /tf from odom to base_link: {WITHOUT}',)),
    (EgoMotionHealth('/odometry', 3, rejected=3),
     (f'ego motion: no poses on /odometry: {WITHOUT}',)),
    (EgoMotionHealth('/odometry', 9, rejected=2, silent_s=4.0),
     (f'ego motion: silent for 4 s on /odometry: {WITHOUT}',
      'ego motion: 2 of 9 poses were unusable')),
])
def test_poses_that_are_missing_silent_or_unusable_are_named(motion, problems):
    assert NodeHealth('/node', (sensor(),), ego_motion=motion).problems == problems
