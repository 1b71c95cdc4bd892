# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What the sensor cannot see of a car."""

import numpy as np
import pytest

from mm_fusion_ros.obstacles.box_fit import Footprints
from mm_fusion_ros.obstacles.hidden_side import complete_footprints

SENSOR = np.array([0.5, 0.0])


def complete(center, size, yaw, top_m=1.5, sensor=SENSOR):
    seen = Footprints(np.array([center], float), np.array([size], float),
                      np.array([yaw], float), np.ones(1))
    whole = complete_footprints(seen, np.array([top_m]), sensor)
    return whole.centers[0], whole.sizes[0], whole.yaws[0]


def test_a_car_seen_from_behind_reaches_four_metres_away_from_the_sensor():
    center, size, yaw = complete((15.0, 0.0), (1.8, 0.1), np.pi / 2)
    assert size == pytest.approx([4.0, 1.8])
    assert abs(np.cos(yaw)) == pytest.approx(1.0)
    assert center == pytest.approx([15.0 - 0.05 + 2.0, 0.0])


def test_a_car_seen_from_the_side_gets_its_width_away_from_the_sensor():
    center, size, _ = complete((10.5, 6.0), (4.4, 0.2), 0.0)
    assert size == pytest.approx([4.4, 1.7])
    assert center[1] - size[1] / 2 == pytest.approx(5.9)  # the seen side stays where it is


def test_a_car_abreast_is_not_lengthened_to_either_side():
    center, size, _ = complete((0.5, 4.0), (3.0, 0.2), 0.0)
    assert size[0] == pytest.approx(4.0)
    assert center[0] == pytest.approx(0.5)


@pytest.mark.parametrize('yaw', np.arange(-3, 3, 0.7))
def test_turning_the_world_turns_what_is_added(yaw):
    c, s = np.cos(yaw), np.sin(yaw)
    R = np.array([[c, -s], [s, c]])
    before, size, heading = complete((12.0, 3.0), (1.8, 0.3), 1.5, sensor=np.zeros(2))
    after, turned_size, turned = complete(
        R @ (12.0, 3.0), (1.8, 0.3), 1.5 + yaw, sensor=np.zeros(2))
    assert after == pytest.approx(R @ before)
    assert turned_size == pytest.approx(size)
    assert turned == pytest.approx(heading + yaw)


@pytest.mark.parametrize(('length', 'width', 'top_m'), [
    (0.5, 0.5, 1.7), (1.8, 0.6, 0.7), (1.8, 0.3, 3.5), (8.0, 2.5, 2.5), (4.4, 1.8, 1.5),
], ids=['pedestrian', 'low', 'tall', 'long', 'car seen whole'])
def test_what_is_whole_or_no_car_stays_as_it_was_seen(length, width, top_m):
    center, size, yaw = complete((12.0, 3.0), (length, width), 0.2, top_m)
    assert center == pytest.approx([12.0, 3.0])
    assert size == pytest.approx([length, width])
    assert yaw == pytest.approx(0.2)


def test_a_face_at_the_sensor_itself_stays_finite():
    center, size, _ = complete((0.5, 0.0), (1.8, 0.1), 0.0)
    assert np.isfinite([*center, *size]).all()
