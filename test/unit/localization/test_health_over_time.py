# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Health tells of now: of what goes wrong late, is over, falls silent or comes too seldom."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from support.localization_drives import ALL, localized, ride, START_NS

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.data_types import Twist
from mm_fusion_ros.localization.localizer import Localizer
from mm_fusion_ros.localization.recent_troubles import RecentTroubles, Troubles
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.localization_config import localization_config
from mm_fusion_ros.messages.convert_out import from_twist
from mm_fusion_ros.sim.sensors.imu import ImuSettings
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

IMU, FIX, WHEELS = Source.IMU, Source.FIX, Source.WHEELS
STEP_NS = 20 * NS_PER_MS


@pytest.fixture(scope='module')
def drive():
    return ride(8.0, 1)


def health_of(localizer, source):
    return next(item for item in localizer.health().sources if item.source is source)


def roll(localizer, steps, **spoiled):
    """Let the wheels speak 50 times a second; `forward` m/s, `stamp` by the arrival."""
    for step in steps:
        arrival_ns = START_NS + step * STEP_NS
        stamp_ns = spoiled.get('stamp', lambda at_ns: at_ns)(arrival_ns)
        linear = np.array([spoiled.get('forward', 1.0), 0.0, 0.0])
        message = from_twist(Twist(stamp_ns, 'base_link', linear, np.zeros(3)), BAG_TYPES)
        localizer.receive(WHEELS, message, arrival_ns)


SPOILED = {
    'could not be read': {'forward': math.nan},
    'came twice': {'stamp': lambda at_ns: at_ns // (2 * STEP_NS) * 2 * STEP_NS},
    'have stamps of another time': {'stamp': lambda at_ns: 0},
}


@pytest.mark.parametrize('text', SPOILED)
def test_trouble_after_a_long_time_is_told_and_is_forgotten_when_over(text):
    localizer = Localizer(localization_config({}))
    good, bad = 6000, 500
    roll(localizer, range(good))
    assert health_of(localizer, WHEELS).problems == ()
    roll(localizer, range(good, good + bad), **SPOILED[text])
    told = [item for item in health_of(localizer, WHEELS).problems if item.endswith(text)]
    assert len(told) == 1
    assert ' of the last ' in told[0]
    roll(localizer, range(good + bad, good + bad + 600))
    assert not any(item.endswith(text) for item in health_of(localizer, WHEELS).problems)


def test_late_messages_are_told_while_they_come():
    localizer = Localizer(localization_config({'history_s': 1.0}))
    ridden = ride(26.0, 1)
    seen = []
    for said in sorted(ridden.said, key=lambda item: item.arrival_ns + (
            3 * NS_PER_S if item.source is WHEELS and 4.0 < item.time_s < 8.0 else 0)):
        arrival_ns = said.arrival_ns
        if said.source is WHEELS and 4.0 < said.time_s < 8.0:
            arrival_ns += 3 * NS_PER_S
        localizer.receive(said.source, said.message(), arrival_ns)
        if said.source is WHEELS:
            told = any('came too late' in item for item in localizer.health().problems)
            seen.append((arrival_ns - START_NS, told))
    assert any(told for at_ns, told in seen if at_ns < 12 * NS_PER_S)
    assert not any(told for at_ns, told in seen if at_ns > 23 * NS_PER_S)


@pytest.mark.parametrize('seconds', [3, 30])
def test_when_all_fall_silent_each_is_named(drive, seconds):
    run = localized(drive)
    end_ns = drive.said[-1].arrival_ns
    assert run.problems == ''
    for number in range(1, seconds * 50 + 1):
        run.localizer.poll(end_ns + number * STEP_NS)
    for source in ALL:
        assert f'{source.value}: silent for {seconds} s on ' in run.problems
    assert run.localizer.health().outage_s == pytest.approx(seconds, abs=0.3)
    assert f'no usable fix for {seconds} s: dead reckoning' in run.problems


def test_nothing_that_can_be_read_is_told_from_the_first_message_on():
    localizer = Localizer(localization_config({}))
    localizer.poll(START_NS)
    assert localizer.health().running_s == 0.0
    for number in range(100):
        localizer.reject(WHEELS, 'message: expected bytes', START_NS + number * 50 * NS_PER_MS)
    assert localizer.health().running_s == pytest.approx(4.95)
    assert 'wheels: 100 of the last 100 messages could not be read' in (
        localizer.health().problems)


@pytest.mark.parametrize(('rate_hz', 'spacing'), [(1.0, 1000), (4.0, 250)])
def test_an_imu_that_is_too_slow_is_told_and_no_advice_rests_on_it(rate_hz, spacing):
    run = localized(ride(20.0, 3, imu=ImuSettings(rate_hz=rate_hz)))
    assert (f'imu: a sample every {spacing} ms, expected at least every 200 ms (imu.max_gap_ms)'
            in run.problems)
    assert 'no inertial measurements: constant velocity is assumed' in run.problems
    assert 'gnss.offset_ms' not in run.problems


def test_an_imu_fast_enough_for_what_is_set_is_used():
    slow = ride(20.0, 3, imu=ImuSettings(rate_hz=4.0))
    assert 'a sample every' not in localized(slow, imu__max_gap_ms=300.0).problems
    assert 'a sample every' not in localized(ride(8.0, 3, imu=ImuSettings(rate_hz=10.0))).problems


def test_a_delay_of_the_receiver_is_told_with_an_imu(drive):
    def change(said):
        message = said.message()
        if said.source in (FIX, Source.GNSS_VELOCITY):
            stamp_ns = said.data.stamp_ns - 150 * NS_PER_MS
            message.header.stamp.sec, message.header.stamp.nanosec = divmod(stamp_ns, NS_PER_S)
        return [(said.arrival_ns, message)]

    ridden = ride(20.0, 3)
    assert 'gnss.offset_ms' in localized(ridden, change).problems
    assert 'gnss.offset_ms' not in localized(ridden, change, quiet=(IMU,)).problems


@given(st.lists(st.tuples(
    st.integers(0, 4 * NS_PER_S), st.integers(0, 3), st.integers(0, 2)), max_size=60))
def test_recent_counts_are_those_of_the_last_seconds_with_messages(steps):
    recent, at_ns, totals = RecentTroubles(), 0, [0, 0, 0, 0]
    noted = []
    for step_ns, which, count in steps:
        at_ns += step_ns
        totals[which] += count
        recent.add(at_ns, Troubles(*totals))
        noted.append((at_ns // NS_PER_S, which, count))
    kept = set(sorted({second for second, _, _ in noted})[-10:])
    assert recent.received == sum(second in kept for second, _, _ in noted)
    expected = [sum(count for second, which, count in noted if which == number and second in kept)
                for number in range(4)]
    assert recent.received == 0 or list(recent.troubles) == expected


def test_before_the_first_message_there_is_no_trouble():
    assert (RecentTroubles().received, RecentTroubles().troubles) == (0, Troubles())


def test_counts_that_begin_anew_are_no_trouble():
    recent = RecentTroubles()
    recent.add(0, Troubles(late=5))
    recent.add(1, Troubles(late=0))
    recent.add(2, Troubles(late=1))
    assert recent.troubles == Troubles(late=6)
