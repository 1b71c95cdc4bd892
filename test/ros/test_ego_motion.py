# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Ego poses over DDS: a turning vehicle is answered as if it had stood at each stamp.

Time is simulated and goes on when the node has taken what was sent, so that load changes nothing.
"""

import numpy as np
import pytest
from support import drive, ego_drive
from support.bench import Bench

from mm_fusion_ros.bags.typestore import TYPESTORE
from mm_fusion_ros.stamps import NS_PER_MS, split

pytestmark = pytest.mark.system

TURNING = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 1.0])  # on the spot, so that the car stays in sight
FRAMES = 8
Clock = TYPESTORE.types['rosgraph_msgs/msg/Clock']
Time = TYPESTORE.types['builtin_interfaces/msg/Time']


def play(bench, frames=FRAMES, *, poses_until_ms=None, **options):
    """Drive; give the report of each sweep."""
    messages = ego_drive.messages(frames, twist=TURNING, **options)
    if poses_until_ms is not None:
        end_ns = drive.START_NS + poses_until_ms * NS_PER_MS
        messages = [m for m in messages if m[1] != ego_drive.ODOMETRY or m[0] < end_ns]
    for topic in {topic for _, topic, _ in messages} | {'/clock'}:
        bench.publisher(topic)
    clock_ns, asked, reports = messages[0][0], None, []
    for at_ns, topic, message in messages:
        while clock_ns < at_ns:
            clock_ns += 10 * NS_PER_MS
            set_clock(bench, clock_ns)
        if topic == drive.POINTS:
            if asked is not None:  # one after the other: none is overtaken
                reports.append(bench.report(asked))
            asked = len(reports) * drive.PERIOD_NS + drive.START_NS
        count = taken(bench, topic)
        bench.send(topic, message)
        bench.wait(lambda topic=topic, count=count: taken(bench, topic) != count)
    set_clock(bench, clock_ns + drive.PERIOD_NS)  # beyond the last deadline
    return [*reports, bench.report(asked)]


def set_clock(bench, now_ns):
    bench.send('/clock', Clock(clock=Time(*split(now_ns))))
    bench.wait(lambda: bench.node.get_clock().now().nanoseconds == now_ns)


def taken(bench, topic):
    """Count the messages of a topic that the node took; something new where it does not count."""
    sensors = {s.name: s.received for s in bench.node._input.synchronizer.statistics()}
    if topic in (drive.POINTS, drive.IMAGE):
        return sensors['top' if topic == drive.POINTS else 'front']
    if topic in (ego_drive.ODOMETRY, '/tf'):
        return bench.node._assembler.poses.received
    return object()


def uses(report):
    """Tell how good the poses of each sensor were, and what was said of them."""
    said = [text for text in report.warnings if 'ego' in text]
    return {sensor.name: sensor.ego_motion for sensor in report.sensors}, said


def off_m(bench, report):
    """Give how far off the car is."""
    expected = ego_drive.car_at(report.stamp_ns, TURNING)
    boxes = bench.boxes(report.stamp_ns)
    return np.linalg.norm(boxes.centers[:, :2] - expected, axis=1).min()


def assert_moved(bench, reports):
    for report in reports[2:]:  # by then all sensors are known
        motion, said = uses(report)
        # The newest pose may be some ms older than the last points, which is near enough.
        assert (motion['top'] in ('predicted', 'interpolated'), said) == (True, [])
        assert motion['front'] == 'interpolated'
        assert off_m(bench, report) < 0.3


@pytest.fixture
def bench():
    with Bench(use_sim_time=True) as bench:
        bench.send_calibration()
        yield bench


def test_without_poses_it_is_said_once_and_named_by_the_watchdog(bench):
    reports = play(bench, poses='')
    assert 'top: no ego pose: the sweep is not deskewed' in reports[0].warnings
    assert [uses(report)[1] for report in reports[2:]] == [[]] * (FRAMES - 2)
    bench.wait(lambda: any(
        text.startswith('ego motion: no poses on /mm_fusion/odometry') for text in bench.said))


def test_a_turning_vehicle_is_answered_as_of_the_stamp(bench):
    assert_moved(bench, play(bench))


def test_transforms_serve_as_poses():
    with Bench(use_sim_time=True, ego_motion__source='tf') as bench:
        bench.send_calibration()
        assert_moved(bench, play(bench, poses='/tf'))


def test_a_frame_may_wait_for_the_poses_of_its_last_points():
    with Bench(use_sim_time=True, ego_motion__short_prediction_ms=0.0) as bench:
        bench.send_calibration()
        for report in play(bench)[2:]:
            assert uses(report) == ({'top': 'interpolated', 'front': 'interpolated'}, [])
            assert off_m(bench, report) < 0.3


def test_poses_that_cease_are_predicted_then_missed(bench):
    reports = play(bench, poses_until_ms=330)
    assert uses(reports[2])[1] == []
    _, said = uses(reports[3])
    assert said[0].startswith('top: ego motion: predicted ')
    assert off_m(bench, reports[3]) < 0.3  # it goes on turning as before
    for report in reports[5:]:
        motion, said = uses(report)
        assert motion['top'] == 'static'
        assert said[0].startswith('top: no ego pose for ')
    bench.said.clear()
    bench.wait(lambda: any(text.startswith('ego motion: silent for') for text in bench.said))


def test_poses_of_a_frame_nobody_placed_are_named(bench):
    message = ego_drive.odometry(drive.START_NS)
    message.child_frame_id = 'kite'
    bench.send(ego_drive.ODOMETRY, message)
    bench.wait(lambda: any('from base_link to kite: expected a chain' in t for t in bench.said))


def test_a_bag_that_starts_again_is_answered_as_the_first_time(bench):
    for _ in range(2):
        bench._reports.clear()
        bench._boxes.clear()
        assert_moved(bench, play(bench, 2 * FRAMES))  # a shorter step back would be disorder
