# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The policy `approximate`, with message_filters and without.
"""

from __future__ import annotations

import sys

import pytest

from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.ros.approximate_sync import ApproximateSynchronizer
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S
from mm_fusion_ros.sync import SensorSpec

BASE_NS = 1_700_000_000 * NS_PER_S
SENSORS = (SensorSpec('camera', 'camera'), SensorSpec('lidar', 'lidar'))


def test_without_message_filters_the_policy_is_a_configuration_error(monkeypatch):
    monkeypatch.setitem(sys.modules, 'message_filters', None)
    with pytest.raises(ConfigError, match=r'^sync\.policy: expected message_filters \(part'):
        ApproximateSynchronizer(SENSORS)


@pytest.fixture
def sync():
    pytest.importorskip('message_filters', reason='message_filters comes with a ROS 2 install')
    return ApproximateSynchronizer(SENSORS)


def add(sync, sensor, stamp, arrival):
    return sync.add(
        sensor, BASE_NS + stamp * NS_PER_MS, stamp, BASE_NS + arrival * NS_PER_MS)


def test_a_complete_set_is_emitted_with_the_last_message(sync):
    assert add(sync, 'camera', 5, 10) == []
    (match,) = add(sync, 'lidar', 0, 30)
    assert (match.reference, match.stamp_ns, match.complete) == ('lidar', BASE_NS, True)
    assert [m.offset_ns for m in match.members] == [5 * NS_PER_MS, 0]
    assert match.waited_ns == 0
    assert (sync.poll(BASE_NS), sync.next_deadline_ns(), sync.flush()) == ([], None, [])


def test_counts_sum_to_received(sync):
    for k in range(50):
        add(sync, 'camera', 100 * k, 100 * k)
    add(sync, 'camera', 100 * 49, 4901)
    add(sync, 'lidar', 4900, 4905)
    sync.add('lidar', 0, 0, BASE_NS + 5 * NS_PER_S)
    camera, lidar = sync.statistics()
    for s in (camera, lidar):
        assert s.received == s.counts.total + s.pending
    assert (camera.counts.used, camera.counts.duplicate, camera.pending) == (1, 1, 9)
    assert (lidar.counts.used, lidar.counts.invalid_stamp) == (1, 1)
    sync.flush()
    assert all(s.pending == 0 for s in sync.statistics())
    assert sync.statistics()[0].counts.total == 51


def test_a_jump_back_of_time_empties_the_queues(sync):
    add(sync, 'camera', 5000, 5000)
    assert add(sync, 'lidar', 0, 0) == []
    assert len(add(sync, 'camera', 0, 1)) == 1


def test_an_unknown_sensor_is_named(sync):
    with pytest.raises(ConfigError, match='sensor: expected one of camera, lidar, got x'):
        add(sync, 'x', 0, 0)


def test_reset_forgets_everything(sync):
    add(sync, 'camera', 5, 10)
    sync.reset()
    assert [s.received for s in sync.statistics()] == [0, 0]
