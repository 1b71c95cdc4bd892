# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A match waits for the poses it needs, and never beyond its deadline."""

from hypothesis import given
from hypothesis import strategies as st
import pytest

from mm_fusion_ros.ego_motion.pose_wait import PoseWait
from mm_fusion_ros.stamps import NS_PER_MS
from mm_fusion_ros.sync.match import Match

START_MS = 1_000_000


def ns(ms):
    return round((START_MS + ms) * NS_PER_MS)


def match(arrival_ms=0.0, emitted_ms=None, stamp_ms=-100.0):
    emitted_ms = arrival_ms if emitted_ms is None else emitted_ms
    return Match(ns(stamp_ms), 'top', ns(arrival_ms), ns(emitted_ms), ())


def ready():
    """Give one to which poses come, 2 ms after their stamp."""
    wait = PoseWait(50 * NS_PER_MS)
    wait.cover(ns(-22), ns(-20))
    return wait


def left_at(released):
    return [m.emitted_ns / NS_PER_MS - START_MS for m in released]


def test_what_is_covered_goes_at_once():
    wait = ready()
    wait.add(match(), ns(-30))
    assert left_at(wait.poll(ns(0))) == [0.0]


def test_what_needs_no_pose_goes_at_once():
    wait = ready()
    wait.add(match(), None)
    assert left_at(wait.poll(ns(0))) == [0.0]


def test_a_match_goes_when_the_pose_it_needs_arrives():
    wait = ready()
    wait.add(match(), ns(-1))
    assert wait.poll(ns(0)) == []
    wait.cover(ns(-2), ns(0.5))
    assert wait.poll(ns(1)) == []
    wait.cover(ns(18), ns(20))
    assert left_at(wait.poll(ns(20))) == [20.0]
    assert wait.next_deadline_ns() is None


def test_a_match_goes_at_its_deadline_however_late_one_polls():
    wait = ready()
    wait.add(match(emitted_ms=10.0), ns(5))
    assert wait.next_deadline_ns() == ns(50)
    assert wait.poll(ns(49)) == []
    assert left_at(wait.poll(ns(500))) == [50.0]


def test_at_its_deadline_nothing_waits():
    wait = ready()
    wait.add(match(emitted_ms=50.0), ns(5))
    assert left_at(wait.poll(ns(50))) == [50.0]


def test_nobody_waits_for_poses_that_never_came():
    wait = PoseWait(50 * NS_PER_MS)
    wait.cover(None, ns(-20))
    wait.add(match(), ns(0))
    assert left_at(wait.poll(ns(0))) == [0.0]


def test_nobody_waits_for_poses_that_have_ceased():
    wait = PoseWait(50 * NS_PER_MS)
    wait.cover(ns(-302), ns(-300))
    wait.add(match(), ns(-1))
    assert left_at(wait.poll(ns(0))) == [0.0]


def test_nobody_waits_for_poses_that_will_come_too_late():
    wait = PoseWait(50 * NS_PER_MS)
    wait.cover(ns(-90), ns(-20))
    wait.add(match(), ns(-1))
    assert left_at(wait.poll(ns(0))) == [0.0]


def test_a_gap_in_the_poses_is_no_period():
    wait = ready()
    wait.cover(ns(978), ns(980))
    wait.add(match(1000.0), ns(985))
    assert wait.poll(ns(1000)) == []


@pytest.mark.parametrize(('period_ms', 'waits'), [(30, True), (60, False)])
def test_nobody_waits_for_a_pose_whose_turn_comes_after_the_deadline(period_ms, waits):
    wait = PoseWait(50 * NS_PER_MS)
    for step in range(4, -1, -1):
        at_ms = -5 - step * period_ms
        for stamp_ms in (at_ms - 20, at_ms - 10, at_ms):  # several come at once
            wait.cover(ns(stamp_ms), ns(at_ms))
    wait.add(match(), ns(-2))
    assert (wait.poll(ns(0)) == []) == waits


def test_none_overtakes_another():
    wait = ready()
    wait.add(match(), ns(40))
    wait.add(match(30.0), None)
    assert wait.poll(ns(30)) == []
    wait.cover(ns(38), ns(40))
    assert wait.poll(ns(40)) == []
    assert left_at(wait.poll(ns(60))) == [50.0, 50.0]


def test_when_time_begins_anew_all_go_and_old_poses_count_no_more():
    wait = ready()
    wait.add(match(), ns(0))
    wait.poll(ns(10))
    assert len(wait.poll(ns(-5000))) == 1
    wait.add(match(-5000.0, stamp_ms=-5100.0), ns(-5000))
    assert len(wait.poll(ns(-5000))) == 1


def test_the_end_of_the_stream_gives_everything():
    wait = ready()
    wait.add(match(), ns(0))
    wait.add(match(20.0), ns(20))
    assert left_at(wait.flush()) == [50.0, 70.0]


@given(st.lists(st.floats(0.0, 200.0), max_size=30), st.lists(st.floats(-30.0, 45.0), max_size=6))
def test_polling_more_often_changes_nothing(polls, needs):
    def run(instants):
        wait, released = ready(), []
        events = [(20.0 * k, 0, None) for k in range(11)]
        events += [(33.0 * k, 1, need) for k, need in enumerate(needs)]
        events += [(at, 2, None) for at in instants]
        for at, kind, need in sorted(events, key=lambda event: event[:2]):
            released += wait.poll(ns(at))
            if kind == 0:
                wait.cover(ns(at - 2.0), ns(at))
            elif kind == 1:
                wait.add(match(at), ns(at + need))
            released += wait.poll(ns(at))
        released += wait.flush()
        return left_at(released)

    found = run(polls)
    assert found == run([])
    assert found == sorted(found)
    assert all(33.0 * k <= at <= 33.0 * k + 50.0 for k, at in enumerate(found))
