# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Which stamps of a source are used, and which of two clocks counts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import pytest

from mm_fusion_ros.localization.clock_agreement import Agreement, ClockAgreement
from mm_fusion_ros.localization.settings import InputSettings
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.localization.stamp_gate import StampGate, Verdict
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

NOW_NS = 1_700_000_000 * NS_PER_S
DAY_NS = 86_400 * NS_PER_S
IMU, FIX, WHEELS = Source.IMU, Source.FIX, Source.WHEELS


def judged(gate, pairs_ms):
    return [gate.judge(NOW_NS + stamp * NS_PER_MS, NOW_NS + arrival * NS_PER_MS)
            for stamp, arrival in pairs_ms]


def test_steady_stamps_are_used():
    pairs = [(ms, ms + 5) for ms in range(0, 1000, 10)]
    assert set(judged(StampGate(InputSettings()), pairs)) == {Verdict.USE}


def test_a_repeated_stamp_is_seen():
    assert judged(StampGate(InputSettings()), [(0, 5), (10, 15), (10, 16), (20, 25)]) == [
        Verdict.USE, Verdict.USE, Verdict.REPEATED, Verdict.USE]


def test_small_disorder_does_no_harm():
    assert judged(StampGate(InputSettings()), [(0, 5), (20, 25), (10, 26), (30, 35)]) == [
        Verdict.USE] * 4


def test_one_wild_stamp_is_refused_and_two_are_a_new_time():
    forward, back = 10**7, -(10**7)
    for jump, last in ((forward, Verdict.USE), (back, Verdict.RESTART)):
        assert judged(StampGate(InputSettings()), [
            (0, 5), (10, 15), (jump, 25), (30, 35)])[2:] == [Verdict.MISSTAMPED, Verdict.USE]
        assert judged(StampGate(InputSettings()), [
            (0, 5), (10, 15), (jump, 25), (jump + 10, 35)])[2:] == [Verdict.MISSTAMPED, last]


@pytest.mark.parametrize('stamp_ns', [0, -5])
def test_no_stamp_is_none(stamp_ns):
    assert StampGate(InputSettings()).judge(stamp_ns, NOW_NS) is Verdict.MISSTAMPED
    by_arrival = StampGate(InputSettings(stamp_source='arrival'))
    assert by_arrival.judge(stamp_ns, NOW_NS) is Verdict.USE
    assert by_arrival.stamp(stamp_ns, NOW_NS) == NOW_NS


def test_an_offset_is_added():
    gate = StampGate(InputSettings(offset_ms=-12.5))
    assert gate.stamp(NOW_NS, NOW_NS + 1) == NOW_NS - 12_500_000


def test_after_a_reset_any_stamp_is_the_first():
    gate = StampGate(InputSettings())
    judged(gate, [(0, 5), (10, 15)])
    gate.reset()
    assert gate.judge(NOW_NS - DAY_NS, NOW_NS) is Verdict.USE


def agreed(steps):
    """Judge (source, seconds of arrival, stamp less arrival in s) one after the other."""
    clocks = ClockAgreement()
    return [clocks.judge(source, NOW_NS + round((at_s + ahead_s) * NS_PER_S),
                         NOW_NS + round(at_s * NS_PER_S)) for source, at_s, ahead_s in steps]


LATE = {'not at all': (0.2, st.floats(-5.0, 5.0)), 'some': (1.9, st.floats(-1e9, -5.0)),
        'much': (4.0, st.floats(-1.0, 0.0)), 'of the future': (1.9, st.floats(6.0, 1e8))}


@given(st.data(), st.sampled_from(sorted(LATE)))
def test_those_of_one_clock_agree_whichever_it_is(data, how):
    longest_s, leads = LATE[how]
    ahead_s = data.draw(leads)
    said = data.draw(st.lists(st.tuples(
        st.sampled_from([IMU, FIX, WHEELS]), st.floats(0.0, longest_s)), max_size=20))
    steps = [(source, number * 0.1, ahead_s - delay_s)
             for number, (source, delay_s) in enumerate(said)]
    assert set(agreed(steps)) <= {Agreement.AGREES}


@pytest.mark.parametrize('ahead_s', [0.4, 3.0, 4.9, 9.0])
@pytest.mark.parametrize('source', [IMU, FIX, WHEELS])
def test_one_that_is_ahead_of_its_arrival_differs(source, ahead_s):
    others = [item for item in (IMU, FIX, WHEELS) if item is not source]
    steps = [(item, number * 0.1, -0.05 if item is not source else ahead_s)
             for number in range(10) for item in (*others, source)]
    expected = [Agreement.AGREES, Agreement.AGREES, Agreement.DIFFERS]
    assert agreed(steps) == expected * 10


def test_one_that_is_ahead_and_came_first_does_not_count():
    steps = [(WHEELS, 0.0, 3.0), (WHEELS, 0.1, 3.0), (IMU, 0.15, -0.002), (WHEELS, 0.2, 3.0),
             (FIX, 0.25, -0.08)]
    assert agreed(steps) == [
        Agreement.AGREES, Agreement.AGREES, Agreement.OTHERS_DIFFER, Agreement.DIFFERS,
        Agreement.AGREES]


@pytest.mark.parametrize('clock_s', [-1e6, 37.0, 1e6])
@pytest.mark.parametrize(('ahead_s', 'last'), [
    (3.0, Agreement.DIFFERS), (0.5, Agreement.AGREES)])
def test_one_ahead_of_the_others_differs_on_a_clock_that_is_not_the_receiving_one(
    clock_s, ahead_s, last
):
    steps = [(IMU, 0.0, clock_s), (FIX, 0.05, clock_s - 0.4), (WHEELS, 0.1, clock_s + ahead_s)]
    assert agreed(steps) == [Agreement.AGREES, Agreement.AGREES, last]


def test_a_late_receiver_does_not_make_an_imu_of_another_clock_one_of_the_future():
    steps = [(source, number * 0.1, 1e6 - delay_s) for number in range(5) for source, delay_s in (
        (FIX, 2.5), (Source.GNSS_VELOCITY, 2.5), (IMU, 0.0))]
    assert set(agreed(steps)) == {Agreement.AGREES}


@pytest.mark.parametrize(('ahead_s', 'seen'), [
    (3.0, '3.1 s in the future'), (0.4, '0.5 s in the future'), (37.0, 'TAI (37 s ahead of UTC)'),
    (-1000.0, 'an unknown clock')])
def test_what_differs_is_named(ahead_s, seen):
    clocks = ClockAgreement()
    for source, behind_ms in ((IMU, 100), (FIX, 180)):
        clocks.judge(source, NOW_NS - behind_ms * NS_PER_MS, NOW_NS)
    assert clocks.problem(WHEELS, NOW_NS + round(ahead_s * NS_PER_S), NOW_NS) == (
        f'stamps: expected the clock of the other sensors, got {seen}')


def test_another_clock_differs():
    steps = [(IMU, 0.0, 0.0), (FIX, 0.1, -1000.0), (WHEELS, 0.2, 0.0), (FIX, 0.3, 37.0)]
    assert agreed(steps) == [
        Agreement.AGREES, Agreement.DIFFERS, Agreement.AGREES, Agreement.DIFFERS]


def test_the_receiving_clock_counts_more_than_having_come_first():
    assert agreed([(IMU, 0.0, -1000.0), (FIX, 0.1, -1000.0), (WHEELS, 0.2, 0.0),
                   (IMU, 0.3, -1000.0), (WHEELS, 0.4, 0.0)]) == [
        Agreement.AGREES, Agreement.AGREES, Agreement.OTHERS_DIFFER, Agreement.DIFFERS,
        Agreement.AGREES]


def test_of_two_foreign_clocks_the_first_counts():
    assert agreed([(IMU, 0.0, -1000.0), (FIX, 0.1, 5000.0)]) == [
        Agreement.AGREES, Agreement.DIFFERS]


def test_what_was_said_long_ago_does_not_count():
    assert agreed([(IMU, 0.0, 0.0), (FIX, 3.0, -1000.0)]) == [Agreement.AGREES] * 2


def test_all_of_them_may_step_together():
    steps = [(source, at_s, 60.0) for at_s in (2.0, 3.0, 4.2, 4.3) for source in (IMU, FIX)]
    assert agreed([(IMU, 1.9, 0.0), (FIX, 1.9, 0.0), *steps])[-3:] == [Agreement.AGREES] * 3


def test_after_a_reset_nothing_is_compared():
    clocks = ClockAgreement()
    clocks.judge(IMU, NOW_NS, NOW_NS)
    clocks.reset()
    assert clocks.judge(FIX, NOW_NS - DAY_NS, NOW_NS) is Agreement.AGREES
