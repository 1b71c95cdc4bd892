# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Naming, statistics, the header reader and the ground fit, each alone.
"""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from unit.doctor.small_drive import header, START_NS, T

from mm_fusion_ros.bags.typestore import TYPESTORE
from mm_fusion_ros.doctor.ground import fit_ground
from mm_fusion_ros.doctor.naming import is_derived, sensor_names
from mm_fusion_ros.doctor.recording import read_raw_header
from mm_fusion_ros.doctor.stream_statistics import stream_statistics
from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.perception_config import perception_config
from mm_fusion_ros.stamps import ClockKind


@pytest.mark.parametrize(('topic', 'name'), [
    ('/sensing/lidar/top/points', 'top'),
    ('/sensing/camera/front_left/image_raw/compressed', 'front_left'),
    ('/velodyne_points', 'velodyne'),
    ('/cam0/image_raw', 'cam0'),
    ('/ouster/points', 'ouster'),
    ('/points', 'lidar0'),
    ('/camera/image_raw', 'lidar0'),
    ('/sync/points', 'lidar0'),  # the name of a parameter section
])
def test_a_sensor_is_called_after_what_its_topic_tells(topic, name):
    assert sensor_names([topic], 'lidar') == {topic: name}


@given(st.sets(st.from_regex(r'(/[A-Za-z][A-Za-z0-9_]{0,8}){1,4}', fullmatch=True), min_size=1))
def test_any_topics_get_names_that_the_configuration_accepts(topics):
    names = tuple(sensor_names(sorted(topics), 'camera').values())
    assert len(set(names)) == len(topics)
    assert perception_config({'lidars': (), 'cameras': names}).cameras == names


def test_products_of_other_programs_are_no_sensors():
    assert is_derived('/camera/depth/image_raw')
    assert is_derived('/mm_fusion/points_fused')
    assert not is_derived('/sensing/lidar/top/points')


def test_statistics_tell_rate_jitter_gap_and_delay():
    stamps = START_NS + 100_000_000 * np.delete(np.arange(100), np.arange(50, 60))
    found = stream_statistics(stamps, stamps + 7_000_000)
    assert found.rate_hz == pytest.approx(10.0)
    assert found.jitter_p99_ms == 0.0
    assert found.largest_gap_s == pytest.approx(1.1)
    assert found.gap_at_s == pytest.approx(4.9)
    assert found.delay_ms == found.delay_p99_ms == 7.0
    assert found.clock is ClockKind.SAME


def test_one_message_tells_no_rate():
    found = stream_statistics(np.array([START_NS]), np.array([START_NS]))
    assert np.isnan(found.rate_hz)


def test_frozen_stamps_are_counted_and_the_rate_is_that_of_the_arrivals():
    arrivals = START_NS + 50_000_000 * np.arange(10)
    found = stream_statistics(np.full(10, START_NS), arrivals)
    assert found.rate_hz == pytest.approx(20.0)
    assert found.duplicates == 9


def test_a_header_is_read_from_the_bytes_alone():
    message = T['geometry_msgs/msg/TwistStamped'](
        header=header(START_NS + 5, '/frame_ä'),
        twist=T['geometry_msgs/msg/Twist'](
            linear=T['geometry_msgs/msg/Vector3'](0, 0, 0),
            angular=T['geometry_msgs/msg/Vector3'](0, 0, 0),
        ),
    )
    raw = bytes(TYPESTORE.serialize_cdr(message, message.__msgtype__))
    assert read_raw_header(raw) == (START_NS + 5, 'frame_ä')


@given(st.binary(max_size=24))
def test_foreign_bytes_are_a_header_or_an_invalid_message(raw):
    if len(raw) < 16:
        with pytest.raises(InvalidMessageError, match='expected a std_msgs/Header'):
            read_raw_header(raw)
    else:
        with contextlib.suppress(InvalidMessageError):  # any other error fails the test
            assert isinstance(read_raw_header(raw)[0], int)


@given(st.floats(-3, 3), st.floats(-0.1, 0.1), st.floats(-0.1, 0.1))
def test_the_ground_is_found_beside_objects_and_echoes(height, slope_x, slope_y):
    rng = np.random.default_rng(1)
    xy = rng.uniform(-15, 15, (3000, 2))
    z = height + xy @ (slope_x, slope_y) + rng.normal(0, 0.02, len(xy))
    z[:300] += rng.uniform(0.5, 2.0, 300)
    z[300:320] -= 2.0
    plane = fit_ground(np.c_[xy, z].astype(np.float32))
    assert plane is not None
    assert plane.height_m == pytest.approx(height, abs=0.06)
    assert (plane.slope_x, plane.slope_y) == pytest.approx((slope_x, slope_y), abs=0.005)


def test_no_ground_is_seen_in_nothing_or_in_a_wall():
    assert fit_ground(np.empty((0, 3), np.float32)) is None
    wall = np.random.default_rng(2).uniform((5, -15, 0), (5.01, 15, 3), (2000, 3))
    assert fit_ground(wall.astype(np.float32)) is None
