# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What is said of messages that cannot be read or come from the future, and after them."""

import numpy as np

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.data_types import Twist
from mm_fusion_ros.localization.localizer import Localizer
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.localization_config import localization_config
from mm_fusion_ros.messages.convert_out import from_twist

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
