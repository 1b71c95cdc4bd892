# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A stream on its way through faults: order, time, restarts, and what cannot be broken."""

from dataclasses import replace
from itertools import zip_longest

from hypothesis import given
from hypothesis import strategies as st
import pytest
from support.fault_streams import fault, PERIOD_NS, run, START_NS, stream

from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.faults import kinds
from mm_fusion_ros.faults.injector import FaultInjector
from mm_fusion_ros.faults.kinds import FaultKind
from mm_fusion_ros.faults.serialized import Passing, restamped, stamp_of
from mm_fusion_ros.stamps import NS_PER_S

STREAM = stream(kinds.IMU)[1:]
LATER = (FaultKind.DELAY, FaultKind.JITTER, FaultKind.OUT_OF_ORDER)


def apply_all(injector, messages):
    return [out for message in messages for out in injector.apply(message)]


def earlier(message, by_ns):
    return message._replace(
        at_ns=message.at_ns - by_ns, raw=restamped(message.raw, stamp_of(message.raw) - by_ns))


def indices(messages, start_ns=START_NS):
    return [(stamp_of(m.raw) - start_ns) // PERIOD_NS for m in messages]


@st.composite
def late_faults(draw):
    """Draw faults that only make messages later."""
    made = []
    for number, kind in enumerate(draw(st.lists(st.sampled_from(LATER), min_size=1, max_size=3))):
        start_s = draw(st.floats(0.0, 3.0))
        made.append(fault(
            kind, kinds.IMU, number=number, seed=draw(st.integers(0, 9)), start_s=start_s,
            end_s=start_s + draw(st.floats(0.1, 3.0)),
            magnitude=draw(st.floats(0.0, 1.0)), topic=draw(st.sampled_from(['/a', '/b']))))
    return made


@st.composite
def streams(draw):
    """Draw messages of two topics in order, some at the same time; a count tells them apart."""
    steps = draw(st.lists(st.integers(0, NS_PER_S), max_size=25))
    topics = draw(st.lists(
        st.sampled_from(['/a', '/b']), min_size=len(steps), max_size=len(steps)))
    messages, at_ns = [], START_NS
    for count, (step, topic) in enumerate(zip(steps, topics, strict=True)):
        at_ns += step
        raw = restamped(STREAM[0].raw, START_NS + count)
        messages.append(Passing(topic, kinds.IMU, raw, at_ns))
    return messages


def counts(messages):
    return [stamp_of(m.raw) - START_NS for m in messages]


@given(faults=late_faults(), messages=streams())
def test_late_messages_are_neither_lost_nor_doubled_and_come_in_order_of_time(faults, messages):
    out = run(messages, *faults)
    assert sorted(counts(out)) == list(range(len(messages)))
    assert [m.at_ns for m in out] == sorted(m.at_ns for m in out)
    for message in out:
        before = messages[stamp_of(message.raw) - START_NS]
        assert message.at_ns >= before.at_ns
        assert message.raw is before.raw
        assert message.topic == before.topic


@given(faults=late_faults(), messages=streams(), polls=st.lists(st.floats(0.0, 1.0)))
def test_asking_in_between_gives_the_same_stream_no_earlier_than_it_is_due(
    faults, messages, polls
):
    injector, out, shares = FaultInjector(faults), [], iter(polls)
    for message, following in zip_longest(messages, messages[1:]):
        out += injector.apply(message)
        assert all(m.at_ns <= message.at_ns for m in out)
        due_ns = injector.next_due_ns()
        assert due_ns is None or due_ns > message.at_ns
        if following is not None:
            span_ns = following.at_ns - message.at_ns
            now_ns = message.at_ns + round(next(shares, 0.5) * span_ns)
            polled = injector.poll(now_ns)
            assert all(message.at_ns < m.at_ns <= now_ns for m in polled)
            assert (due_ns is not None and due_ns <= now_ns) == bool(polled)
            out += polled
    assert out + injector.flush() == run(messages, *faults)


@given(faults=late_faults(), messages=streams())
def test_jitter_alone_keeps_the_order_while_it_lasts(faults, messages):
    jitter = [replace(f, kind='jitter', end_s=float('inf')) for f in faults]
    out = run(messages, *jitter)
    for topic in ('/a', '/b'):
        of_topic = counts([m for m in out if m.topic == topic])
        assert of_topic == sorted(of_topic)


def test_faults_are_applied_in_their_order():
    noisy = fault(FaultKind.RANGE_NOISE, kinds.POINTS, seed=1)
    thin = fault(FaultKind.THINNED, kinds.POINTS, number=1)
    messages = stream(kinds.POINTS)
    noise_last, thin_last = run(messages, thin, noisy), run(messages, noisy, thin)
    assert noise_last != thin_last
    only_noisy = run(messages, noisy)
    assert thin_last == run(only_noisy, thin)


def test_a_copy_is_broken_by_the_faults_after_it():
    twice = fault(FaultKind.DUPLICATE, kinds.IMU)
    none = fault(FaultKind.DROP, kinds.IMU, start_s=0.45)
    assert indices(run(STREAM, twice, none)) == [0, 1, 2, 3, 3, 4, 4, 7, 8, 9]


def test_time_counts_from_the_first_message_of_any_sensor_with_a_fault():
    fixes = [earlier(m, 2 * PERIOD_NS) for m in stream(kinds.FIX)[1:]]
    messages = sorted([*fixes, *STREAM], key=lambda m: m.at_ns)
    silent = fault(FaultKind.DROP, kinds.IMU)
    other = fault(FaultKind.GNSS_OUTAGE, kinds.FIX, start_s=50.0, end_s=60.0)
    alone = [m for m in run(messages, silent) if m.topic == '/imu']
    assert indices(alone) == [0, 1, 2, 7, 8, 9]
    beside = [m for m in run(messages, silent, other) if m.topic == '/imu']
    assert indices(beside) == [0, 5, 6, 7, 8, 9]


def test_transforms_do_not_begin_the_time_of_faults():
    early = stream(kinds.IMU)[0]._replace(at_ns=START_NS - 100 * NS_PER_S)
    out = run([early, *STREAM], fault(FaultKind.DROP, kinds.IMU),
              fault(FaultKind.EXTRINSICS_SHIFTED, kinds.IMU, start_s=50.0, end_s=60.0))
    assert indices([m for m in out if m.topic == '/imu']) == [0, 1, 2, 7, 8, 9]


@pytest.mark.parametrize('kind', [
    FaultKind.DELAY, FaultKind.FREEZE, FaultKind.RESTAMP_DRIFT, FaultKind.OUT_OF_ORDER,
    FaultKind.INTERMITTENT_DROP, FaultKind.EXTRINSICS_SHIFTED], ids=lambda kind: kind.label)
def test_when_time_begins_anew_so_do_the_faults(kind):
    messages = stream(kinds.IMU, 20)
    changed = fault(kind, kinds.IMU, end_s=1.9)  # lasts until nearly the end
    once = run(messages, changed)
    assert run([*messages, *messages], changed) == once + once


def test_what_is_pending_when_time_begins_anew_comes_first():
    late = fault(FaultKind.DELAY, kinds.IMU, start_s=0.0, end_s=9.0, magnitude=9.0)
    injector = FaultInjector([late])
    messages = stream(kinds.IMU, 20)[1:]
    assert apply_all(injector, messages) == []
    out = injector.apply(messages[0])
    assert indices(out) == list(range(20))
    assert injector.next_due_ns() == messages[0].at_ns + 9 * NS_PER_S


@pytest.mark.parametrize(('back_ns', 'begins_anew'), [(NS_PER_S, False), (NS_PER_S + 1, True)])
def test_a_step_back_by_more_than_a_second_is_a_new_beginning(back_ns, begins_anew):
    first, *_, last = messages = stream(kinds.IMU, 20)[1:]
    back = earlier(last, back_ns)
    silent = fault(FaultKind.DROP, kinds.IMU, start_s=0.05, end_s=9.0)
    out = apply_all(FaultInjector([silent]), [*messages, back])
    assert out == [first, *[back] * begins_anew]


def test_a_message_belongs_to_a_fault_by_its_stamp_however_late_it_comes():
    silent = fault(FaultKind.DROP, kinds.IMU)
    late = [m._replace(at_ns=m.at_ns + 70_000_000 * (n % 2)) for n, m in enumerate(STREAM)]
    assert indices(run(late, silent)) == indices(run(STREAM, silent))


@pytest.mark.parametrize('stamp_ns', [0, 5 * NS_PER_S])
def test_with_stamps_of_another_clock_it_belongs_by_its_arrival(stamp_ns):
    silent = fault(FaultKind.DROP, kinds.IMU)
    alien = [STREAM[0], *(m._replace(raw=restamped(m.raw, stamp_ns)) for m in STREAM[1:])]
    kept = {m.at_ns for m in run(STREAM, silent)}
    assert {m.at_ns for m in run(alien, silent)} == kept
    assert len(kept) < len(STREAM)


def test_no_time_of_faults_begins_before_there_is_a_time():
    silent = fault(FaultKind.DROP, kinds.IMU)
    out = run([STREAM[0]._replace(at_ns=0), *STREAM[1:]], silent)
    assert indices(out)[0] == 0
    assert len(out) < len(STREAM)


def test_the_live_side_knows_when_to_ask_again():
    injector = FaultInjector([fault(FaultKind.DELAY, kinds.IMU, start_s=0.0, magnitude=0.33)])
    assert injector.next_due_ns() is None
    assert injector.poll(STREAM[0].at_ns) == []
    assert injector.apply(STREAM[0]) == []
    due_ns = injector.next_due_ns()
    assert due_ns == STREAM[0].at_ns + 330_000_000
    assert injector.poll(due_ns - 1) == []
    (late,) = injector.poll(due_ns)
    assert (late.raw, late.at_ns) == (STREAM[0].raw, due_ns)
    assert injector.next_due_ns() is None
    assert injector.flush() == []


def test_what_is_flushed_comes_in_order_of_time():
    first = fault(FaultKind.DELAY, kinds.IMU, start_s=0.0, end_s=0.05, magnitude=30.0)
    second = fault(FaultKind.DELAY, kinds.IMU, start_s=0.05, end_s=9.0, magnitude=20.0)
    injector = FaultInjector([first, second])
    assert apply_all(injector, STREAM) == []
    assert indices(injector.flush()) == [*range(1, 10), 0]


def test_topics_are_those_that_faults_read_or_change():
    assert FaultInjector([fault(FaultKind.DROP, kinds.IMU)]).topics == {'/imu'}
    moved = fault(FaultKind.EXTRINSICS_SHIFTED, kinds.IMU)
    assert FaultInjector([moved]).topics == {'/imu', '/tf_static'}


def test_without_faults_everything_passes():
    assert run(STREAM) == STREAM


def test_problems_are_counted_by_sensor_and_kind():
    bayer = [m._replace(raw=m.raw.replace(b'bgr8', b'8UC9')) for m in stream(kinds.IMAGE)[1:]]
    injector = FaultInjector([fault(FaultKind.BLUR, kinds.IMAGE),
                              fault(FaultKind.FOG, kinds.IMAGE, end_s=0.45)])
    assert apply_all(injector, bayer) == bayer
    text = "(image encoding: expected one of rgb8, bgr8, 8UC3, mono8, 8UC1, got '8UC9')"
    assert injector.problems == {f'/image: no blur {text}': 4, f'/image: no fog {text}': 2}


def test_a_topic_of_a_type_that_does_not_fit_is_an_error_before_the_fault_begins():
    injector = FaultInjector([fault(FaultKind.BLUR, kinds.IMAGE, start_s=99.0, topic='/imu')])
    text = (r'parameter faults\[0\]\.kind: expected one that fits sensor_msgs/msg/Imu '
            r'\(/image\), got blur')
    with pytest.raises(ConfigError, match=text):
        injector.apply(STREAM[0])


def test_messages_without_a_stamp_are_told_apart_by_their_count():
    blank = [m._replace(raw=restamped(m.raw, 0)) for m in STREAM]
    out = run(blank, fault(FaultKind.CORRUPT_BYTES, kinds.IMU, start_s=0.0, end_s=9.0))
    assert len({m.raw for m in out}) == len(blank)
