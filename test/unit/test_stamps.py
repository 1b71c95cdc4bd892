# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Stamps: splitting, joining and naming clocks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import pytest

from mm_fusion_ros import stamps
from mm_fusion_ros.stamps import clock_kind, ClockKind, NS_PER_S

NOW_NS = 1_760_000_000 * NS_PER_S


@pytest.mark.parametrize(
    ('stamp_s', 'arrival_s', 'kind'),
    [
        (1_760_000_000, 1_760_000_000, ClockKind.SAME),
        (1_759_999_995.5, 1_760_000_000, ClockKind.SAME),
        (100, 101, ClockKind.SAME),  # both simulated
        (0, 1_760_000_000, ClockKind.ZERO),
        (0, 1, ClockKind.ZERO),
        (-3, 1_760_000_000, ClockKind.ZERO),
        (3600, 1_760_000_000, ClockKind.UPTIME),
        (1_760_000_037.2, 1_760_000_000, ClockKind.TAI),
        (1_760_000_017.9, 1_760_000_000, ClockKind.GPS),
        (1_760_000_000 - 315_964_800 + 18, 1_760_000_000, ClockKind.GPS),
        (1_760_000_000, 12, ClockKind.WALL),
        (1_760_000_100, 1_760_000_000, ClockKind.UNKNOWN),
        (1_759_000_000, 1_760_000_000, ClockKind.UNKNOWN),
        (500, 100, ClockKind.UNKNOWN),
    ],
)
def test_the_clock_behind_a_stamp_is_named(
    stamp_s: float, arrival_s: float, kind: ClockKind
) -> None:
    found = clock_kind(stamps.from_seconds(stamp_s), stamps.from_seconds(arrival_s))
    assert found is kind


@given(st.integers(-(2**31), 2**31 - 1), st.integers(0, NS_PER_S - 1))
def test_the_two_fields_of_a_message_survive_joining_and_splitting(sec: int, nanosec: int) -> None:
    assert stamps.split(stamps.join(sec, nanosec)) == (sec, nanosec)


@given(st.integers(-(2**63), 2**63 - 1))
def test_nanoseconds_are_split_as_messages_want_them(stamp_ns: int) -> None:
    sec, nanosec = stamps.split(stamp_ns)
    assert 0 <= nanosec < NS_PER_S
    assert stamps.join(sec, nanosec) == stamp_ns


@given(st.integers(-(10**15), 10**15))
def test_durations_survive_seconds(duration_ns: int) -> None:
    assert stamps.from_seconds(stamps.to_seconds(duration_ns)) == duration_ns


def test_seconds_are_rounded_not_cut() -> None:
    assert stamps.from_seconds(0.29) == 290_000_000
    assert stamps.from_seconds(-1e-9 * 0.6) == -1
