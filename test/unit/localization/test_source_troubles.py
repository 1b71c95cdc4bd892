# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What is said of messages that cannot be read, come from the future or of a moved sensor."""

import numpy as np
import pytest

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.data_types import ImuSample, Twist
from mm_fusion_ros.geometry.transforms import from_euler
from mm_fusion_ros.localization.ego_state import Mode
from mm_fusion_ros.localization.estimator import EgoEstimator
from mm_fusion_ros.localization.localizer import Localizer
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.localization_config import localization_config
from mm_fusion_ros.messages.convert_out import from_imu_sample, from_transforms, from_twist

START_NS = 1_700_000_000_000_000_000


def wheels(localizer, steps, forward=1.0, early_ms=0):
    for step in steps:
        at_ns = START_NS + step * 20_000_000
        linear = np.array([forward, 0.0, 0.0])
        twist = Twist(at_ns + early_ms * 1_000_000, 'base_link', linear, np.zeros(3))
        localizer.receive(Source.WHEELS, from_twist(twist, BAG_TYPES), at_ns)


def of_wheels(localizer):
    return next(s for s in localizer.health().sources if s.source is Source.WHEELS)


def test_what_was_wrong_with_a_message_is_no_longer_said_after_good_ones():
    localizer = Localizer(localization_config({}))
    wheels(localizer, range(100))
    wheels(localizer, range(100, 105), np.nan)
    assert of_wheels(localizer).problem.startswith('twist linear: expected finite numbers')
    wheels(localizer, range(105, 200))
    assert (of_wheels(localizer).problem, of_wheels(localizer).problems) == ('', ())


def test_bytes_that_could_not_be_read_are_counted_and_said():
    localizer = Localizer(localization_config({}))
    wheels(localizer, range(10))
    localizer.reject(Source.WHEELS, 'message on /vehicle/twist: expected bytes', START_NS + 10**9)
    health = of_wheels(localizer)
    assert (health.received, health.invalid) == (11, 1)
    assert health.problem == 'message on /vehicle/twist: expected bytes'


def test_stamps_of_the_future_are_said_while_they_come():
    localizer = Localizer(localization_config({}))
    wheels(localizer, range(100), early_ms=30)  # as little as clocks of two computers differ
    assert of_wheels(localizer).problems == ()
    wheels(localizer, range(100, 120), early_ms=150)
    assert of_wheels(localizer).problems == (
        'wheels: stamps: expected before the arrival, got 150 ms after it',)
    wheels(localizer, range(130, 150))
    assert of_wheels(localizer).problem == ''


def mount(localizer, yaw_rad=0.0, x_m=1.0):
    T = from_euler((x_m, 0.0, 0.5), 0.0, 0.0, yaw_rad)
    localizer.add_transforms(
        from_transforms({'imu_link': T}, START_NS, 'base_link', BAG_TYPES), is_static=True)


def inertial(localizer, steps):
    for step in steps:
        at_ns = START_NS + step * 20_000_000
        sample = ImuSample(at_ns, 'imu_link', np.zeros(3), np.array([0.0, 0.0, 9.81]))
        localizer.receive(Source.IMU, from_imu_sample(sample, BAG_TYPES), at_ns)


def of_imu(localizer):
    return next(s for s in localizer.health().sources if s.source is Source.IMU)


@pytest.mark.parametrize(('change', 'text'), [
    ({'yaw_rad': 0.1}, 'its transform has changed, by 0.00 m and 5.7 deg'),
    ({'x_m': 1.4}, 'its transform has changed, by 0.40 m and 0.0 deg'),
])
def test_a_sensor_that_is_said_to_have_moved_is_told_until_it_is_back(change, text):
    localizer = Localizer(localization_config({}))
    mount(localizer)
    inertial(localizer, range(100))
    mount(localizer)  # again the same
    inertial(localizer, range(100, 120))
    assert of_imu(localizer).problem == ''
    mount(localizer, **change)
    inertial(localizer, range(120, 140))
    assert of_imu(localizer).problem == text
    mount(localizer)
    inertial(localizer, range(140, 160))
    assert of_imu(localizer).problem == ''


@pytest.mark.parametrize(('change', 'is_distrusted'), [({'yaw_rad': 0.1}, True),
                                                       ({'x_m': 1.4}, False)])
def test_an_imu_that_was_turned_is_distrusted_as_one_of_two_directions_was_wrong(
    monkeypatch, change, is_distrusted
):
    localizer = Localizer(localization_config({}))
    mount(localizer)
    inertial(localizer, range(100))
    told = []
    monkeypatch.setattr(EgoEstimator, 'mode', Mode.ALIGNED)
    monkeypatch.setattr(EgoEstimator, 'distrust_imu', lambda self: told.append(self))
    mount(localizer, **change)
    inertial(localizer, range(100, 120))
    assert len(told) == is_distrusted
