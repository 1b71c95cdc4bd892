# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""People stay on sidewalks: they turn round at the end of one, and cross to another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from mm_fusion_ros.sim.world.path import Path
from mm_fusion_ros.sim.world.strolls import across, along, loop, stroll


def rng(seed=0):
    return np.random.default_rng(seed)


def straight(start, end):
    return Path(np.linspace(start, end, 30))


def gaps(places, path):
    on = path.at(np.linspace(0.0, path.length_m, 2000)).positions
    return np.linalg.norm(places[:, None] - on, axis=2).min(axis=1)


@given(st.integers(0, 99), st.floats(12.0, 60.0), st.floats(0.0, 1.0))
def test_a_stroll_stays_on_its_sidewalk_however_long(seed, length_m, share):
    angles = np.linspace(0.0, 1.5, 20)
    walk = Path(length_m / 1.5 * np.stack([np.sin(angles), 1.0 - np.cos(angles)], axis=1))
    around = loop(walk, rng(seed))
    places = along(around, share * around.length_m, 150.0)
    assert gaps(places, walk).max() < 0.5
    steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    assert 0.2 < steps.min() <= steps.max() < 0.3


def test_people_keep_to_the_right():
    walk = straight((0.0, 0.0), (30.0, 0.0))
    on = loop(walk, rng()).at(np.array([10.0, 40.0]))
    assert on.positions[0, 1] < 0.0 < on.positions[1, 1]
    np.testing.assert_allclose(np.cos(on.headings), [1.0, -1.0], atol=1e-3)


@pytest.mark.parametrize('seed', range(6))
def test_those_who_cross_go_on_along_the_other_sidewalk(seed):
    walks = [straight((-20.0, -5.0), (20.0, -5.0)), straight((-20.0, 5.0), (20.0, 5.0))]
    way = across(straight((0.0, -4.0), (0.0, 4.0)), walks, 40.0, rng(seed))
    assert way is not None
    assert way.length_m > 40.0
    places = way.at(np.arange(0.0, way.length_m, 0.2)).positions
    assert (np.abs(places[places[:, 1] < 4.0, 0]) < 0.2).all()
    assert gaps(places[places[:, 1] > 4.6], walks[1]).max() < 0.6


def test_those_who_cross_turn_to_both_sides():
    walk = straight((-20.0, 5.0), (20.0, 5.0))
    ways = [across(straight((0.0, -4.0), (0.0, 4.0)), [walk], 15.0, rng(seed))
            for seed in range(20)]
    ends = np.array([way.at(np.array([15.0])).positions[0, 0] for way in ways if way is not None])
    assert (ends > 2.0).any()
    assert (ends < -2.0).any()


@pytest.mark.parametrize('walks', [[], [straight((-20.0, 50.0), (20.0, 50.0))]])
def test_nobody_crosses_to_where_no_sidewalk_is(walks):
    assert across(straight((0.0, -4.0), (0.0, 4.0)), walks, 40.0, rng()) is None


def test_people_slow_down_to_turn_round():
    around = loop(straight((0.0, 0.0), (30.0, 0.0)), rng())
    limits = stroll(around, 1.5).limits
    assert limits[5] == 1.5
    assert 0.4 < limits[28:32].min() < 0.9
    assert len(limits) >= around.length_m
