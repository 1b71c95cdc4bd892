# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""When messages come, which of them, and what their stamps say."""

import numpy as np
import pytest
from support.fault_streams import fault, FAULTY, PERIOD_NS, run, START_NS, stream

from mm_fusion_ros.faults import kinds
from mm_fusion_ros.faults.injector import FaultInjector
from mm_fusion_ros.faults.kinds import FaultKind
from mm_fusion_ros.faults.serialized import restamped, stamp_of
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

STREAM = stream(kinds.IMU)[1:]
MANY = stream(kinds.IMU, 600)[1:]
ALWAYS = {'start_s': 0.0, 'end_s': np.inf}


def broken(kind, messages=STREAM, **changes):
    return run(messages, fault(kind, kinds.IMU, **changes))


def indices(messages):
    return [(stamp_of(m.raw) - START_NS) // PERIOD_NS for m in messages]


def errors_s(messages):
    """How far stamps are off, of messages that come when they should."""
    return [(stamp_of(m.raw) + 5 * NS_PER_MS - m.at_ns) / NS_PER_S for m in messages]


def test_jitter_lets_nothing_overtake_what_it_delayed_when_it_ends():
    out = broken(FaultKind.JITTER, MANY, magnitude=2.0, start_s=0.0, end_s=0.95)
    stamps = [stamp_of(message.raw) for message in out]
    assert stamps == sorted(stamps)
    assert len(out) == len(MANY)


def test_a_silent_sensor_says_nothing():
    assert indices(broken(FaultKind.DROP)) == [0, 1, 2, 7, 8, 9]


def test_a_fault_begins_with_the_message_at_its_start_and_is_over_with_that_at_its_end():
    assert indices(broken(FaultKind.DROP, start_s=0.3, end_s=0.6)) == [0, 1, 2, 6, 7, 8, 9]


@pytest.mark.parametrize('share', [0.0, 0.3, 1.0])
def test_so_many_messages_do_not_come(share):
    passed = broken(FaultKind.INTERMITTENT_DROP, MANY, magnitude=share, **ALWAYS)
    assert len(passed) / len(MANY) == pytest.approx(1.0 - share, abs=0.08 * (0 < share < 1))
    assert {id(m) for m in passed} <= {id(m) for m in MANY}


def test_whether_a_message_comes_says_nothing_of_the_next():
    passed = broken(FaultKind.INTERMITTENT_DROP, MANY, magnitude=0.5, **ALWAYS)
    came = np.isin(np.arange(600), indices(passed))
    assert np.mean(came[1:] == came[:-1]) == pytest.approx(0.5, abs=0.08)


def test_a_delayed_message_comes_so_much_later_with_the_same_bytes():
    out = broken(FaultKind.DELAY, magnitude=0.25)
    late = dict(zip(indices(out), out, strict=True))
    for index, message in enumerate(STREAM):
        wanted_ns = 250 * NS_PER_MS if index in FAULTY else 0
        assert late[index].at_ns == message.at_ns + wanted_ns
        assert late[index].raw is message.raw
    assert indices(out) == [0, 1, 2, 3, 4, 7, 5, 8, 6, 9]


def test_jitter_delays_each_by_another_time_in_their_order():
    out = broken(FaultKind.JITTER, MANY, magnitude=0.08, **ALWAYS)
    assert indices(out) == list(range(600))
    delays_s = np.array([b.at_ns - a.at_ns for a, b in zip(MANY, out, strict=True)]) / NS_PER_S
    assert delays_s.min() >= 0.0
    assert len(set(delays_s)) > 500
    assert all(a.raw is b.raw for a, b in zip(MANY, out, strict=True))


def test_jitter_is_half_of_a_normal_distribution():
    sigma_s = 0.01  # so short that none waits for another
    out = broken(FaultKind.JITTER, MANY, magnitude=sigma_s, **ALWAYS)
    delays_s = np.array([b.at_ns - a.at_ns for a, b in zip(MANY, out, strict=True)]) / NS_PER_S
    assert np.sqrt(np.mean(delays_s**2)) == pytest.approx(sigma_s, rel=0.1)
    assert delays_s.mean() == pytest.approx(sigma_s * np.sqrt(2.0 / np.pi), rel=0.1)


def test_a_frozen_sensor_repeats_what_came_last_under_new_stamps():
    images = stream(kinds.IMAGE)[1:]
    out = run(images, fault(FaultKind.FREEZE, kinds.IMAGE))
    assert indices(out) == list(range(10))
    assert [m.at_ns for m in out] == [m.at_ns for m in images]
    for index in FAULTY:
        assert out[index].raw == restamped(images[2].raw, stamp_of(images[index].raw))
        assert out[index].raw != images[index].raw


def test_a_sensor_that_is_frozen_from_the_start_repeats_its_first_message():
    images = stream(kinds.IMAGE, 3)[1:]
    out = run(images, fault(FaultKind.FREEZE, kinds.IMAGE, start_s=0.0))
    assert out[0] is images[0]
    assert out[2].raw == restamped(images[0].raw, stamp_of(images[2].raw))


@pytest.mark.parametrize('offset_s', [0.2, -3.5])
def test_stamps_are_off_by_a_constant(offset_s):
    out = broken(FaultKind.RESTAMP_OFFSET, magnitude=offset_s)
    wanted = [offset_s if index in FAULTY else 0.0 for index in range(10)]
    assert errors_s(out) == pytest.approx(wanted, abs=1e-9)
    for before, after in zip(STREAM, out, strict=True):
        assert restamped(after.raw, stamp_of(before.raw)) == before.raw


@pytest.mark.parametrize('rate', [0.1, -1.0])
def test_stamps_go_astray_from_right_ones_on(rate):
    out = broken(FaultKind.RESTAMP_DRIFT, magnitude=rate)
    wanted = [0.0, 0.0, 0.0, 0.0, 0.1 * rate, 0.2 * rate, 0.3 * rate, 0.0, 0.0, 0.0]
    assert errors_s(out) == pytest.approx(wanted, abs=1e-9)


def test_each_message_comes_more_than_once():
    out = broken(FaultKind.DUPLICATE, magnitude=2.0)
    assert indices(out) == [0, 1, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6, 7, 8, 9]
    assert all(m is STREAM[index] for index, m in zip(indices(out), out, strict=True))


def test_a_message_comes_after_the_next_one():
    out = broken(FaultKind.OUT_OF_ORDER)
    assert indices(out) == [0, 1, 2, 4, 3, 6, 5, 7, 8, 9]
    assert [m.at_ns for m in out] == sorted(m.at_ns for m in out)
    assert all(m.raw is STREAM[index].raw for index, m in zip(indices(out), out, strict=True))


@pytest.mark.parametrize('share', [0.0, 0.3])
def test_so_many_messages_come_after_the_next_one(share):
    order = np.array(indices(broken(FaultKind.OUT_OF_ORDER, MANY, magnitude=share, **ALWAYS)))
    swapped = np.count_nonzero(np.diff(order) < 0)
    eligible = len(MANY) - swapped
    assert swapped / eligible == pytest.approx(share, abs=0.08 * (share > 0))
    assert np.abs(order - np.arange(len(MANY))).max() <= 1


def test_a_message_without_room_for_a_stamp_passes_and_is_counted():
    short = STREAM[0]._replace(raw=STREAM[0].raw[:11])
    injector = FaultInjector([fault(FaultKind.RESTAMP_OFFSET, kinds.IMU, start_s=0.0)])
    assert injector.apply(short)[0] is short
    text = '/imu: no restamp_offset (stamp: expected one that fits the message, got 0 s)'
    assert injector.problems == {text: 1}


def test_a_stamp_that_would_not_fit_its_32_bits_passes_and_is_counted():
    last = STREAM[0]._replace(raw=restamped(STREAM[0].raw, (2**31 - 5) * NS_PER_S))
    injector = FaultInjector(
        [fault(FaultKind.RESTAMP_OFFSET, kinds.IMU, start_s=0.0, magnitude=10.0)])
    assert injector.apply(last)[0] is last
    assert list(injector.problems.values()) == [1]
