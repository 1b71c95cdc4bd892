# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The frame odom never jumps; what corrects place and direction goes into map to odom."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.localization_drives import localized, ride, SpeedProfile, START_NS, with_compass

from mm_fusion_ros.geometry.transforms import wrap_angle, yaw_of
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

IMU, FIX, VELOCITY, WHEELS = Source.IMU, Source.FIX, Source.GNSS_VELOCITY, Source.WHEELS
FASTEST_MPS, FASTEST_RADPS = 10.0, 0.8


def pushed(ridden, begin_s, end_s, metres):
    """Shift the fixes to the north for a while."""
    return ridden.with_said(
        said._replace(data=replace(
            said.data, latitude_deg=said.data.latitude_deg + metres / 111_200.0))
        if said.source is FIX and begin_s < said.time_s < end_s else said
        for said in ridden.said)


def lost(ridden, begin_s, end_s):
    return ridden.with_said(
        said for said in ridden.said
        if said.source not in (FIX, VELOCITY) or not begin_s < said.time_s < end_s)


def drive(seconds=12.0, **options):
    return ride(seconds, 1, **options)


STOP_AND_GO = SpeedProfile(9.0, stand_s=2.0, rise_s=2.0)
RIDES = {
    'all is well': lambda: drive(),
    'the direction is found late': lambda: drive(way=STOP_AND_GO),
    'a jump of 30 m': lambda: pushed(drive(), 5.0, 8.0, 30.0),
    'a jump of 6 m': lambda: pushed(drive(), 5.0, 8.0, 6.0),
    'a jump that stays': lambda: pushed(drive(18.0), 5.0, 99.0, 60.0),
    'an outage': lambda: lost(drive(), 3.0, 9.0),
    'a wrong compass': lambda: with_compass(drive(16.0, way=STOP_AND_GO), 2.0),
    'no wheels': lambda: drive().only(IMU, FIX, VELOCITY),
    'no IMU': lambda: drive().only(FIX, VELOCITY, WHEELS),
    'fixes late': lambda: delayed(drive(), 480),
    'fixes at once, and a jump that stays': lambda: delayed(pushed(drive(18.0), 5.0, 99.0, 60.0)),
    'fixes at once, and no IMU': lambda: delayed(drive()).only(FIX, VELOCITY, WHEELS),
    'fixes at once, and a wrong direction': lambda: delayed(with_compass(drive(), 0.3, 0.05)),
}


def delayed(ridden, milliseconds=1):
    return ridden.with_said(
        said._replace(arrival_ns=said.data.stamp_ns + milliseconds * NS_PER_MS)
        if said.source in (FIX, VELOCITY) else said for said in ridden.said)


@pytest.fixture(scope='module', params=RIDES)
def run(request):
    """Lead a localizer along one of the rides; give its name, too."""
    return request.param, localized(RIDES[request.param]())


def poses(run, name):
    return np.array([getattr(answer, name).T_frame_child for answer in run.answers])


def steps(T):
    metres = np.linalg.norm(np.diff(T[:, :3, 3], axis=0), axis=1)
    turns = np.abs(wrap_angle(np.diff([yaw_of(item) for item in T])))
    return metres, turns


def test_odom_goes_no_faster_than_the_vehicle(run):
    name, ran = run
    metres, turns = steps(poses(ran, 'odometry'))
    # Without wheels the first speed is a guess; nothing is until the direction is found.
    slack_m = 0.5 if name == 'no wheels' else 0.03
    assert metres.max() < FASTEST_MPS * 0.02 + slack_m
    assert turns.max() < FASTEST_RADPS * 0.02 + np.radians(0.3)


def test_it_goes_where_it_looks(run):
    name, ran = run
    T = poses(ran, 'odometry')[50:]
    moved = np.diff(T[:, :3, 3], axis=0)
    is_fast = np.linalg.norm(moved, axis=1) > 0.1
    ahead = np.einsum('ni,ni->n', moved, T[1:, :3, 0])[is_fast]
    least = 0.9 if name in ('no wheels', 'fixes at once, and no IMU', 'no IMU') else 0.995
    assert (ahead / np.linalg.norm(moved[is_fast], axis=1)).min() > least


def test_map_takes_what_odom_does_not(run):
    _, ran = run
    odom, map_ = poses(ran, 'odometry'), poses(ran, 'map_pose')
    T = np.array([answer.T_map_odom for answer in ran.answers])
    np.testing.assert_allclose(T @ odom, map_, atol=1e-6)


def test_roll_and_pitch_are_shared(run):
    _, ran = run
    odom, map_ = poses(ran, 'odometry'), poses(ran, 'map_pose')
    np.testing.assert_allclose(odom[:, 2, :3], map_[:, 2, :3], atol=1e-9)
    T = np.array([answer.T_map_odom for answer in ran.answers])
    np.testing.assert_allclose(T[:, 2, :3], np.tile([0.0, 0.0, 1.0], (len(T), 1)), atol=1e-9)
    np.testing.assert_allclose(
        [answer.odometry.linear_mps for answer in ran.answers],
        [answer.map_pose.linear_mps for answer in ran.answers])


@pytest.mark.parametrize(('name', 'least_m'), [
    ('the direction is found late', 1.0), ('a jump that stays', 40.0), ('a wrong compass', 1.0)])
def test_these_rides_do_make_the_map_jump(name, least_m):
    """Otherwise that odom does not jump would say nothing."""
    metres, turns = steps(poses(localized(RIDES[name]()), 'map_pose'))
    assert metres.max() > least_m or turns.max() > np.radians(30.0)


def test_odom_is_as_long_as_the_way():
    ridden = drive(way=STOP_AND_GO)
    answers = localized(ridden).answers
    way = np.linalg.norm(np.diff([answer.odometry.T_frame_child[:3, 3] for answer in answers],
                                 axis=0), axis=1).sum()
    true = np.linalg.norm(np.diff([ridden.truth(answer.stamp_ns)[0][:3, 3] for answer in answers],
                                  axis=0), axis=1).sum()
    assert way == pytest.approx(true, rel=0.03)


def test_odom_turns_as_the_vehicle_does():
    ridden = drive()
    answers = localized(ridden).answers
    ends = answers[0], answers[-1]
    begin, end = (yaw_of(answer.odometry.T_frame_child) for answer in ends)
    true_begin, true_end = (yaw_of(ridden.truth(answer.stamp_ns)[0]) for answer in ends)
    off = float(wrap_angle(end - begin - true_end + true_begin))
    assert abs(off) < np.radians(1.5)


def test_what_is_forgotten_is_taken_to_have_been_like_what_follows():
    # Rates in degrees are refused after a while, and all begins anew.
    ridden = drive(10.0)
    spoilt = ridden.with_said(
        said._replace(data=replace(
            said.data, angular_velocity_radps=said.data.angular_velocity_radps * 57.3))
        if said.source is IMU else said for said in ridden.said)
    answers = localized(spoilt).answers
    seconds = np.diff([answer.stamp_ns for answer in answers]) / NS_PER_S
    gap = int(seconds.argmax())
    assert seconds[gap] > 0.1
    metres = np.linalg.norm(answers[gap + 1].odometry.T_frame_child[:3, 3]
                            - answers[gap].odometry.T_frame_child[:3, 3])
    assert metres / seconds[gap] == pytest.approx(9.0, rel=0.1)


def test_odom_begins_where_it_begins():
    first = localized(drive()).answers[0]
    np.testing.assert_array_equal(first.odometry.T_frame_child[:3, 3], 0.0)
    assert (first.stamp_ns - START_NS) / NS_PER_S < 0.6
