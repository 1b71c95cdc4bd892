# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""An IMU that says the same again and again."""

import numpy as np
import pytest

from mm_fusion_ros.localization.imu_gate import ImuGate
from mm_fusion_ros.localization.inertial_sample import InertialSample

STEP_NS = 5_000_000
UP = np.array([0.0, 0.0, 9.81])


def watch(gate, seconds, *, gyro=(0.01, 0.0, 0.1), is_frozen=False, begin_ns=10**9):
    """Let a gate see measurements at 200 Hz; give the stamp of the next one."""
    rng = np.random.default_rng(begin_ns % 1000)
    for step in range(round(seconds * 200)):
        noise = np.zeros(3) if is_frozen else rng.normal(0.0, 0.01, 3)
        gate.add(InertialSample(begin_ns + step * STEP_NS, np.array(gyro) + noise, UP + noise))
    return begin_ns + round(seconds * 200) * STEP_NS


def test_numbers_that_no_longer_change_are_refused_within_two_seconds():
    gate = ImuGate()
    now_ns = watch(gate, 3.3)
    assert gate.is_open
    watch(gate, 2.0, is_frozen=True, begin_ns=now_ns)
    assert not gate.is_open
    assert gate.problem.startswith('measurements: expected new ones, got the same ')


def test_it_is_believed_again_after_a_while():
    gate = ImuGate()
    now_ns = watch(gate, 2.0, is_frozen=True)
    now_ns = watch(gate, 5.0, begin_ns=now_ns)
    assert not gate.is_open
    watch(gate, 8.0, begin_ns=now_ns)
    assert (gate.is_open, gate.problem) == (True, '')


@pytest.mark.parametrize('gyro', [(0.0, 0.0, 0.0), (0.0, 0.0, 7e-5)])
def test_a_perfect_one_that_stands_is_believed(gyro):
    gate = ImuGate()
    watch(gate, 3.0, gyro=gyro, is_frozen=True)
    assert (gate.is_open, gate.problem) == (True, '')
