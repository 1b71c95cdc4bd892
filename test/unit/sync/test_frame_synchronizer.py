# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Which messages belong together, and when waiting ends. Times are in ms, payloads are numbers.
"""

from __future__ import annotations

from itertools import pairwise

import pytest

from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.stamps import ClockKind, NS_PER_MS
from mm_fusion_ros.sync import FrameSynchronizer, SensorSpec, SyncSettings

BASE_MS = 1_700_000_000_000
LIDAR = SensorSpec('lidar', 'lidar', 50 * NS_PER_MS)
CAMERA = SensorSpec('camera', 'camera', 50 * NS_PER_MS)
CAMERA_2 = SensorSpec('camera_2', 'camera', 50 * NS_PER_MS)
IMU = SensorSpec('imu', 'window', 100 * NS_PER_MS)


class Rig:
    """
    A synchroniser that is fed in ms after a base.
    """

    def __init__(self, *sensors, base_ms=BASE_MS, **settings):
        self.base_ms = base_ms
        self.sync = FrameSynchronizer(sensors, SyncSettings(**settings))
        self.number = 0

    def add(self, sensor, stamp, arrival):
        self.number += 1
        return self.sync.add(sensor, self.ns(stamp), self.number, self.ns(arrival))

    def poll(self, now):
        return self.sync.poll(self.ns(now))

    def ns(self, time):
        return round((self.base_ms + time) * NS_PER_MS)

    def ms(self, time_ns):
        return time_ns / NS_PER_MS - self.base_ms

    def counts(self, sensor):
        return next(s for s in self.sync.statistics() if s.name == sensor).counts

    def warm_up(self, *sensors, periods=10):
        """
        10 Hz of each sensor, each 10 ms after its stamp, the first sensor last; ends at 900.
        """
        found = []
        for period in range(periods):
            for sensor in reversed(sensors):
                found += self.add(sensor, 100 * period, 100 * period + 10)
        return found


def offsets(match):
    return {
        m.name: None if m.offset_ns is None else m.offset_ns / NS_PER_MS for m in match.members}


def test_a_match_holds_one_message_of_each_sensor_in_configured_order():
    rig = Rig(CAMERA, LIDAR)
    assert rig.add('camera', 2, 12) == []
    assert rig.add('lidar', 0, 15)[0].complete
    rig.add('lidar', 100, 115)
    (match,) = rig.add('camera', 103, 117)
    assert (match.reference, match.complete) == ('lidar', True)
    assert [m.name for m in match.members] == ['camera', 'lidar']
    assert [m.samples[0].payload for m in match.members] == [4, 3]
    assert offsets(match) == {'camera': 3.0, 'lidar': 0.0}
    assert [m.age_ns / NS_PER_MS for m in match.members] == [0.0, 2.0]
    assert (rig.ms(match.arrival_ns), rig.ms(match.emitted_ns)) == (115, 117)
    assert match.waited_ns == 2 * NS_PER_MS


def test_the_nearest_of_several_is_taken_and_the_others_are_superseded():
    rig = Rig(LIDAR, CAMERA)
    for stamp in (60, 90, 130):
        rig.add('camera', stamp, stamp + 5)
    (match,) = rig.add('lidar', 100, 140)
    assert offsets(match)['camera'] == -10.0
    rig.sync.flush()
    counts = rig.counts('camera')
    assert (counts.used, counts.superseded) == (1, 2)


def test_of_two_equally_near_the_older_is_taken():
    rig = Rig(LIDAR, CAMERA)
    rig.add('camera', 90, 95)
    rig.add('camera', 110, 115)
    assert offsets(rig.add('lidar', 100, 120)[0])['camera'] == -10.0


@pytest.mark.parametrize(('stamp', 'present'), [(50, True), (49, False)])
def test_the_tolerance_is_inclusive(stamp, present):
    rig = Rig(LIDAR, CAMERA)
    rig.add('camera', stamp, stamp + 1)
    rig.add('camera', 151, 152)
    assert rig.add('lidar', 100, 160)[0].members[1].present is present


def test_a_partner_serves_several_slots_and_is_used_once():
    rig = Rig(LIDAR, CAMERA)
    rig.add('camera', 100, 101)
    found = [m for t in (90, 110) for m in rig.add('lidar', t, t + 20)]
    found += rig.sync.flush()
    assert [m.members[1].samples[0].stamp_ns for m in found] == [rig.ns(100)] * 2
    assert rig.counts('camera').used == 1


def test_what_never_came_is_waited_for_until_the_deadline_only_at_startup():
    rig = Rig(LIDAR, CAMERA)
    assert rig.add('lidar', 0, 10) == []
    assert rig.sync.next_deadline_ns() == rig.ns(60)
    assert rig.poll(59.9) == []
    (match,) = rig.poll(75)
    assert rig.ms(match.emitted_ns) == 60, 'the instant it was due, not that of the call'
    assert (match.members[1].present, match.members[1].age_ns) == (False, None)
    for stamp in range(100, 1000, 100):
        assert [rig.ms(m.emitted_ns) for m in
                (*rig.add('lidar', stamp, stamp + 10), *rig.poll(stamp + 99))] == [stamp + 60]
    assert rig.add('lidar', 1000, 1010), 'startup is over: at once'


def test_a_dead_partner_is_not_waited_for_after_three_periods():
    rig = Rig(LIDAR, CAMERA)
    rig.warm_up('lidar', 'camera')
    waits = []
    for stamp in range(1000, 1500, 100):
        found = [*rig.add('lidar', stamp, stamp + 10), *rig.poll(stamp + 99)]
        waits += [m.waited_ns / NS_PER_MS for m in found]
        assert not found[0].members[1].present
        assert rig.ms(rig.ns(found[0].members[1].age_ns / NS_PER_MS)) >= 100
    assert waits == [50, 50, 0, 0, 0]
    rig.add('camera', 1495, 1505)
    assert rig.add('lidar', 1500, 1510)[0].complete is True


def test_a_better_partner_that_is_expected_is_waited_for_no_longer_than_needed():
    rig = Rig(LIDAR, CAMERA)
    for period in range(10):
        rig.add('lidar', 100 * period, 100 * period + 10)
        rig.add('camera', 100 * period + 5, 100 * period + 15)
    assert rig.add('lidar', 1000, 1010) == []
    (match,) = rig.add('camera', 1005, 1015)
    assert (offsets(match)['camera'], rig.ms(match.emitted_ns)) == (5, 1015)


def test_stamps_80_ms_ahead_are_matched_with_the_frame_before_without_waiting():
    rig = Rig(LIDAR, CAMERA)
    found = []
    for period in range(20):
        found += rig.add('lidar', 100 * period, 100 * period + 10)
        found += rig.add('camera', 100 * period + 80, 100 * period + 90)
    settled = found[6:]
    assert len(settled) >= 13
    assert {(offsets(m)['camera'], m.waited_ns) for m in settled} == {(-20.0, 0)}


def test_arrival_80_ms_late_keeps_the_deadline_then_is_not_waited_for():
    rig = Rig(LIDAR, CAMERA)
    events = sorted(
        [(100 * p + 10, 'lidar', 100 * p) for p in range(20)]
        + [(100 * p + 90, 'camera', 100 * p) for p in range(20)])
    found = [m for arrival, name, stamp in events for m in rig.add(name, stamp, arrival)]
    found += rig.sync.flush()
    assert len(found) == 20
    assert not any(m.members[1].present for m in found)
    assert max(m.waited_ns for m in found) == 50 * NS_PER_MS
    assert {m.waited_ns for m in found[6:]} == {0}
    assert rig.counts('camera').late == 20


def test_a_window_sensor_gives_all_samples_of_the_span_once():
    rig = Rig(LIDAR, IMU)
    events = sorted([(10 * k + 1, 'imu', 10 * k) for k in range(45)]
                    + [(100 * p + 20, 'lidar', 100 * p) for p in range(1, 4)])
    found = [m for arrival, name, stamp in events for m in rig.add(name, stamp, arrival)]
    stamps = [[rig.ms(s.stamp_ns) for s in m.members[1].samples] for m in found]
    assert stamps == [list(range(10 + 100 * p, 110 + 100 * p, 10)) for p in range(3)]
    assert offsets(found[0])['imu'] == 0
    rig.sync.flush()
    counts = rig.counts('imu')
    assert (counts.used, counts.unmatched, counts.total) == (30, 15, 45)


def test_a_window_sample_of_an_emitted_span_is_late():
    rig = Rig(LIDAR, IMU)
    rig.add('imu', 80, 81)
    rig.add('lidar', 100, 101)
    assert rig.poll(151)[0].members[1].present
    rig.add('imu', 95, 160)
    assert rig.counts('imu').late == 1


def test_a_fast_sensor_that_arrives_in_batches_is_not_taken_for_silent():
    rig = Rig(LIDAR, IMU)
    for stamp in range(0, 200, 10):
        rig.add('imu', stamp, 50 * (stamp // 50) + 50)
    assert rig.add('lidar', 205, 235) == [], '35 ms of silence are three periods, but one batch'
    found = [m for stamp in range(200, 250, 10) for m in rig.add('imu', stamp, 249)]
    assert [s.payload for s in found[0].members[1].samples][-1] == 22


def test_a_constant_offset_is_added_to_the_stamps():
    rig = Rig(LIDAR, SensorSpec('camera', 'camera', 50 * NS_PER_MS, -80 * NS_PER_MS))
    rig.add('camera', 180, 105)
    assert offsets(rig.add('lidar', 100, 110)[0])['camera'] == 0


def test_a_silent_lidar_hands_over_to_a_camera_at_its_rate_and_takes_back():
    rig = Rig(LIDAR, CAMERA)
    events = [(50 * k + 15, 'camera', 50 * k) for k in range(80)]
    events += [(100 * p + 20, 'lidar', 100 * p) for p in range(40) if not 10 <= p < 25]
    found = []
    for arrival, name, stamp in sorted(events):
        found += rig.add(name, stamp, arrival)
    leaders = [m.reference for m in found]
    first = leaders.index('camera')
    assert rig.ms(found[first - 1].stamp_ns) == 900
    assert rig.ms(found[first].emitted_ns) == 920 + 300
    stand_in = [m for m in found if m.reference == 'camera']
    steps = {(b.stamp_ns - a.stamp_ns) / NS_PER_MS
             for a, b in pairwise(stand_in)}
    assert steps == {100.0}
    assert set(leaders[first + len(stand_in):]) == {'lidar'}
    assert rig.ms(found[first + len(stand_in)].stamp_ns) <= 2600
    assert [m.stamp_ns for m in found] == sorted({m.stamp_ns for m in found})


def test_a_lidar_that_returns_behind_the_camera_leads_from_its_next_message():
    rig = Rig(LIDAR, CAMERA)
    events = [(100 * k + 15, 'camera', 100 * k + 5) for k in range(40)]
    events += [(100 * p + 60, 'lidar', 100 * p) for p in range(40) if not 10 <= p < 25]
    found = []
    for arrival, name, stamp in sorted(events):
        found += rig.add(name, stamp, arrival)
    back = next(m for m in found if rig.ms(m.stamp_ns) >= 2500)
    assert (back.reference, back.complete) == ('camera', False), 'nobody waits for the dead'
    assert {m.reference for m in found if rig.ms(m.stamp_ns) >= 2590} == {'lidar'}


def test_a_camera_leads_after_startup_if_no_lidar_ever_came():
    rig = Rig(LIDAR, CAMERA)
    found = [m for k in range(15) for m in rig.add('camera', 100 * k, 100 * k + 10)]
    assert rig.ms(found[0].stamp_ns) == 900, 'the newest there was'
    assert [m.reference for m in found] == ['camera'] * len(found)
    assert rig.ms(found[0].emitted_ns) == 1010


def test_cameras_alone_need_no_startup_and_the_next_one_stands_in():
    rig = Rig(CAMERA, CAMERA_2)
    found = rig.warm_up('camera', 'camera_2')
    assert {m.reference for m in found} == {'camera'}
    found = [m for k in range(10, 16) for m in rig.add('camera_2', 100 * k, 100 * k + 10)]
    assert {m.reference for m in found} == {'camera_2'}


def test_nothing_is_emitted_while_all_are_silent_and_whoever_speaks_then_leads():
    rig = Rig(LIDAR, CAMERA)
    rig.warm_up('lidar', 'camera')
    assert rig.poll(5000) == []
    assert rig.sync.next_deadline_ns() is None
    assert [m.reference for m in rig.add('camera', 5000, 5010)] == ['camera']


def test_a_named_reference_leads():
    rig = Rig(LIDAR, CAMERA, reference='camera')
    assert {m.reference for m in rig.warm_up('lidar', 'camera')} == {'camera'}


@pytest.mark.parametrize(
    ('stamp', 'fate'), [(900, 'duplicate'), (850, 'out_of_order'), (90_000, 'invalid_stamp')])
def test_a_message_that_cannot_be_next_is_refused_and_counted(stamp, fate):
    rig = Rig(LIDAR, CAMERA, base_ms=10_000_000)
    rig.warm_up('lidar', 'camera')
    before = getattr(rig.counts('camera'), fate)
    rig.add('camera', stamp, 950)
    assert getattr(rig.counts('camera'), fate) == before + 1
    rig.add('camera', 1000, 1005)
    assert rig.add('lidar', 1000, 1010)[0].complete


@pytest.mark.parametrize('stamp_ns', [0, -5])
def test_a_stamp_that_is_not_positive_is_invalid(stamp_ns):
    rig = Rig(LIDAR)
    assert rig.sync.add('lidar', stamp_ns, 1, rig.ns(0)) == []
    assert rig.counts('lidar').invalid_stamp == 1
    assert rig.sync.statistics()[0].clock is ClockKind.ZERO


@pytest.mark.parametrize(('shift_s', 'kind'), [
    (37, ClockKind.TAI), (-315_964_782, ClockKind.GPS), (-1_699_999_000, ClockKind.UPTIME),
    (3600, ClockKind.UNKNOWN)])
def test_stamps_of_an_alien_clock_are_named_and_invalid_while_others_are_sensible(shift_s, kind):
    rig = Rig(LIDAR, CAMERA)
    found = []
    for k in range(30):
        found += rig.add('camera', 100 * k, 100 * k + 10)
        found += rig.add('lidar', 100 * k + 1000 * shift_s, 100 * k + 15)
    assert rig.counts('lidar').invalid_stamp == 30
    assert rig.sync.statistics()[0].clock is kind
    assert {m.reference for m in found} == {'camera'}
    assert len(found) >= 20


def test_one_clock_that_differs_from_the_receiver_serves_if_all_share_it():
    rig = Rig(LIDAR, CAMERA)
    found = []
    for k in range(10):
        found += rig.add('camera', 100 * k, 100 * k + 10 + 10**9)
        found += rig.add('lidar', 100 * k, 100 * k + 15 + 10**9)
    assert [m.complete for m in found] == [True] * 10


def test_a_looped_bag_starts_over_and_answers_as_the_first_time():
    rig = Rig(LIDAR, CAMERA)
    first = rig.warm_up('lidar', 'camera', periods=20)
    rig.add('lidar', 2000, 2010)
    second = rig.add('camera', 0, 10)
    assert [(rig.ms(m.stamp_ns), m.complete) for m in second] == [(2000, False)]
    second += rig.add('lidar', 0, 10)
    for k in range(1, 20):
        second += rig.add('camera', 100 * k, 100 * k + 10)
        second += rig.add('lidar', 100 * k, 100 * k + 10)
    assert [(m.stamp_ns, m.emitted_ns, offsets(m)) for m in second[1:]] == [
        (m.stamp_ns, m.emitted_ns, offsets(m)) for m in first]
    rig.sync.flush()
    for s in rig.sync.statistics():
        assert (s.pending, s.counts.total) == (0, s.received)
    assert rig.counts('lidar').used == 41


def test_polling_after_a_jump_back_emits_what_is_open():
    rig = Rig(LIDAR, CAMERA)
    rig.add('lidar', 5000, 5010)
    assert len(rig.poll(100)) == 1
    assert rig.poll(100) == []
    assert rig.sync.next_deadline_ns() is None


def test_a_loop_seen_only_in_the_stamps_starts_over_at_the_second_message():
    rig = Rig(LIDAR, CAMERA, base_ms=10_000_000)
    found = []
    for k in range(60):
        stamp, arrival = 100 * (k % 30), 100 * k + 10 + 10**9
        found += rig.add('camera', stamp, arrival)
        found += rig.add('lidar', stamp, arrival)
    assert len(found) >= 58
    assert all(m.complete for m in found[-25:])


def test_a_partner_whose_stamps_step_back_starts_over_alone():
    rig = Rig(LIDAR, CAMERA)
    rig.warm_up('lidar', 'camera', periods=30)
    for k in range(30, 33):
        rig.add('camera', 100 * k - 2000, 100 * k + 5)
        rig.add('lidar', 100 * k, 100 * k + 10)
        rig.poll(100 * k + 90)
    rig.sync.flush()
    counts = rig.counts('camera')
    assert (counts.invalid_stamp, counts.total) == (1, 33)
    assert rig.counts('lidar').used == 33


def test_output_returns_after_a_lidar_stepped_into_the_future_and_died():
    rig = Rig(LIDAR, CAMERA, base_ms=10_000_000, clock_jump_ns=100 * NS_PER_MS)
    rig.warm_up('lidar', 'camera')
    rig.add('lidar', 4000, 1010)
    rig.add('lidar', 4100, 1020)
    found = [m for k in range(14, 30) for m in rig.add('camera', 100 * k, 100 * k + 10)]
    assert [m.reference for m in found]== ['camera'] * 7, 'after another startup'


def test_what_is_pushed_out_of_a_full_buffer_is_counted():
    rig = Rig(LIDAR, CAMERA, buffer_size=3)
    for k in range(8):
        rig.add('camera', 10 * k, 10 * k + 1)
    assert rig.sync.statistics()[1].pending == 3
    assert rig.counts('camera').unmatched == 5


def test_a_reference_pushed_out_of_its_buffer_still_answers():
    rig = Rig(LIDAR, CAMERA, buffer_size=1)
    found = [m for k in range(3) for m in rig.add('lidar', 10 * k, 10 * k)] + rig.sync.flush()
    assert [m.members[0].present for m in found] == [True] * 3
    assert rig.counts('lidar').used == 3


def test_open_matches_are_bounded_where_time_stands_still():
    rig = Rig(LIDAR, CAMERA)
    found = [m for k in range(100) for m in rig.add('lidar', 10 * k, 500)]
    assert len(found) == 68
    assert len(found + rig.sync.flush()) == 100


def test_a_message_forgotten_by_history_is_unmatched():
    rig = Rig(LIDAR, CAMERA, max_wait_ns=0)
    for k in range(600):
        rig.add('lidar', 100 * k, 100 * k + 1)
    rig.add('camera', 58_000, 60_000)
    rig.sync.flush()
    assert rig.counts('camera').late == 1
    assert rig.counts('lidar').used == 600


def test_reset_forgets_everything():
    rig = Rig(LIDAR, CAMERA)
    rig.warm_up('lidar', 'camera')
    rig.sync.reset()
    assert rig.sync.statistics() == FrameSynchronizer([LIDAR, CAMERA]).statistics()
    assert rig.sync.flush() == []


def test_period_jitter_and_delay_are_reported():
    rig = Rig(LIDAR)
    for k in range(40):
        rig.add('lidar', 100 * k + (k % 2), 100 * k + 21)
    (s,) = rig.sync.statistics()
    assert s.period_ns in (99 * NS_PER_MS, 101 * NS_PER_MS)
    assert s.jitter_ns in (0, 2 * NS_PER_MS)
    assert 20 * NS_PER_MS <= s.delay_ns <= s.delay_p99_ns == 21 * NS_PER_MS
    assert (s.clock, rig.ms(s.last_stamp_ns)) == (ClockKind.SAME, 3901)


@pytest.mark.parametrize(('build', 'text'), [
    (lambda: FrameSynchronizer([LIDAR, LIDAR]), 'sensor names: expected each once, got lidar, '),
    (lambda: FrameSynchronizer([IMU]), 'sensors: expected at least one lidar or camera, got imu'),
    (lambda: FrameSynchronizer([]), 'sensors: expected at least one lidar or camera, got none'),
    (lambda: FrameSynchronizer([LIDAR, IMU], SyncSettings(reference='imu')),
     'sync reference: expected one of lidar, got imu'),
    (lambda: SensorSpec('x', 'radar'), 'kind of x: expected lidar, camera or window, got radar'),
    (lambda: SensorSpec('x', 'lidar', -1), 'tolerance of x: expected at least 0 ns, got -1'),
    (lambda: SyncSettings(max_wait_ns=-1), 'sync max_wait_ns: expected at least 0, got -1'),
    (lambda: FrameSynchronizer([LIDAR]).add('x', 1, 1, 1), 'sensor: expected one of lidar, got x'),
])
def test_bad_settings_are_named(build, text):
    with pytest.raises(ConfigError, match=f'^{text}'):
        build()


def refused(match):
    return {member.name: [fate.name for fate in member.refused] for member in match.members}


def test_messages_that_are_refused_are_told_with_the_next_match_and_no_later():
    rig = Rig(LIDAR, CAMERA)
    rig.warm_up(LIDAR.name, CAMERA.name)
    rig.add('camera', 900, 1000)
    rig.add('camera', 850, 1001)
    rig.add('camera', 0 - BASE_MS, 1002)
    rig.add('camera', 1000, 1010)
    (match,) = rig.add('lidar', 1000, 1011)
    assert refused(match) == {
        'lidar': [], 'camera': ['OUT_OF_ORDER', 'DUPLICATE', 'INVALID_STAMP']}
    assert match.complete
    rig.add('camera', 1100, 1110)
    (match,) = rig.add('lidar', 1100, 1111)
    assert refused(match) == {'lidar': [], 'camera': []}


def test_a_message_that_comes_after_its_match_is_told_as_late():
    rig = Rig(LIDAR, CAMERA)
    rig.warm_up(LIDAR.name, CAMERA.name)
    matches = rig.add('lidar', 1000, 1010) + rig.poll(1070)
    assert [refused(match)['camera'] for match in matches] == [[]]
    rig.add('camera', 1000, 1080)
    rig.add('camera', 1100, 1110)
    (match,) = rig.add('lidar', 1100, 1111)
    assert refused(match) == {'lidar': [], 'camera': ['LATE']}


def test_stamps_that_step_back_a_little_are_believed_after_a_while():
    rig = Rig(LIDAR, CAMERA)
    rig.warm_up(LIDAR.name, CAMERA.name)
    found = []
    for period in range(10, 20):
        stamp = 100 * period - 750  # what was 0.9 s is 0.25 s again
        found += rig.add('camera', stamp, 100 * period + 10)
        found += rig.add('lidar', stamp, 100 * period + 11)
    assert rig.counts('camera').out_of_order == 2
    assert [rig.ms(match.stamp_ns) for match in found[-8:]] == [*range(450, 1200, 100)]
    assert all(match.complete for match in found[-7:])


def test_a_bunch_of_overtaken_messages_is_not_a_step_back():
    rig = Rig(LIDAR)
    rig.warm_up(LIDAR.name)
    assert len(rig.add('lidar', 1300, 1310)) == 1
    found = []
    for stamp, arrival in ((1000, 1311), (1050, 1350), (1100, 1400), (1150, 1450)):
        found += rig.add('lidar', stamp, arrival)
    assert found == []
    assert rig.counts('lidar').out_of_order == 4
    assert [rig.ms(match.stamp_ns) for match in rig.add('lidar', 1400, 1460)] == [1400]


def test_what_was_refused_before_time_began_anew_is_not_told_after():
    rig = Rig(LIDAR)
    rig.warm_up(LIDAR.name)
    rig.add('lidar', 900, 920)
    rig.add('lidar', 850, 930)
    (match,) = rig.add('lidar', 0, 10 - 20_000)
    assert refused(match) == {'lidar': []}
