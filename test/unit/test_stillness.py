# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""How long things have stood still."""

from mm_fusion_ros.stamps import NS_PER_S
from mm_fusion_ros.stillness import Stillness


def test_time_counts_from_the_last_change_of_each_value():
    stillness = Stillness()
    assert stillness.since_change_s('a', 1, 10 * NS_PER_S) == 0.0
    assert stillness.since_change_s('b', 1, 11 * NS_PER_S) == 0.0
    assert stillness.since_change_s('a', 1, 13 * NS_PER_S) == 3.0
    assert stillness.since_change_s('a', 2, 14 * NS_PER_S) == 0.0
    assert stillness.since_change_s('b', 1, 15 * NS_PER_S) == 4.0
