# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Everything that messages get wrong: answers go on, and a user reads what is the matter."""

from __future__ import annotations

import math

import numpy as np
import pytest
from support.localization_drives import localized, ride, SpeedProfile, standing, START_NS

from mm_fusion_ros.geometry.transforms import wrap_angle, yaw_of
from mm_fusion_ros.localization.ego_state import Mode
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

IMU, FIX, VELOCITY, WHEELS = Source.IMU, Source.FIX, Source.GNSS_VELOCITY, Source.WHEELS
NO_IMU = 'no inertial measurements: constant velocity is assumed'
WHERE_IMU_SITS, WHERE_GNSS_SITS = (0.6, 0.1, 0.5, 0.0, 0.0, 0.0), (0.3, 0.0, 1.6, 0.0, 0.0, 0.0)


@pytest.fixture(scope='module')
def drive():
    return ride(7.0, 1)


def edited(source, edit, after_s=-1.0):
    """Change the messages of a source from an instant on; the edit may replace the message."""
    def change(said):
        message = said.message()
        if said.source is source and said.time_s > after_s:
            edit(message)
        return [(said.arrival_ns, message)]
    return change


def setting(path, value):
    """Give an edit that sets a field, by its dotted name."""
    *owners, name = path.split('.')

    def edit(message):
        for owner in owners:
            message = getattr(message, owner)
        if isinstance(getattr(message, name), np.ndarray):
            getattr(message, name)[:] = value
        else:
            setattr(message, name, value)
    return edit


def scaled(force=1.0, rates=1.0):
    def edit(message):
        for vector, factor in ((message.linear_acceleration, force),
                               (message.angular_velocity, rates)):
            vector.x, vector.y, vector.z = (
                vector.x * factor, vector.y * factor, vector.z * factor)
    return edit


def stamped(shift_s):
    def edit(message):
        message.header.stamp.sec += shift_s
    return edit


def assert_answers_go_on(run, until_ns, gap_ms=20):
    assert (run.rates_hz() >= 50 - gap_ms // 20 + 1).all()
    assert len(run.rates_hz()) >= 4
    assert until_ns - run.answers[-1].stamp_ns < 0.15 * NS_PER_S
    for answer in run.answers:
        for pose in (answer.odometry, answer.map_pose):
            assert np.isfinite(pose.T_frame_child).all()
            assert np.linalg.eigvalsh(pose.pose_covariance).min() > -1e-6
    stamps = [answer.stamp_ns for answer in run.answers]
    assert min(np.diff(stamps)) == 20 * NS_PER_MS
    assert max(np.diff(stamps)) <= gap_ms * NS_PER_MS


def error_m(ridden, answer) -> float:
    truth, _ = ridden.truth(answer.stamp_ns)
    return float(np.linalg.norm(truth[:2, 3] - answer.map_pose.T_frame_child[:2, 3]))


def end_ns(ridden) -> int:
    return ridden.said[-1].arrival_ns


def test_a_good_drive_has_no_problems(drive):
    run = localized(drive)
    assert_answers_go_on(run, end_ns(drive))
    assert run.problems == ''
    assert run.localizer.health().mode is Mode.ALIGNED
    assert error_m(drive, run.answers[-1]) < 4.0


UNREADABLE = {
    'imu NaN': (IMU, setting('angular_velocity.x', math.nan), 'expected finite numbers, got [nan'),
    'imu not measured': (
        IMU, setting('linear_acceleration_covariance', -1.0),
        'imu linear_acceleration: expected a measurement, got covariance -1'),
    'fix NaN': (FIX, setting('latitude', math.nan), 'gnss: fix latitude: expected -90 to 90'),
    'fix of Mars': (FIX, setting('longitude', 400.0), 'gnss: fix longitude: expected -180 to 180'),
    'velocity inf': (VELOCITY, setting('twist.linear.y', math.inf), 'twist linear: expected'),
    'wheels NaN': (WHEELS, setting('twist.linear.x', math.nan), 'twist linear: expected finite'),
}


@pytest.mark.parametrize('name', UNREADABLE)
def test_what_cannot_be_read_is_left_out_and_said(drive, name):
    source, edit, text = UNREADABLE[name]
    run = localized(drive, edited(source, edit))
    assert_answers_go_on(run, end_ns(drive))
    assert text in run.problems
    assert 'messages could not be read' in run.problems
    assert (NO_IMU in run.problems) == (source is IMU)
    is_aligned = run.localizer.health().mode is Mode.ALIGNED
    assert is_aligned == (source is not FIX)


@pytest.mark.parametrize('name', UNREADABLE)
def test_what_becomes_unreadable_on_the_way_is_survived(drive, name):
    source, edit, text = UNREADABLE[name]
    run = localized(drive, edited(source, edit, after_s=4.0))
    assert_answers_go_on(run, end_ns(drive))
    assert text in run.problems
    assert error_m(drive, run.answers[-1]) < 5.0


def test_a_zero_covariance_is_not_taken_for_certainty(drive):
    run = localized(drive, edited(FIX, setting('position_covariance', 0.0)))
    assert_answers_go_on(run, end_ns(drive))
    assert run.problems == ''
    assert error_m(drive, run.answers[-1]) < 4.0
    assert np.sqrt(run.answers[-1].map_pose.pose_covariance[0, 0]) > 0.03


@pytest.mark.parametrize('lie', [1e-2, 1e-4, 1e-9])
def test_a_covariance_far_too_good_is_made_up_for_and_said(drive, lie):
    def edit(message):
        message.position_covariance = message.position_covariance * lie

    run = localized(drive, edited(FIX, edit))
    assert_answers_go_on(run, end_ns(drive))
    assert 'gnss: fixes scatter ' in run.problems
    fixes = next(item for item in run.localizer.health().sources if item.source is FIX)
    assert fixes.tally.contradicting <= 12  # until it is known how far they scatter
    assert run.localizer.health().mode is Mode.ALIGNED
    assert error_m(drive, run.answers[-1]) < 4.0


def test_a_fix_that_does_not_know_how_good_it_is_counts_as_configured(drive):
    runs = [localized(drive, edited(FIX, setting('position_covariance_type', 0)),
                      gnss__deviation_m=deviation_m) for deviation_m in (1.0, 5.0)]
    deviations = [np.sqrt(run.answers[-1].map_pose.pose_covariance[0, 0]) for run in runs]
    assert 3.0 < deviations[1] / deviations[0] < 6.0


@pytest.mark.parametrize('status', [-1, -2])
def test_fixes_without_a_fix_are_not_believed(drive, status):
    run = localized(drive, edited(FIX, setting('status.status', status)))
    assert_answers_go_on(run, end_ns(drive))
    assert 'gnss: the receiver has no fix' in run.problems
    assert run.localizer.health().mode is Mode.DEAD_RECKONING


def test_a_fix_lost_on_the_way_is_said(drive):
    run = localized(drive, edited(FIX, setting('status.status', -1), after_s=3.0))
    assert_answers_go_on(run, end_ns(drive))
    assert 'no usable fix for 4 s: dead reckoning' in run.problems
    assert error_m(drive, run.answers[-1]) < 5.0


WRONG_IMUS = {
    'in g': (scaled(1.0 / 9.80665), 'about 9.8 m/s^2 of gravity, got', '(in g)'),
    'in mg': (scaled(1000.0 / 9.80665), 'about 9.8 m/s^2 of gravity, got', '(in mg or cm/s^2)'),
    'in cm/s^2': (scaled(100.0), 'about 9.8 m/s^2 of gravity, got', '(in mg or cm/s^2)'),
    'of nothing': (scaled(0.0), 'about 9.8 m/s^2 of gravity, got 0', ''),
    'upside down': (scaled(-1.0), "expected gravity along the base frame's z", 'upside down'),
    'in degrees': (scaled(rates=57.29578), 'angular velocity: expected rad/s that fit gravity',
                   'degrees per second'),
}


@pytest.mark.parametrize('name', WRONG_IMUS)
def test_an_imu_that_contradicts_gravity_is_refused_and_named(drive, name):
    edit, *texts = WRONG_IMUS[name]
    run = localized(drive, edited(IMU, edit))
    assert_answers_go_on(run, end_ns(drive), gap_ms=300 if name == 'in degrees' else 20)
    for text in (NO_IMU, 'imu: ', *texts):
        assert text in run.problems
    assert error_m(drive, run.answers[-1]) < 4.0


@pytest.mark.parametrize('name', ['in g', 'upside down', 'in degrees'])
def test_an_imu_that_goes_wrong_on_the_way_is_refused(name):
    ridden = ride(13.0, 1)
    edit, *texts = WRONG_IMUS[name]
    run = localized(ridden, edited(IMU, edit, after_s=5.0))
    assert_answers_go_on(run, end_ns(ridden), gap_ms=1000 if name == 'in degrees' else 20)
    for text in (NO_IMU, *texts):
        assert text in run.problems
    for answer in run.answers[-150:]:
        assert error_m(ridden, answer) < 5.0
        yaw = yaw_of(answer.map_pose.T_frame_child) - yaw_of(ridden.truth(answer.stamp_ns)[0])
        assert abs(np.degrees(wrap_angle(yaw))) < 6.0


def test_repeated_messages_are_used_once_and_said(drive):
    def twice(said):
        return [(said.arrival_ns, said.message()), (said.arrival_ns, said.message())]

    run, once = localized(drive, twice), localized(drive)
    assert_answers_go_on(run, end_ns(drive))
    for source in ('imu', 'gnss', 'gnss velocity', 'wheels'):
        assert f'\n{source}: ' in '\n' + run.problems
    assert 'imu: 701 of the last 1402 messages came twice' in run.problems
    np.testing.assert_array_equal(
        run.answers[-1].map_pose.T_frame_child, once.answers[-1].map_pose.T_frame_child)


@pytest.mark.parametrize('source', [IMU, FIX, WHEELS])
def test_a_gap_of_one_sensor_is_bridged(drive, source):
    gap = [said for said in drive.said
           if said.source is not source or not 3.0 < said.time_s < 4.5]
    run = localized(drive.with_said(gap))
    assert_answers_go_on(run, end_ns(drive))
    assert error_m(drive, run.answers[-1]) < 4.0
    assert run.problems == ''


def test_a_gap_of_all_sensors_is_bridged():
    ridden = ride(10.0, 1)
    gap = ridden.with_said(
        said for said in ridden.said if not 4.0 < said.time_s < 7.0)
    run = localized(gap)
    stamps = np.array([answer.stamp_ns for answer in run.answers])
    assert np.diff(stamps).max() <= 1.1 * NS_PER_S
    assert error_m(ridden, run.answers[-1]) < 5.0


def test_a_message_every_now_and_then_lost_or_out_of_order_does_no_harm(drive):
    rng = np.random.default_rng(3)
    shaken = [said._replace(arrival_ns=said.arrival_ns + int(rng.exponential(10e6)))
              for said in drive.said if rng.random() > 0.2]
    run = localized(drive.with_said(shaken))
    assert_answers_go_on(run, end_ns(drive))
    assert error_m(drive, run.answers[-1]) < 4.0


def far_away(after_s, until_s=math.inf):
    def change(said):
        message = said.message()
        if said.source is FIX and after_s < said.time_s < until_s:
            message.latitude += 1.8  # 200 km
        return [(said.arrival_ns, message)]
    return change


def test_a_jump_of_200_km_is_refused(drive):
    run = localized(drive, far_away(4.0, 5.5))
    assert_answers_go_on(run, end_ns(drive))
    assert max(error_m(drive, answer) for answer in run.answers[100:]) < 4.0
    assert 'contradict the motion' in run.problems


def test_one_that_stays_is_believed_after_a_while():
    ridden = ride(11.0, 1)
    run = localized(ridden, far_away(5.0), gnss__reacquire_s=3.0)
    assert_answers_go_on(run, end_ns(ridden))
    errors = np.array([error_m(ridden, answer) for answer in run.answers])
    seconds = np.array([(answer.stamp_ns - START_NS) / NS_PER_S for answer in run.answers])
    assert errors[(seconds > 2.0) & (seconds < 7.5)].max() < 5.0
    np.testing.assert_allclose(errors[seconds > 9.0], 2.0e5, rtol=0.01)


def test_without_gnss_it_reckons_and_says_so(drive):
    run = localized(drive, quiet=(FIX, VELOCITY))
    assert_answers_go_on(run, end_ns(drive))
    assert 'no GNSS: dead reckoning from where it began' in run.problems
    assert 'gnss: no message on /sensing/gnss/fix yet' in run.problems
    assert run.answers[-1].fix is None
    T = run.answers[-1].odometry.T_frame_child
    begin, end = (drive.truth(run.answers[number].stamp_ns)[0] for number in (0, -1))
    assert np.linalg.norm(T[:2, 3]) == pytest.approx(
        np.linalg.norm(end[:2, 3] - begin[:2, 3]), rel=0.05)


def test_without_an_imu_it_says_so(drive):
    run = localized(drive, quiet=(IMU,))
    assert_answers_go_on(run, end_ns(drive))
    assert NO_IMU in run.problems
    assert 'imu: no message on /sensing/imu/data yet' in run.problems
    assert error_m(drive, run.answers[-1]) < 4.0


@pytest.mark.parametrize('quiet', [(WHEELS,), (WHEELS, VELOCITY), (IMU, WHEELS),
                                   (IMU, FIX, VELOCITY), (FIX, VELOCITY, WHEELS),
                                   (IMU, VELOCITY, WHEELS)])
def test_whatever_is_missing_answers_go_on(drive, quiet):
    run = localized(drive, quiet=quiet)
    assert_answers_go_on(run, end_ns(drive))
    for source, topic in ((IMU, '/sensing/imu/data'), (FIX, '/sensing/gnss/fix'),
                          (VELOCITY, '/sensing/gnss/vel'), (WHEELS, '/vehicle/twist')):
        is_told = f'{source.value}: no message on {topic} yet' in run.problems
        assert is_told == (source in quiet)
    if FIX not in quiet and VELOCITY not in quiet:
        assert error_m(drive, run.answers[-1]) < 4.0


def test_an_imu_that_dies_at_once_is_not_waited_for(drive):
    said = [item for item in drive.said if item.source is not IMU or item.time_s < 0.2]
    run = localized(drive.with_said(said))
    assert_answers_go_on(run, end_ns(drive))
    assert NO_IMU in run.problems
    assert 'imu: silent for' in run.problems


def test_sensors_that_fall_silent_are_named(drive):
    said = [item for item in drive.said if item.source is not WHEELS or item.time_s < 3.0]
    run = localized(drive.with_said(said))
    assert 'wheels: silent for 4 s on /vehicle/twist' in run.problems


def test_with_no_message_at_all_it_says_what_it_waits_for(drive):
    run = localized(drive.with_said([]))
    assert run.answers == []
    assert 'imu: no message on /sensing/imu/data yet' in run.problems


@pytest.mark.parametrize('source', [IMU, FIX, VELOCITY, WHEELS])
def test_zero_stamps_are_refused(drive, source):
    def edit(message):
        message.header.stamp.sec = message.header.stamp.nanosec = 0

    run = localized(drive, edited(source, edit))
    assert_answers_go_on(run, end_ns(drive))
    assert f'{source.value}: ' in run.problems
    assert 'messages have stamps of another time' in run.problems


@pytest.mark.parametrize(('shift_s', 'clock'), [
    (-1_000_000, 'an unknown clock'), (1_000_000, 'an unknown clock'),
    (37, 'TAI (37 s ahead of UTC)'), (-1_699_990_000, 'time since boot')])
@pytest.mark.parametrize('source', [IMU, FIX, WHEELS])
def test_stamps_of_another_clock_are_refused_and_the_clock_is_named(
        drive, source, shift_s, clock):
    run = localized(drive, edited(source, stamped(shift_s)))
    assert_answers_go_on(run, end_ns(drive))
    text = f'{source.value}: stamps: expected the clock of the other sensors, got {clock}'
    assert text in run.problems
    if source is not FIX:
        assert error_m(drive, run.answers[-1]) < 4.0


@pytest.mark.parametrize('ahead_s', [0.4, 3.0])
@pytest.mark.parametrize('source', [IMU, FIX, WHEELS])
def test_a_sensor_ahead_of_its_arrivals_is_refused_and_the_others_are_not_late(
    drive, source, ahead_s
):
    def early(message):
        message.header.stamp.sec += int(ahead_s)
        message.header.stamp.nanosec += round(ahead_s % 1.0 * NS_PER_S)
        if message.header.stamp.nanosec >= NS_PER_S:
            message.header.stamp.sec += 1
            message.header.stamp.nanosec -= NS_PER_S

    run = localized(drive, edited(source, early))
    lead_s = ahead_s - 0.01 if source is not FIX else ahead_s - 0.08
    text = f'{source.value}: stamps: expected the clock of the other sensors, got '
    assert text in run.problems
    seen_s = float(run.problems.split(text)[1].split(' s in the future')[0])
    assert seen_s == pytest.approx(lead_s, abs=0.1)
    assert_answers_go_on(run, end_ns(drive), gap_ms=500)
    assert 'came too late' not in run.problems
    assert run.answers[-1].stamp_ns <= end_ns(drive)
    if source is not FIX:
        assert error_m(drive, run.answers[-1]) < 4.0


@pytest.mark.parametrize('ahead_s', [1, 3, 4])
def test_when_all_are_as_far_ahead_none_is_refused(drive, ahead_s):
    def change(said):
        message = said.message()
        stamped(ahead_s)(message)
        return [(said.arrival_ns, message)]

    run = localized(drive, change)
    assert 'expected the clock of the other sensors' not in run.problems
    assert 'stamps: expected before the arrival' in run.problems
    assert run.localizer.health().mode is Mode.ALIGNED
    for source in run.localizer.health().sources:
        assert source.misstamped == 0


def test_after_beginning_anew_health_is_gentle_again(drive):
    def change(said):
        message = said.message()
        if said.time_s > 6.0:
            stamped(-100)(message)
        return [(said.arrival_ns, message)]

    assert 0.5 < localized(drive, change).localizer.health().running_s < 1.1


@pytest.mark.parametrize('source', [IMU, FIX, VELOCITY, WHEELS])
def test_a_wild_first_stamp_does_no_harm(drive, source):
    first = next(said for said in drive.said if said.source is source)

    def wild(said):
        message = said.message()
        if said is first:
            stamped(100_000_000)(message)
        return [(said.arrival_ns, message)]

    run = localized(drive, wild)
    assert_answers_go_on(run, end_ns(drive))
    assert error_m(drive, run.answers[-1]) < 4.0


def test_when_all_stamps_are_of_another_clock_they_count(drive):
    def change(said):
        message = said.message()
        stamped(-315_964_782)(message)
        return [(said.arrival_ns, message)]

    run = localized(drive, change)
    assert (run.rates_hz() == 50).all()
    assert run.localizer.health().mode is Mode.ALIGNED
    assert START_NS - run.answers[-1].stamp_ns == pytest.approx(3.16e17, rel=0.01)


@pytest.mark.parametrize('by_arrival', [True, False], ids=['arrivals step back', 'they go on'])
def test_a_looping_bag_begins_anew(drive, by_arrival):
    length_ns = 8 * NS_PER_S
    arrivals = [0 if by_arrival else loop * length_ns for loop in range(2)]
    looped = drive.with_said([])
    said = [item._replace(arrival_ns=item.arrival_ns + shift_ns)
            for shift_ns in arrivals for item in drive.said]
    object.__setattr__(looped, 'said', tuple(said))  # in this order
    run = localized(looped)
    stamps = np.array([answer.stamp_ns for answer in run.answers])
    backwards = np.flatnonzero(np.diff(stamps) < 0)
    assert len(backwards) == 1
    assert run.problems == ''
    assert run.localizer.health().mode is Mode.ALIGNED
    once = localized(drive)
    assert error_m(drive, run.answers[-1]) == pytest.approx(
        error_m(drive, once.answers[-1]), abs=0.5)
    assert len(run.answers) > 1.8 * len(once.answers)
    odom = run.answers[backwards[0] + 1].odometry.T_frame_child
    np.testing.assert_allclose(odom[:2, 3], 0.0, atol=0.5)


def test_a_missing_transform_is_waited_for_and_then_taken_as_none(drive):
    run = localized(drive, mounts={})
    assert_answers_go_on(run, end_ns(drive))
    for source, frame in (('imu', 'imu_link'), ('gnss', 'gnss_antenna')):
        text = f'{source}: transform from {frame} to base_link: expected a chain of frames'
        assert text in run.problems
    assert run.problems.count('; it is taken to sit in the base frame') == 3
    imu = run.localizer.health().sources[0]
    assert 150 < imu.held_back < 250
    height_m = run.answers[-1].map_pose.T_frame_child[2, 3]
    good = localized(drive).answers[-1].map_pose.T_frame_child[2, 3]
    assert height_m - good == pytest.approx(WHERE_GNSS_SITS[2], abs=0.3)


def test_a_mounting_in_parameters_needs_no_transform(drive):
    run = localized(
        drive, mounts={}, imu__mounting=WHERE_IMU_SITS, gnss__mounting=WHERE_GNSS_SITS)
    assert_answers_go_on(run, end_ns(drive))
    assert run.problems == ''
    np.testing.assert_allclose(
        run.answers[-1].map_pose.T_frame_child,
        localized(drive).answers[-1].map_pose.T_frame_child, atol=1e-9)


def test_an_imu_that_is_mounted_turned_is_read_so():
    ridden = ride(7.0, 1)

    def turned(message):
        for vector in (message.angular_velocity, message.linear_acceleration):
            vector.x, vector.y, vector.z = -vector.x, vector.y, -vector.z

    run = localized(ridden, edited(IMU, turned),
                    imu__mounting=(0.6, 0.1, 0.5, 0.0, 180.0, 0.0))
    np.testing.assert_allclose(
        run.answers[-1].map_pose.T_frame_child,
        localized(ridden).answers[-1].map_pose.T_frame_child, atol=1e-6)


def test_stamps_by_arrival_serve_where_headers_cannot(drive):
    def edit(said):
        message = said.message()
        message.header.stamp.sec = message.header.stamp.nanosec = 0
        return [(said.arrival_ns, message)]

    run = localized(drive, edit, imu__stamp_source='arrival', gnss__stamp_source='arrival',
                    wheels__stamp_source='arrival')
    assert_answers_go_on(run, end_ns(drive))
    assert 'stamps of another time' not in run.problems
    assert error_m(drive, run.answers[-1]) < 4.5


def test_an_offset_makes_up_for_a_wrong_clock(drive):
    def late(message):
        message.header.stamp.sec += 1

    run = localized(drive, edited(FIX, late), quiet=(VELOCITY,), gnss__offset_ms=-1000.0)
    np.testing.assert_array_equal(
        run.answers[-1].map_pose.T_frame_child,
        localized(drive, quiet=(VELOCITY,)).answers[-1].map_pose.T_frame_child)


def test_standing_all_along_says_what_is_missing():
    ridden = standing(7.0)
    run = localized(ridden)
    assert_answers_go_on(run, end_ns(ridden))
    assert run.problems == (
        'the direction on the map is not known yet: drive some metres with a fix')
    assert run.localizer.health().yaw_deviation_deg > 100.0


def test_a_fix_every_second_is_enough():
    ridden = ride(12.0, 1, way=SpeedProfile(9.0))
    seldom = ridden.with_said(
        said for said in ridden.said
        if said.source not in (FIX, VELOCITY) or not said.data.stamp_ns % NS_PER_S)
    run = localized(seldom)
    assert_answers_go_on(run, end_ns(ridden))
    assert run.problems == ''
    assert error_m(ridden, run.answers[-1]) < 4.0
