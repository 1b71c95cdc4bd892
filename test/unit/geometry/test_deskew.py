# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Points moved by poses that change while they are measured."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from mm_fusion_ros.geometry.deskew import knots_around, move_points
from mm_fusion_ros.geometry.transforms import apply, from_euler, inverse
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

SPEEDS = st.tuples(*[st.floats(-40.0, 40.0)] * 2, st.floats(-1.0, 1.0))
TURNS = st.tuples(*[st.floats(-0.3, 0.3)] * 2, st.floats(-1.0, 1.0))


def motion(speed, turn):
    """Give a function from time, s, to the pose of a vehicle that moves so."""
    return lambda t: from_euler(np.multiply(speed, t), *np.multiply(turn, t))


@given(SPEEDS, TURNS, st.integers(0, 2**32 - 1), st.sampled_from([-100, -50, 0]))
def test_what_stands_still_is_seen_where_it_is(speed, turn, seed, first_ms):
    pose, random = motion(speed, turn), np.random.default_rng(seed)
    there = random.uniform(-60.0, 60.0, (200, 3))
    times_ns = (first_ms * NS_PER_MS + random.integers(0, 100 * NS_PER_MS, 200)).astype(np.int32)
    seen = np.array([
        apply(inverse(pose(t / NS_PER_S)), point[None])[0]
        for t, point in zip(times_ns.tolist(), there, strict=True)], np.float32)
    knots_ns = knots_around(times_ns)
    T_knots = np.array([pose(t / NS_PER_S) for t in knots_ns.tolist()])
    moved = move_points(seen, times_ns, knots_ns, T_knots)
    assert moved.dtype == np.float32
    np.testing.assert_allclose(moved, there, atol=1e-4)


def test_the_order_of_points_does_not_matter():
    random = np.random.default_rng(0)
    points = random.uniform(-60.0, 60.0, (500, 3)).astype(np.float32)
    times_ns = random.integers(0, 100 * NS_PER_MS, 500).astype(np.int32)
    knots_ns = knots_around(times_ns)
    T_knots = np.array([motion((15, 0, 0), (0, 0, 1))(t / NS_PER_S) for t in knots_ns])
    order = random.permutation(500)
    moved = move_points(points, times_ns, knots_ns, T_knots)
    np.testing.assert_array_equal(
        move_points(points[order], times_ns[order], knots_ns, T_knots), moved[order])


def test_knots_are_even_enclose_all_times_and_lie_1_ms_apart_at_most():
    for times in ([-7, 3], [0, 1_000_000], [5, 99_999_999], [4, 4]):
        knots_ns = knots_around(np.array(times, np.int32))
        assert (knots_ns[0], knots_ns[-1]) == (times[0], times[1])
        assert len(knots_ns) >= 2
        assert np.diff(knots_ns).max() <= NS_PER_MS
        assert np.ptp(np.diff(knots_ns)) <= 1


def test_points_of_one_instant_move_together():
    points = np.array([[1, 2, 3], [4, 5, 6]], np.float32)
    times_ns = np.full(2, 9, np.int32)
    T = from_euler((1.0, 0.0, 0.0), 0.0, 0.0, np.pi / 2)
    moved = move_points(points, times_ns, knots_around(times_ns), np.array([T, T]))
    np.testing.assert_allclose(moved, apply(T, points), atol=1e-6)
