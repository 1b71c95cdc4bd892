# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""That the order in which measurements come does not matter, and what is forgotten."""

from __future__ import annotations

from dataclasses import replace
import gc

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest
from support.state_errors import DEVIATIONS, some_state

from mm_fusion_ros.localization.error_covariance import NoiseDensities, SIZE
from mm_fusion_ros.localization.error_state_filter import ErrorStateFilter, Memory, Snapshot
from mm_fusion_ros.localization.inertial_sample import InertialSample
from mm_fusion_ros.localization.measurements import (
    NoSlip,
    PositionMeasurement,
    VelocityMeasurement,
    WheelMeasurement,
)
from mm_fusion_ros.localization.settings import MotionSettings
from mm_fusion_ros.localization.timeline import Timeline
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

START_NS = 1_700_000_000 * NS_PER_S
NOISE = NoiseDensities(5e-4, 2e-2, 4e-5, 6e-4, 1e-4, 60.0)
GRAVITY = np.array([0.0, 0.0, -9.81])
SPEED_MPS = 8.0


def timeline(span_s: float = 2.0, max_gap_s: float = 0.2, known=lambda ego: None) -> Timeline:
    zero = np.zeros(3)
    state = some_state(
        position=zero, velocity=np.array([SPEED_MPS, 0.0, 0.0]), R_map_base=np.eye(3),
        gyro_bias=zero, accel_bias=zero, wheel_scale=0.0, gnss_error=zero)
    first = Snapshot(START_NS, state, np.diag(DEVIATIONS**2), Memory())
    return Timeline(
        ErrorStateFilter(first, NOISE, MotionSettings(), GRAVITY), span_s, max_gap_s, known)


def sample(ms: float) -> InertialSample:
    time_s = ms * 1e-3
    return InertialSample(
        START_NS + round(ms * NS_PER_MS),
        np.array([0.01, 0.02, 0.3 + 0.2 * np.sin(time_s * 3.0)]),
        np.array([np.cos(time_s), 2.0, 9.81]))


def fix(ms: float) -> PositionMeasurement:
    return PositionMeasurement(
        START_NS + round(ms * NS_PER_MS), np.array([SPEED_MPS * ms * 1e-3 + 0.5, 0.3, 0.1]),
        np.full(3, 0.5), np.full(3, 0.25), np.array([0.3, 0.0, 1.6]), 10 * NS_PER_S)


def velocity(ms: float) -> VelocityMeasurement:
    return VelocityMeasurement(
        START_NS + round(ms * NS_PER_MS), np.array([SPEED_MPS, 0.2, 0.0]), np.full(3, 0.04),
        np.array([0.3, 0.0, 1.6]))


def wheels(ms: float) -> WheelMeasurement:
    return WheelMeasurement(
        START_NS + round(ms * NS_PER_MS), SPEED_MPS, 0.3, np.array([0.01, 0.04, 0.09]), 0.01,
        np.array([-0.6, 0.0, -0.5]))


# Samples each 10 ms; some measurements fall onto them, others between.
EVENTS = (*(sample(ms) for ms in range(10, 501, 10)),
          *(fix(ms) for ms in range(100, 501, 100)),
          *(velocity(ms) for ms in range(110, 501, 100)),
          *(wheels(ms) for ms in range(13, 501, 40)))
IN_ORDER = sorted(EVENTS, key=lambda event: (
    event.stamp_ns, not isinstance(event, InertialSample)))


def added(events, **options) -> Timeline:
    line = timeline(**options)
    for event in events:
        line.add(event)
    return line


def assert_same(one: ErrorStateFilter, other: ErrorStateFilter, atol: float = 2e-3) -> None:
    """Compare, to a fraction of the deviations: covariances grow in other steps."""
    assert one.stamp_ns == other.stamp_ns
    deviations = np.sqrt(np.diag(other.snapshot().P))
    for name, rows in (('position', slice(0, 3)), ('velocity', slice(3, 6)),
                       ('gyro_bias', slice(9, 12)), ('accel_bias', slice(12, 15)),
                       ('gnss_error', slice(16, 19))):
        off = (getattr(one.state, name) - getattr(other.state, name)) / deviations[rows]
        np.testing.assert_allclose(off, 0.0, atol=atol, err_msg=name)
    np.testing.assert_allclose(one.state.R_map_base, other.state.R_map_base, atol=0.05 * atol)
    np.testing.assert_allclose(one.corrected, other.corrected, atol=2.0 * atol)
    scale = np.outer(deviations, deviations)
    np.testing.assert_allclose(
        one.snapshot().P / scale, other.snapshot().P / scale, atol=2.5 * atol)


@settings(max_examples=15)
@given(st.randoms(use_true_random=False), st.integers(0, 500))
def test_any_order_within_the_history_gives_the_same(random, delay_ms):
    arrivals = [(event.stamp_ns + random.uniform(0.0, delay_ms) * NS_PER_MS, number)
                for number, event in enumerate(EVENTS)]
    late = added(EVENTS[number] for _, number in sorted(arrivals))
    assert_same(late.newest, added(IN_ORDER).newest)


@settings(max_examples=4)
@given(st.permutations(EVENTS))
def test_even_turned_upside_down(events):
    assert_same(added(events).newest, added(IN_ORDER).newest)


def test_what_is_known_without_a_sensor_does_not_hang_on_the_order_either():
    def known(ego):
        if ego.stamp_ns - ego.memory.held_ns < 200 * NS_PER_MS:
            return None
        return NoSlip(ego.stamp_ns, np.array([0.01, 0.04]), np.zeros(3))

    late = [event for event in IN_ORDER if event.stamp_ns % (3 * NS_PER_MS)]
    late += [event for event in IN_ORDER if not event.stamp_ns % (3 * NS_PER_MS)]
    in_order = added(IN_ORDER, known=known)
    assert in_order.newest.memory.held_ns > START_NS
    assert_same(added(late, known=known).newest, in_order.newest)


def test_measurements_of_one_stamp_count_whatever_their_order():
    same = [fix(500.0), velocity(500.0), wheels(500.0), sample(500.0)]
    before = [event for event in IN_ORDER if event.stamp_ns < same[0].stamp_ns]
    results = [added(before + order).newest
               for order in (same, same[::-1], same[2:] + same[:2])]
    assert_same(results[1], results[0], 0.02)
    assert_same(results[2], results[0], 0.02)
    alone = added([*before, sample(500.0)]).newest
    assert np.trace(results[0].snapshot().P[:3, :3]) < np.trace(alone.snapshot().P[:3, :3])


def test_a_late_measurement_is_told_how_well_it_fitted():
    line = added(sample(ms) for ms in range(10, 1001, 10))
    late, timely = line.add(fix(500.0)), timeline()
    for ms in range(10, 501, 10):
        timely.add(sample(ms))
    assert late.nis == pytest.approx(timely.add(fix(500.0)).nis, rel=1e-3)
    assert line.add(sample(505.0)) is None


def test_a_late_measurement_counts_at_its_stamp():
    with_it, without = (added(sample(ms) for ms in range(10, 1001, 10)) for _ in range(2))
    with_it.add(fix(500.0))
    seen = [line.at(START_NS + 499 * NS_PER_MS).state.position for line in (with_it, without)]
    np.testing.assert_array_equal(*seen)
    seen = [line.at(START_NS + 501 * NS_PER_MS).state.position for line in (with_it, without)]
    assert np.linalg.norm(seen[0] - seen[1]) > 0.1


@pytest.mark.parametrize('between', [(), (47.0, 512.5, 998.0)], ids=['alone', 'with others'])
def test_rates_change_evenly_between_samples(between):
    turning = [replace(sample(ms), gyro=np.array([0.0, 0.0, 2.0 * ms * 1e-3]))
               for ms in range(10, 1001, 10)]
    line = timeline()
    for event in sorted([*turning, *map(fix_that_tells_nothing, between)],
                        key=lambda event: event.stamp_ns):
        line.add(event)
    R = line.newest.state.R_map_base
    assert np.arctan2(R[1, 0], R[0, 0]) == pytest.approx(1.0, abs=5e-4)


def fix_that_tells_nothing(ms: float) -> PositionMeasurement:
    return replace(fix(ms), variance=np.full(3, 1e12))


def driven(seconds: float, span_s: float = 2.0, **options) -> Timeline:
    line = timeline(span_s, **options)
    for ms in range(10, round(seconds * 1000) + 1, 10):
        line.add(sample(ms))
        if not ms % 100:
            line.add(fix(ms))
    return line


def test_what_is_older_than_the_history_is_refused():
    line = driven(5.0)
    before = line.newest.snapshot()
    for event in (fix(2900.0), sample(2895.0), fix(-10.0)):
        with pytest.raises(LookupError):
            line.add(event)
    assert line.newest.state is before.state
    line.add(fix(3150.0))
    assert line.newest.state is not before.state


def test_the_first_instant_cannot_be_measured_again():
    with pytest.raises(LookupError):
        timeline().add(sample(0.0))


def held(line: Timeline) -> int:
    """Count what a timeline keeps alive."""
    kinds = (InertialSample, PositionMeasurement, Snapshot)
    gc.collect()
    seen, waiting = set(), [line]
    while waiting:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        waiting += [other for other in gc.get_referents(item)
                    if isinstance(other, (dict, list, tuple, *kinds, ErrorStateFilter))]
    return sum(isinstance(item, kinds) for item in gc.get_objects() if id(item) in seen)


def test_memory_is_bounded():
    short, long = held(driven(4.0)), held(driven(12.0))
    assert abs(long - short) <= 15
    assert 200 < long < 350
    assert held(driven(8.0, 1.0)) < 0.7 * long


def test_asking_does_not_disturb():
    asked, left_alone = timeline(), timeline()
    for number, event in enumerate(IN_ORDER):
        asked.add(event)
        left_alone.add(event)
        if not number % 7:
            for ms in (-500, 0, 333, 5000):
                probe = asked.at(event.stamp_ns + ms * NS_PER_MS)
                probe.widen(np.full(SIZE, 9.0))
    for one, other in zip(asked.newest.state, left_alone.newest.state, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(asked.newest.snapshot().P, left_alone.newest.snapshot().P)


@pytest.mark.parametrize('ms', [3150, 3777, 4000, 4999, 5000])
def test_within_the_history_the_state_is_that_of_then(ms):
    then = timeline()
    for tick in range(10, ms + 1, 10):
        then.add(sample(tick))
        if not tick % 100:
            then.add(fix(tick))
    now = driven(5.0).at(START_NS + ms * NS_PER_MS)
    assert now.stamp_ns == START_NS + ms * NS_PER_MS
    assert_same(now, then.at(START_NS + ms * NS_PER_MS))


def test_beyond_the_newest_it_moves_on_and_becomes_unsure():
    line = driven(2.0)
    newest = line.at(line.newest.stamp_ns)
    probes = [line.at(line.newest.stamp_ns + ms * NS_PER_MS) for ms in (50, 300, 3000)]
    seconds = np.array([0.05, 0.3, 3.0])
    ways = [np.linalg.norm(probe.state.position - newest.state.position) for probe in probes]
    speed = np.linalg.norm(newest.state.velocity)
    np.testing.assert_allclose(ways, speed * seconds, rtol=0.15)
    sizes = [np.trace(item.snapshot().P[:3, :3]) for item in (newest, *probes)]
    assert sizes == sorted(sizes)
    assert np.linalg.norm(probes[2].state.velocity) == pytest.approx(speed, rel=0.1)


def test_before_the_history_the_oldest_is_given():
    line = driven(5.0)
    oldest = line.at(START_NS)
    assert 2.0 <= (line.newest.stamp_ns - oldest.stamp_ns) / NS_PER_S <= 2.2
    assert line.at(oldest.stamp_ns - NS_PER_S).stamp_ns == oldest.stamp_ns


def test_over_a_gap_it_coasts_with_growing_doubt():
    line = driven(1.0)
    before = line.at(line.newest.stamp_ns)
    line.add(sample(3000.0))
    after = line.newest
    assert np.linalg.norm(after.state.velocity) == pytest.approx(
        np.linalg.norm(before.state.velocity), rel=1e-6)
    grown_mps = np.sqrt(np.diag(after.snapshot().P)[3] - np.diag(before.snapshot().P)[3])
    assert grown_mps == pytest.approx(MotionSettings().acceleration * np.sqrt(2.0), rel=0.1)


def test_what_the_imu_said_can_be_taken_back():
    line, without = driven(1.5), timeline()
    line.drop_inertial()
    for ms in range(100, 1501, 100):
        without.add(fix(ms))
    assert line.newest.stamp_ns == START_NS + 1500 * NS_PER_MS
    assert_same(line.newest, without.newest)
    line.add(sample(1510.0))
    line.add(fix(1505.0))
    assert line.newest.stamp_ns == START_NS + 1510 * NS_PER_MS


def test_only_what_is_remembered_can_be_taken_back():
    line = driven(5.0)
    before = line.at(line.oldest_ns)
    line.drop_inertial()
    assert line.newest.stamp_ns == START_NS + 5 * NS_PER_S
    after = line.at(line.oldest_ns)
    for one, other in zip(before.state, after.state, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_short_gap_is_bridged_by_the_samples_on_both_sides():
    line, whole = driven(0.95), driven(0.95)
    for ms in range(960, 1101, 10):
        whole.add(sample(ms))
    line.add(sample(1100.0))
    np.testing.assert_allclose(line.newest.state.velocity, whole.newest.state.velocity, atol=0.01)
    sizes = [np.diag(item.newest.snapshot().P)[3] for item in (line, whole)]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.01)


def test_a_shift_moves_all_that_is_remembered():
    line, offset = driven(3.0), np.array([100.0, -50.0, 7.0])
    stamps = [line.newest.stamp_ns - ms * NS_PER_MS for ms in (1500, 505, 0)]
    before = [line.at(stamp_ns) for stamp_ns in stamps]
    line.shift(offset, np.diag((9.0, 9.0, 9.0)))
    after = [line.at(stamp_ns) for stamp_ns in stamps]
    moved = [new.state.position - old.state.position
             for new, old in zip(after, before, strict=True)]
    np.testing.assert_allclose(moved[2], offset)
    np.testing.assert_allclose(moved[0], offset, atol=1e-6)
    np.testing.assert_allclose(np.diag(after[2].snapshot().P)[:3], 9.0)
