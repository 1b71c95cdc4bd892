# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Lamps of traffic lights against the signals that traffic obeys."""

import numpy as np
import pytest

from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.render.rays import FaceTable
from mm_fusion_ros.sim.render.signal_lamps import SignalLamps
from mm_fusion_ros.sim.world.streets import Signal

RED, AMBER, GREEN, WARM_WHITE = (206, 40, 34), (170, 120, 30), (30, 120, 66), (255, 226, 176)
ORIGIN = np.array([100.0, 50.0, 0.0])
SIGNAL = Signal(np.array([110.0, 50.0, 3.0]), 0.0, cycle_s=40.0, green_from_s=5.0, green_s=15.0)


def table(colors, x_m=10.0):
    count = len(colors)
    return FaceTable(
        np.full(count, Material.LAMP, np.uint8), np.array(colors, np.uint8),
        np.ones(count, np.bool_), np.full((count, 3, 3), (x_m, 0.0, 3.0), np.float32))


@pytest.mark.parametrize(('time_s', 'lit'), [
    (0.0, 'red'), (5.0, 'green'), (19.9, 'green'), (20.1, 'amber'), (23.1, 'red'),
    (46.0, 'green')])
def test_one_lamp_is_lit_at_a_time(time_s, lit):
    lamps = SignalLamps(table([RED, AMBER, GREEN]), ORIGIN, [SIGNAL])
    assert lamps.are_lit(time_s).tolist() == [lit == name for name in ('red', 'amber', 'green')]
    assert lamps.are_lit(time_s)[2] == SIGNAL.may_go(time_s)


def test_each_lamp_follows_the_signal_that_it_stands_at():
    other = Signal(
        np.array([130.0, 50.0, 3.0]), 0.0, cycle_s=40.0, green_from_s=25.0, green_s=15.0)
    here, there = (SignalLamps(table([GREEN], x_m), ORIGIN, [SIGNAL, other]) for x_m in (10, 30))
    assert here.are_lit(6.0) == [True]
    assert there.are_lit(6.0) == [False]
    assert there.are_lit(26.0) == [True]


def test_street_lamps_are_no_signals():
    assert len(SignalLamps(table([WARM_WHITE], 40.0), ORIGIN, [SIGNAL]).faces) == 0


def test_a_world_without_signals_has_none():
    lamps = SignalLamps(table([RED]), ORIGIN, [])
    assert len(lamps.faces) == len(lamps.are_lit(0.0)) == 0
