# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Numbers that no sensor measures: a glitch changes nothing, and what goes on is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.localization_drives import localized, ride

from mm_fusion_ros.data_types import ImuSample, Twist
from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.localization.ego_state import Mode
from mm_fusion_ros.localization.imu_gate import ImuGate
from mm_fusion_ros.localization.inertial_sample import InertialSample
from mm_fusion_ros.localization.physical_bounds import check_inertial, check_twist
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.stamps import NS_PER_MS

IMU, FIX, VELOCITY, WHEELS = Source.IMU, Source.FIX, Source.GNSS_VELOCITY, Source.WHEELS
WILD = {
    'angular_velocity.z': (IMU, 'imu: imu angular_velocity: expected at most 100 rad/s, got'),
    'linear_acceleration.x': (
        IMU, 'imu: imu linear_acceleration: expected at most 200 m/s^2, got'),
    'twist.linear.x': (WHEELS, 'wheels: twist linear: expected at most 1000 m/s, got'),
    'twist.angular.z': (WHEELS, 'wheels: twist angular: expected at most 100 rad/s, got'),
    'twist.linear.y': (VELOCITY, 'gnss velocity: twist linear: expected at most 1000 m/s, got'),
}
SIZES = [3e3, 32767.0, 1e38, 1e155, 1e300]


@pytest.fixture(scope='module')
def drive():
    return ride(10.0, 3)


def wild(path, value, after_s, until_s):
    source, (*owners, name) = WILD[path][0], path.split('.')

    def change(said):
        message = said.message()
        if said.source is source and after_s < said.time_s < until_s:
            owner = message
            for step in owners:
                owner = getattr(owner, step)
            setattr(owner, name, value)
        return [(said.arrival_ns, message)]
    return change


def errors_m(ridden, run):
    return np.array([
        np.linalg.norm(ridden.truth(item.stamp_ns)[0][:2, 3] - item.map_pose.T_frame_child[:2, 3])
        for item in run.answers])


@pytest.mark.parametrize('path', WILD)
@pytest.mark.parametrize('size', SIZES)
def test_a_glitch_does_not_reach_the_state(drive, path, size):
    length_s = {IMU: 0.008, WHEELS: 0.018, VELOCITY: 0.15}[WILD[path][0]]
    run, good = localized(drive, wild(path, size, 5.0, 5.0 + length_s)), localized(drive)
    invalid = {item.source: item.invalid for item in run.localizer.health().sources}
    assert 1 <= invalid[WILD[path][0]] <= 2
    assert np.abs(errors_m(drive, run) - errors_m(drive, good)).max() < 0.5
    odom = np.array([item.odometry.T_frame_child[:3, 3] for item in run.answers])
    assert np.linalg.norm(np.diff(odom, axis=0), axis=1).max() < 0.3
    assert run.problems == ''


@pytest.mark.parametrize('path', WILD)
@pytest.mark.parametrize('size', SIZES)
def test_what_goes_on_is_told(drive, path, size):
    run = localized(drive, wild(path, size, 5.0, 100.0))
    source, text = WILD[path]
    if source is IMU:
        text = 'imu: angular velocity' if 'angular' in path else 'imu: linear acceleration'
    assert text in run.problems
    assert run.localizer.health().mode is Mode.ALIGNED
    assert errors_m(drive, run)[150:].max() < 5.0


def test_a_glitch_every_now_and_then_is_told_while_it_comes(drive):
    glitch = wild('linear_acceleration.x', -400.0, 5.0, 100.0)

    def change(said):
        is_hit = said.data.stamp_ns % (50 * NS_PER_MS) == 0
        return glitch(said) if is_hit else [(said.arrival_ns, said.message())]

    run = localized(drive, change)
    assert 'messages could not be read' in run.problems
    assert 'imu: ' in run.problems
    assert errors_m(drive, run)[150:].max() < 5.0


def test_a_fix_of_nowhere_is_told_by_what_is_wrong_with_it(drive):
    def change(said):
        message = said.message()
        if said.source is FIX and said.time_s > 5.0:
            message.altitude = 1e9
        return [(said.arrival_ns, message)]

    run = localized(drive, change)
    assert 'gnss: position: expected altitude' in run.problems
    assert 'got 1000000000.0' in run.problems


@pytest.mark.parametrize(('gyro', 'force'), [(35.0, 9.8), (-99.0, 9.8), (0.0, 160.0)])
def test_whatever_a_sensor_can_measure_is_let_through(gyro, force):
    check_inertial(ImuSample(1, 'imu', np.full(3, gyro), np.full(3, force)))
    check_twist(Twist(1, 'base', np.array([0.0, -300.0, 0.0]), np.full(3, gyro)))


@pytest.mark.parametrize(('check', 'text'), [
    (lambda big: check_inertial(ImuSample(1, 'imu', np.array([0.0, -big, 0.0]), np.zeros(3))),
     'imu angular_velocity: expected at most 100 rad/s, got'),
    (lambda big: check_inertial(ImuSample(1, 'imu', np.zeros(3), np.array([0.0, -big, 0.0]))),
     'imu linear_acceleration: expected at most 200 m/s'),
    (lambda big: check_twist(Twist(1, 'base', np.array([-big, 0.0, 0.0]), np.zeros(3))),
     'twist linear: expected at most 1000 m/s, got'),
    (lambda big: check_twist(Twist(1, 'base', np.zeros(3), np.array([0.0, 0.0, big]))),
     'twist angular: expected at most 100 rad/s, got')])
@pytest.mark.parametrize('big', [1001.0, 1e300])
def test_what_none_can_is_refused(check, text, big):
    with pytest.raises(InvalidMessageError, match=text):
        check(big)


def judged(wild_numbers, count=400):
    """Give a gate after samples of which some are wild."""
    gate, good = ImuGate(), np.array([0.0, 0.0, 9.81])
    noise = np.random.default_rng(0).normal(0.0, 1e-3, (count, 3))
    for number, row in enumerate(noise):
        sample = InertialSample(number * 10 * NS_PER_MS, row, good + row)
        is_wild = number in wild_numbers
        if is_wild:
            sample = replace(sample, accel=np.full(3, 1e300))
        gate.add(sample, is_wild=is_wild)
    return gate


@pytest.mark.parametrize('length', [1, 5, 20])
def test_a_glitch_is_not_judged(length):
    gate = judged(range(280, 280 + length))
    assert (gate.is_open, gate.problem) == (True, '')


@pytest.mark.parametrize('first', [0, 200])
def test_an_imu_that_says_nothing_else_is_refused(first):
    gate = judged(range(first, 400))
    assert not gate.is_open
    assert gate.problem.startswith('linear acceleration: expected about 9.8 m/s^2 of gravity')
