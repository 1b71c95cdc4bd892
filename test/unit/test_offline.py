# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A bag answered without ROS."""

import itertools
import json

import numpy as np
import pytest
from support import drive, ego_drive

from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.bags.write import BagWriter
from mm_fusion_ros.errors import BagError, ConfigError
from mm_fusion_ros.faults.spec import Fault
from mm_fusion_ros.messages.convert_in import to_boxes, to_frame_report
from mm_fusion_ros.offline import process
from mm_fusion_ros.outputs import all_outputs
from mm_fusion_ros.perception_config import perception_config

CONFIG = perception_config({'detector.model': '', 'front.rectified': True})


def run(bag, output, config=CONFIG, **options):
    ticks = itertools.count(0, 1_000_000)
    return process(bag, config, output, lambda: next(ticks), lambda done, total: None, **options)


def read(bag, topic):
    with BagReader(bag) as reader:
        return [recorded.message for recorded in reader.messages([topic])]


@pytest.fixture
def bag(tmp_path):
    drive.write_drive(tmp_path / 'bag')
    return tmp_path / 'bag'


def test_every_sweep_is_answered_with_every_output(bag, tmp_path):
    summary = run(bag, tmp_path / 'out')
    assert (summary.answers, summary.complete, summary.warnings) == (5, 5, ())
    with BagReader(tmp_path / 'out') as reader:
        written = {(info.name, info.type): info.count for info in reader.topics}
    expected = {(f'/mm_fusion/{o.topic}', o.type): 5 for o in all_outputs(CONFIG)}
    assert written == expected


def test_the_car_is_found_where_it_is(bag, tmp_path):
    run(bag, tmp_path / 'out')
    for message in read(tmp_path / 'out', '/mm_fusion/detections'):
        found = to_boxes(message)
        assert found.frame_id == 'base_link'
        distances = np.linalg.norm(found.boxes.centers[:, :2] - drive.CAR_CENTER, axis=1)
        assert distances.min() < 0.5
        assert len(found.boxes) == 1


def test_the_same_bag_gives_the_same_bytes(bag, tmp_path):
    run(bag, tmp_path / 'a' / 'out')
    run(bag, tmp_path / 'b' / 'out')
    for name in ('out.mcap', 'metadata.yaml'):
        first, second = (tmp_path / run / 'out' / name for run in 'ab')
        assert first.read_bytes() == second.read_bytes()


def test_timings_are_written_beside_the_bag(bag, tmp_path):
    run(bag, tmp_path / 'out')
    rows = json.loads((tmp_path / 'out.timings.json').read_text())
    assert len(rows) == 5
    assert {'convert', 'perceive', 'obstacles', 'write'} <= rows[0].keys()


def test_a_bag_without_the_camera_is_answered_and_says_so(tmp_path):
    drive.write_drive(tmp_path / 'bag', without=(drive.IMAGE,))
    summary = run(tmp_path / 'bag', tmp_path / 'out')
    assert (summary.answers, summary.complete) == (5, 0)
    assert summary.warnings == ('front: no message on /sensing/camera/front/image_raw yet',)
    reports = [to_frame_report(m) for m in read(tmp_path / 'out', '/mm_fusion/frame_report')]
    assert all(report.is_partial and not report.is_blind for report in reports)


def test_a_bag_without_the_lidar_is_answered_from_the_camera_and_is_not_called_free(tmp_path):
    drive.write_drive(tmp_path / 'bag', frames=30, without=(drive.POINTS,))
    summary = run(tmp_path / 'bag', tmp_path / 'out')
    assert summary.answers > 0
    assert 'no LiDAR sweep in this frame: obstacles were not looked for' in summary.warnings
    (first, *_) = read(tmp_path / 'out', '/mm_fusion/frame_report')
    assert first.status[0].level in (2, b'\x02')  # ERROR: nothing measured distance


def test_a_message_of_broken_bytes_costs_only_itself(tmp_path):
    path = tmp_path / 'bag'
    drive.write_drive(path, frames=3)
    with BagReader(path) as reader, BagWriter(tmp_path / 'broken') as writer:
        for number, recorded in enumerate(reader.messages()):
            raw = recorded.raw
            if recorded.topic == drive.POINTS and number < 5:
                raw = raw[: len(raw) // 2]
            writer.write_raw(recorded.topic, recorded.type, raw, recorded.log_time_ns,
                             recorded.topic == '/tf_static')
    summary = run(tmp_path / 'broken', tmp_path / 'out')
    assert summary.answers == 2
    assert any(drive.POINTS in text for text in summary.warnings)


def test_a_bag_of_other_topics_is_refused_with_what_it_has(bag, tmp_path):
    config = perception_config({'detector.model': '', 'lidars': ('roof',), 'cameras': ()})
    text = r'a sensor topic \(/sensing/lidar/roof/points\), got .*top'
    with pytest.raises(BagError, match=text):
        run(bag, tmp_path / 'out', config)
    assert not (tmp_path / 'out').exists()


def test_a_topic_of_another_type_is_refused(bag, tmp_path):
    config = perception_config({'detector.model': '', 'top.topic': drive.IMAGE, 'cameras': ()})
    with pytest.raises(BagError, match='expected sensor_msgs/msg/PointCloud2, got sensor_msgs'):
        run(bag, tmp_path / 'out', config)


def test_the_policy_of_message_filters_is_refused_offline(bag, tmp_path):
    config = perception_config({'sync.policy': 'approximate'})
    with pytest.raises(ConfigError, match=r'sync\.policy'):
        run(bag, tmp_path / 'out', config)
    assert not (tmp_path / 'out').exists()


def test_an_existing_output_is_kept_unless_told_otherwise(bag, tmp_path):
    run(bag, tmp_path / 'out')
    with pytest.raises(BagError, match='expected a new path'):
        run(bag, tmp_path / 'out')
    assert run(bag, tmp_path / 'out', overwrite=True).answers == 5


def test_sensors_are_broken_on_the_way_and_back_when_the_fault_is_over(bag, tmp_path):
    silent = Fault(sensor='front', kind='drop', start_s=0.1, end_s=0.25, topic=drive.IMAGE)
    summary = run(bag, tmp_path / 'out', faults=(silent,))
    assert (summary.answers, summary.complete) == (5, 3)
    assert summary.warnings == ('front: no message near this stamp',)
    reports = [to_frame_report(m) for m in read(tmp_path / 'out', '/mm_fusion/frame_report')]
    assert [report.is_partial for report in reports] == [False, True, True, False, False]


def test_what_a_fault_could_not_break_is_among_the_warnings(bag, tmp_path):
    unmovable = Fault(
        sensor='front', kind='restamp_offset', magnitude=1e9, end_s=0.15, topic=drive.IMAGE)
    summary = run(bag, tmp_path / 'out', faults=(unmovable,))
    assert summary.complete == 5
    (warning,) = summary.warnings
    assert warning.startswith('front: no restamp_offset (stamp: expected one that fits')
    assert warning.endswith(': 2 messages')


def test_a_fault_of_a_topic_that_is_not_recorded_is_refused(bag, tmp_path):
    silent = Fault(sensor='imu', kind='drop', topic='/imu')
    with pytest.raises(ConfigError, match=r'topic /imu of faults\[0\]: expected one that is rec'):
        run(bag, tmp_path / 'out', faults=(silent,))
    assert not (tmp_path / 'out').exists()


def errors_m(output):
    """Give how far off the car is in each answer."""
    answers = [to_boxes(m) for m in read(output, '/mm_fusion/detections')]
    return [np.linalg.norm(a.boxes.centers[:, :2] - ego_drive.car_at(a.stamp_ns), axis=1).min()
            for a in answers]


def reports(output):
    return [to_frame_report(m) for m in read(output, '/mm_fusion/frame_report')]


@pytest.mark.parametrize(('poses', 'values'), [
    ('/mm_fusion/odometry', {}),
    ('/wheel/odom', {'ego_motion.odometry_topic': '/wheel/odom'}),
    ('/tf', {'ego_motion.source': 'tf'}),
])
def test_a_drive_is_answered_as_if_the_vehicle_had_stood_at_each_stamp(tmp_path, poses, values):
    ego_drive.write_drive(tmp_path / 'bag', poses=poses)
    config = perception_config({
        'detector.model': '',
        'front.rectified': True, 'ego_motion.short_prediction_ms': 0, **values})
    summary = run(tmp_path / 'bag', tmp_path / 'out', config)
    assert (summary.answers, summary.complete, summary.warnings) == (5, 5, ())
    assert max(errors_m(tmp_path / 'out')) < 0.3
    for report in reports(tmp_path / 'out'):
        assert [sensor.ego_motion for sensor in report.sensors] == ['interpolated'] * 2
    off = perception_config({
        'detector.model': '', 'front.rectified': True, 'ego_motion.source': 'none'})
    summary = run(tmp_path / 'bag', tmp_path / 'off', off)
    assert summary.warnings == ()
    assert min(errors_m(tmp_path / 'off')) > 0.3


def test_answers_wait_in_the_time_of_the_bag_for_the_poses_they_need(tmp_path):
    ego_drive.write_drive(tmp_path / 'bag', delay_ms=30)
    config = perception_config({
        'detector.model': '', 'front.rectified': True, 'ego_motion.short_prediction_ms': 0})
    run(tmp_path / 'bag', tmp_path / 'out', config)
    # The last points are of 100 ms after the stamp, the sweep is there after 105 ms, and the
    # pose of 110 ms after 140 ms.
    waits = {report.stages[0].elapsed_ms for report in reports(tmp_path / 'out')}
    assert waits == {35.0}
    with BagReader(tmp_path / 'out') as reader:
        stamps = [(m.log_time_ns - drive.START_NS) / 1e6
                  for m in reader.messages(['/mm_fusion/detections'])]
    assert stamps == [140.0, 240.0, 340.0, 440.0, 540.0]


def test_poses_that_reach_far_enough_are_not_waited_for(tmp_path):
    ego_drive.write_drive(tmp_path / 'bag')
    summary = run(tmp_path / 'bag', tmp_path / 'out')
    assert summary.warnings == ()
    assert max(errors_m(tmp_path / 'out')) < 0.3
    assert {report.stages[0].elapsed_ms for report in reports(tmp_path / 'out')} == {0.0}


def test_poses_that_come_too_late_are_predicted_and_nobody_waits_for_them(tmp_path):
    ego_drive.write_drive(tmp_path / 'bag', delay_ms=80)
    summary = run(tmp_path / 'bag', tmp_path / 'out')
    assert summary.warnings == ('top: ego motion: predicted 90 ms beyond the newest pose',
                                'front: ego motion: predicted 30 ms beyond the newest pose')
    assert {report.stages[0].elapsed_ms for report in reports(tmp_path / 'out')} == {0.0}
    assert max(errors_m(tmp_path / 'out')) < 0.3


def test_a_drive_without_poses_is_answered_as_measured_and_says_so_once(tmp_path):
    ego_drive.write_drive(tmp_path / 'bag', poses='')
    summary = run(tmp_path / 'bag', tmp_path / 'out')
    assert summary.warnings == ('top: no ego pose: the sweep is not deskewed',
                                'front: no ego pose: the image is not moved in time')
    assert [len(report.warnings) for report in reports(tmp_path / 'out')] == [2, 0, 0, 0, 0]
    assert {report.stages[0].elapsed_ms for report in reports(tmp_path / 'out')} == {0.0}


def test_poses_give_the_same_bytes_twice(tmp_path):
    ego_drive.write_drive(tmp_path / 'bag')
    for name in 'ab':
        run(tmp_path / 'bag', tmp_path / name / 'out')
    first, second = ((tmp_path / name / 'out' / 'out.mcap').read_bytes() for name in 'ab')
    assert first == second
