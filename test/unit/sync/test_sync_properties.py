# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What holds of every stream of messages, however wild.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S
from mm_fusion_ros.sync import FrameSynchronizer, SensorSpec

BASE_NS = 1_700_000_000 * NS_PER_S
SENSORS = (
    SensorSpec('camera', 'camera', 40 * NS_PER_MS),
    SensorSpec('lidar', 'lidar', 50 * NS_PER_MS),
    SensorSpec('imu', 'window', 150 * NS_PER_MS),
    SensorSpec('lidar_2', 'lidar', 30 * NS_PER_MS),
)


@st.composite
def streams(draw):
    """
    (arrival, sensor, stamp) in the order of arrival: rates, delays, losses as they come.
    """
    events = []
    for sensor in SENSORS:
        period = draw(st.sampled_from([10, 50, 83, 100, 240]))
        phase = draw(st.integers(0, 99))
        delay = draw(st.integers(0, 120))
        jitter = draw(st.lists(st.integers(0, 30), min_size=3, max_size=5))
        lost = draw(st.sets(st.integers(0, 40), max_size=25))
        for index in range(draw(st.integers(0, 40))):
            if index not in lost:
                shake = jitter[index % len(jitter)]
                stamp = phase + index * period + (shake if period > 30 else 0)
                events.append((stamp + delay + shake, sensor.name, stamp))
    return [
        (BASE_NS + arrival * NS_PER_MS, name, BASE_NS + stamp * NS_PER_MS)
        for arrival, name, stamp in sorted(events)
    ]


wild = st.lists(st.tuples(
    st.integers(0, 6_000), st.sampled_from([s.name for s in SENSORS]),
    st.sampled_from([-1, 0, 1, 3, 3_600_000]).flatmap(
        lambda shift: st.integers(0, 6_000).map(lambda t: t + 1_000 * shift)),
), max_size=120).map(lambda events: [
    (BASE_NS + a * NS_PER_MS, name, BASE_NS + s * NS_PER_MS) for a, name, s in events])


def run(events, poll_every_ms=None):
    sync = FrameSynchronizer(SENSORS)
    matches, polled_ns = [], events[0][0] if events else 0
    for number, (arrival_ns, name, stamp_ns) in enumerate(events):
        while poll_every_ms and polled_ns <= arrival_ns:
            matches += sync.poll(polled_ns)
            polled_ns += poll_every_ms * NS_PER_MS
        matches += sync.add(name, stamp_ns, number, arrival_ns)
    return matches + sync.flush(), sync


def used_payloads(matches):
    return {s.payload for match in matches for member in match.members for s in member.samples}


@given(streams())
def test_each_message_of_a_leading_reference_is_answered_once_in_stamp_order(events):
    matches, _ = run(events)
    stamps = [match.stamp_ns for match in matches]
    assert stamps == sorted(set(stamps))
    opened = [m.members[[s.name for s in SENSORS].index(m.reference)] for m in matches]
    assert all(member.offset_ns == 0 for member in opened)
    assert all(m.arrival_ns <= m.emitted_ns for m in matches)


@given(st.integers(0, 99), st.integers(0, 200), st.integers(1, 60))
def test_no_message_of_a_lone_reference_is_lost(phase, delay, count):
    events = [(BASE_NS + (phase + 100 * k + delay) * NS_PER_MS, 'lidar',
               BASE_NS + (phase + 100 * k) * NS_PER_MS) for k in range(count)]
    assert [m.stamp_ns for m in run(events)[0]] == [stamp for _, _, stamp in events]


@settings(max_examples=200)
@given(st.one_of(streams(), wild))
def test_every_message_ends_in_exactly_one_way(events):
    matches, sync = run(events)
    for s in sync.statistics():
        assert s.pending == 0
        assert s.counts.total == s.received == sum(name == s.name for _, name, _ in events)
    assert sum(s.counts.used for s in sync.statistics()) == len(used_payloads(matches))


@settings(max_examples=200)
@given(st.one_of(streams(), wild))
def test_before_the_end_the_rest_is_pending(events):
    sync = FrameSynchronizer(SENSORS)
    for number, (arrival_ns, name, stamp_ns) in enumerate(events):
        sync.add(name, stamp_ns, number, arrival_ns)
    assert all(s.received == s.counts.total + s.pending for s in sync.statistics())
    assert all(s.pending >= 0 for s in sync.statistics())


@given(streams())
def test_each_partner_is_the_nearest_that_had_arrived(events):
    for match in run(events)[0]:
        for spec, member in zip(SENSORS, match.members, strict=True):
            arrived = [s for a, name, s in events if name == spec.name and a < match.emitted_ns]
            if spec.kind == 'window' or spec.name == match.reference:
                continue
            gap_ns = min((abs(s - match.stamp_ns) for s in _in_order(arrived)),
                         default=spec.tolerance_ns + 1)
            if gap_ns <= spec.tolerance_ns:
                assert abs(member.offset_ns) <= gap_ns
            if member.present:
                assert abs(member.offset_ns) <= spec.tolerance_ns


def _in_order(stamps):
    newest = 0
    for stamp in stamps:
        if stamp > newest:
            newest = stamp
            yield stamp


@given(streams())
def test_window_samples_are_shared_out_in_order_each_once(events):
    stamps = [s.stamp_ns for m in run(events)[0] for s in m.members[2].samples]
    assert stamps == sorted(set(stamps))


@given(streams())
def test_a_match_is_emitted_by_its_deadline_or_at_a_handover(events):
    matches = run(events)[0]
    for before, match in zip([None, *matches], matches, strict=False):
        handed_over = before is None or before.reference != match.reference
        assert handed_over or match.waited_ns <= 50 * NS_PER_MS


@settings(max_examples=200)
@given(streams(), st.sampled_from([1, 7, 50, 333]))
def test_matches_do_not_depend_on_how_often_one_polls(events, poll_every_ms):
    assert run(events)[0] == run(events, poll_every_ms)[0]


@given(st.one_of(streams(), wild))
def test_the_same_messages_give_the_same_matches(events):
    assert run(events)[0] == run(events)[0]


@given(streams())
def test_after_a_jump_back_of_time_all_is_as_at_first(events):
    if not events or events[-1][0] < events[0][0] + 2 * NS_PER_S:
        return
    first, _ = run(events)
    sync = FrameSynchronizer(SENSORS)
    passes = []
    for _ in range(2):
        found = [m for n, (arrival_ns, name, stamp_ns) in enumerate(events)
                 for m in sync.add(name, stamp_ns, n, arrival_ns)]
        passes.append(found)
    passes[1] += sync.flush()
    joined = passes[0] + passes[1]
    assert joined == first + first
