# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The parts that the synchroniser is made of, against brute force.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mm_fusion_ros.sync import Fate, MessageCounts, Sample
from mm_fusion_ros.sync.match_history import MatchHistory
from mm_fusion_ros.sync.recent_values import RecentValues
from mm_fusion_ros.sync.stamped_buffer import Held, StampedBuffer

increasing = st.lists(st.integers(0, 300), unique=True, max_size=40).map(sorted)


def filled(stamps):
    buffer = StampedBuffer()
    for stamp in stamps:
        buffer.append(Held(Sample(stamp, 0, stamp), 0))
    return buffer


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=60), st.integers(1, 9))
def test_recent_values_are_the_newest_in_order(values, size):
    recent = RecentValues(size)
    for value in values:
        recent.add(value)
    kept = sorted(values[-size:])
    assert len(recent) == len(kept)
    assert (recent.smallest, recent.quantile(1.0)) == (kept[0], kept[-1])
    assert recent.median == kept[len(kept) // 2]
    assert recent.deviation <= kept[-1] - kept[0]


@given(increasing, st.integers(0, 300), st.integers(0, 300))
def test_the_nearest_is_found(stamps, target, tolerance):
    found = filled(stamps).nearest(target, tolerance)
    near = [s for s in stamps if abs(s - target) <= tolerance]
    assert (found and found.sample.stamp_ns) == min(
        near, key=lambda s: (abs(s - target), s), default=None)


@given(increasing, st.integers(0, 50))
def test_taking_the_oldest_leaves_the_rest(stamps, count):
    buffer = filled(stamps)
    assert [h.sample.stamp_ns for h in buffer.take_oldest(count)] == stamps[:count]
    assert len(buffer) == len(stamps[count:])
    assert buffer.span_ns == (stamps[-1] - stamps[count] if stamps[count:] else 0)
    assert (buffer.newest and buffer.newest.sample.stamp_ns) == (
        stamps[-1] if stamps[count:] else None)


@given(increasing, st.integers(0, 300), st.integers(0, 60))
def test_the_newest_match_within_a_range_is_found(stamps, first, width):
    history = MatchHistory()
    for stamp in stamps:
        history.append(stamp)
    within = [n for n, s in enumerate(stamps) if first <= s <= first + width]
    assert history.newest_within(first, first + width) == (within[-1] if within else -1)


def test_old_matches_are_forgotten_and_numbers_go_on():
    history = MatchHistory()
    for stamp in range(1000):
        history.append(stamp)
    assert history.newest_within(0, 0) == -1
    assert history.newest_within(999, 2000) == 999


def test_counts_are_in_the_order_of_fates():
    assert [fate.name.lower() for fate in Fate] == list(MessageCounts.__slots__)
