# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Ego poses over DDS: a turning vehicle is answered as if it had stood at each stamp."""

import time

import numpy as np
import pytest
from support import drive, ego_drive
from support.bench import Bench, TYPES

from mm_fusion_ros.bags.typestore import TYPESTORE
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S, split

pytestmark = pytest.mark.system

TURNING = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 1.0])  # on the spot, so that the car stays in sight
FRAMES = 8


def play(bench, messages, start_ns=None):
    """Send messages as they arrived; `start_ns` is what the wall clock shows now, if it does."""
    for topic in {topic for _, topic, _ in messages}:
        bench.publisher(topic)
    serialised = [
        (at_ns, topic, bytes(TYPESTORE.serialize_cdr(message, TYPES[topic])))
        for at_ns, topic, message in messages]
    late_ns = time.time_ns() - serialised[0][0] if start_ns is None else 0
    for at_ns, topic, raw in serialised:
        time.sleep(max(at_ns + late_ns - time.time_ns(), 0) / NS_PER_S)
        bench.send(topic, raw)


def drive_now(bench, *, poses_until_ms=None, **options):
    """Drive by the wall clock; give the reports of all sweeps and when the drive began."""
    start_ns = time.time_ns() + 2 * NS_PER_S  # made before it begins
    messages = ego_drive.messages(FRAMES, twist=TURNING, start_ns=start_ns, **options)
    if poses_until_ms is not None:
        end_ns = start_ns + poses_until_ms * NS_PER_MS
        messages = [m for m in messages if m[1] != ego_drive.ODOMETRY or m[0] < end_ns]
    play(bench, messages, start_ns)
    stamps = [start_ns + frame * drive.PERIOD_NS for frame in range(FRAMES)]
    return [bench.report(stamp_ns) for stamp_ns in stamps], start_ns


def uses(report):
    """Tell how good the poses of each sensor were, and what was said of them."""
    said = [text for text in report.warnings if 'ego' in text]
    return {sensor.name: sensor.ego_motion for sensor in report.sensors}, said


def off_m(bench, report, start_ns):
    """Give how far off the car is."""
    expected = ego_drive.car_at(report.stamp_ns, TURNING, start_ns)
    boxes = bench.boxes(report.stamp_ns)
    return np.linalg.norm(boxes.centers[:, :2] - expected, axis=1).min()


@pytest.fixture
def bench():
    with Bench() as bench:
        bench.send_calibration()
        yield bench


def test_without_poses_it_is_said_once_and_named_by_the_watchdog(bench):
    reports, _ = drive_now(bench, poses='')
    assert 'top: no ego pose: the sweep is not deskewed' in reports[0].warnings
    assert [uses(report)[1] for report in reports[2:]] == [[]] * (FRAMES - 2)
    bench.wait(lambda: any(
        text.startswith('ego motion: no poses on /mm_fusion/odometry') for text in bench.said))


def assert_moved(bench, reports, start_ns):
    for report in reports[2:]:  # by then all sensors are known
        assert uses(report) == ({'top': 'interpolated', 'front': 'interpolated'}, [])
        assert off_m(bench, report, start_ns) < 0.3


def test_a_turning_vehicle_is_answered_as_of_the_stamp(bench):
    assert_moved(bench, *drive_now(bench))


def test_transforms_serve_as_poses():
    with Bench(ego_motion__source='tf') as bench:
        bench.send_calibration()
        assert_moved(bench, *drive_now(bench, poses='/tf'))


def test_poses_that_cease_are_predicted_then_missed_and_nobody_waits_for_them(bench):
    reports, start_ns = drive_now(bench, poses_until_ms=330)
    assert uses(reports[2])[0]['top'] == 'interpolated'
    _, said = uses(reports[3])
    assert said[0].startswith('top: ego motion: predicted ')
    assert off_m(bench, reports[3], start_ns) < 0.3  # it goes on turning as before
    for report in reports[5:]:
        motion, said = uses(report)
        assert motion['top'] == 'static'
        assert said[0].startswith('top: no ego pose for ')
        waited = next(stage.elapsed_ms for stage in report.stages if stage.stage == 'sync_wait')
        assert waited < 50.0
    bench.said.clear()
    bench.wait(lambda: any(text.startswith('ego motion: silent for') for text in bench.said))


def test_poses_of_a_frame_nobody_placed_are_named(bench):
    message = ego_drive.odometry(time.time_ns())
    message.child_frame_id = 'kite'
    bench.send(ego_drive.ODOMETRY, message)
    bench.wait(lambda: any('from base_link to kite: expected a chain' in t for t in bench.said))


def test_a_bag_that_starts_again_is_answered_as_the_first_time():
    clock = TYPESTORE.types['rosgraph_msgs/msg/Clock']
    time_type = TYPESTORE.types['builtin_interfaces/msg/Time']
    frames = 2 * FRAMES  # a shorter step back would be disorder
    messages = ego_drive.messages(frames, twist=TURNING)
    begin_ns, end_ns = messages[0][0], messages[-1][0]
    messages += [
        (at_ns - NS_PER_MS, '/clock', clock(clock=time_type(*split(at_ns))))
        for at_ns in range(begin_ns, end_ns + 100 * NS_PER_MS, 10 * NS_PER_MS)]
    messages.sort(key=lambda item: item[0])
    stamps = [drive.START_NS + frame * drive.PERIOD_NS for frame in range(frames)]
    with Bench(use_sim_time=True) as bench:
        bench.send_calibration()
        for _ in range(2):
            bench._reports.clear()
            play(bench, messages)
            assert_moved(bench, [bench.report(s) for s in stamps], drive.START_NS)
