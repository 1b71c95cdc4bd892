# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The localization node over DDS: it says where the vehicle is, and if not, why."""

from collections import Counter
from dataclasses import replace
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from support.localization_bench import LocalizationBench
from support.simulated_motion import Sent, serialised, simulated_motion

from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.bags.typestore import TYPESTORE
from mm_fusion_ros.data_types import EgoPose
from mm_fusion_ros.geometry.pose_buffer import PoseBuffer
from mm_fusion_ros.geometry.transforms import inverse
from mm_fusion_ros.messages.convert_in import to_twist
from mm_fusion_ros.messages.convert_out import from_ego_pose, from_transforms
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

pytestmark = pytest.mark.system
SECONDS = 10.0
COMMAND = [sys.executable, '-m', 'mm_fusion_ros.nodes.localization_node', '--ros-args']


@pytest.fixture(scope='module')
def motion():
    return simulated_motion(SECONDS)


@pytest.fixture(scope='module')
def driven(motion):
    """Give a bench with what it heard of a whole drive."""
    with LocalizationBench() as bench:
        bench.play(motion, SECONDS)
        bench.hear_a_report()
    return bench


def moved(poses, truth):
    """Give how far each pose is from where the truth moves the first one, m."""
    buffer = PoseBuffer(span_s=60.0)
    for pose in truth:
        buffer.add(pose)
    T_true = buffer.poses_at(np.array([pose.stamp_ns for pose in poses])).T
    T = np.stack([pose.T_frame_child for pose in poses])
    return np.linalg.norm(
        (inverse(T[0]) @ T)[:, :3, 3] - (inverse(T_true[0]) @ T_true)[:, :3, 3], axis=1)


def assert_locates(poses, motion, seconds):
    """Assert that odometry came at 50 Hz, and moves as the vehicle does."""
    steps = Counter(np.diff([pose.stamp_ns for pose in poses]).tolist())
    assert steps.keys() == {20 * NS_PER_MS}
    assert len(poses) > 50.0 * (seconds - 2.0)
    assert moved(poses, motion.truth).max() < 1.0


def test_odometry_follows_the_vehicle_at_the_rate_asked_for(driven, motion):
    assert_locates(driven.odometry, motion, SECONDS)
    newest = driven.odometry[-1]
    assert (newest.frame_id, newest.child_frame_id) == ('odom', 'base_link')
    assert newest.linear_mps[0] > 3.0
    for covariance in (newest.pose_covariance, newest.twist_covariance):
        assert np.linalg.eigvalsh(covariance).min() > 0.0


def test_transforms_join_map_odom_and_the_vehicle(driven):
    assert {(edge.parent, edge.child) for edge in driven.edges} == {
        ('map', 'odom'), ('odom', 'base_link')}
    edges = {(edge.child, edge.stamp_ns): edge.T_parent_child for edge in driven.edges}
    stamp_ns = driven.odometry[-1].stamp_ns
    T_odom_base = edges['base_link', stamp_ns]
    np.testing.assert_allclose(T_odom_base, driven.odometry[-1].T_frame_child, atol=1e-9)
    T_map_base = edges['odom', stamp_ns] @ T_odom_base
    position = driven.poses[-1].pose.pose.position
    np.testing.assert_allclose(
        T_map_base[:3, 3], (position.x, position.y, position.z), atol=1e-6)
    assert driven.poses[-1].header.frame_id == 'map'


def test_the_fix_is_near_what_the_receiver_says(driven, motion):
    said = [TYPESTORE.deserialize_cdr(item.raw, 'sensor_msgs/msg/NavSatFix')
            for item in motion.sent if item.topic == names.GNSS_FIX][-1]
    filtered = driven.fixes[-1]
    assert filtered.latitude == pytest.approx(said.latitude, abs=1e-4)
    assert filtered.longitude == pytest.approx(said.longitude, abs=1e-4)


def test_the_path_is_the_way_on_the_map(driven):
    assert len(driven.paths) == pytest.approx(SECONDS, abs=3)
    path = driven.paths[-1]
    places = np.array([(p.pose.position.x, p.pose.position.y, p.pose.position.z)
                       for p in path.poses])
    steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    assert path.header.frame_id == 'map'
    assert 0.5 <= steps.min() <= steps.max() < 1.5


def test_diagnostics_say_that_all_is_well(driven):
    values = driven.values('/mm_fusion/localization_node')
    assert values['mode'] == 'on the map'
    assert -20.0 < float(values['latency_ms']) < 500.0
    imu = driven.values('localization_node: imu')
    assert int(imu['received']) >= int(imu['used']) > 200 * (SECONDS - 1)
    assert (imu['publishers'], imu['reliability']) == ('1', 'reliable')


def test_a_drive_that_begins_anew_is_located_anew(motion):
    with LocalizationBench() as bench:
        first = motion.sent[0].arrival_ns
        for lap in range(2):
            bench.odometry.clear()
            bench.edges.clear()
            bench.play(motion, 6.0)
            run = [pose for pose in bench.odometry if pose.stamp_ns < first + 6 * NS_PER_S]
            assert_locates(run, motion, 6.0)
            stamps = [edge.stamp_ns for edge in bench.edges if edge.child == 'odom']
            assert max(stamps) > first + 5 * NS_PER_S, lap
            # Each lap begins at the origin of its own odom.
            assert np.linalg.norm(run[0].T_frame_child[:3, 3]) < 15.0
        assert len(bench.paths[-1].poses) < 140


def as_odometry(sent):
    twist = to_twist(TYPESTORE.deserialize_cdr(sent.raw, 'geometry_msgs/msg/TwistStamped'))
    pose = EgoPose(twist.stamp_ns, 'odom', 'base_link', np.eye(4), twist.linear_mps,
                   twist.angular_radps)
    return Sent(sent.arrival_ns, sent.topic, serialised(from_ego_pose(pose, BAG_TYPES)))


def test_wheels_may_speak_as_odometry_and_carry_on_without_satellites(motion):
    sent = tuple(as_odometry(item) if item.topic == names.VEHICLE_TWIST else item
                 for item in motion.sent)
    motion = replace(motion, sent=sent)
    with LocalizationBench({names.VEHICLE_TWIST: 'nav_msgs/msg/Odometry'}) as bench:
        bench.play(motion, 6.0, without=(names.GNSS_FIX, names.GNSS_VELOCITY))
        assert_locates(bench.odometry, motion, 6.0)
        bench.hear_a_report()
        assert int(bench.values('localization_node: wheels')['used']) > 200


def test_a_topic_of_another_type_is_named():
    with LocalizationBench({'/vehicle/twist': 'std_msgs/msg/String'}) as bench:
        bench.driver.create_publisher(
            __import__('std_msgs.msg').msg.String, '/vehicle/twist', 10)
        bench.wait(lambda: any(
            'topic /vehicle/twist: expected geometry_msgs/msg/TwistStamped or' in text
            and 'got std_msgs/msg/String' in text for text in bench.said))


def test_silence_is_explained(motion):
    with LocalizationBench() as bench:
        for text in ('use_sim_time is true, but nothing is published on /clock',
                     'imu: no message on /sensing/imu/data (no publisher) yet'):
            bench.wait(lambda text=text: any(text in said for said in bench.said))
        nowhere = serialised(from_transforms({}, 0, 'base_link', BAG_TYPES))
        bench.play(replace(motion, mounting=nowhere), 4.0)
        bench.wait(lambda: any('gnss: transform from gnss_antenna to base_link' in said
                               for said in bench.said))
        bench.wait(lambda: any('no pose was published for' in said for said in bench.said))
        bench.odometry.clear()
        bench.play(motion, 4.0)
        bench.wait(lambda: len(bench.odometry) > 100)


@pytest.mark.parametrize(('parent', 'child', 'text'), [
    ('world', 'base_link', 'frame base_link: expected one parent, got odom and world; '
     'set publish_odom_tf to false'),
    ('map', 'odom', 'transform from odom to map: expected one publisher, got another'),
])
def test_somebody_else_who_publishes_our_transforms_is_named(parent, child, text):
    with LocalizationBench() as bench:
        bench.publisher('/tf')
        end_s = time.monotonic() + 10.0
        while not any(text in said for said in bench.said):
            assert time.monotonic() < end_s, bench.said
            bench.send('/tf', from_transforms({child: np.eye(4)}, 5, parent, BAG_TYPES))
            time.sleep(0.1)


def test_bytes_that_are_no_message_and_numbers_that_are_none_do_not_end_the_node(motion):
    with LocalizationBench() as bench:
        bench.send(names.IMU, b'\x00\x01\x00\x00 no measurement')
        broken = TYPESTORE.deserialize_cdr(
            next(item for item in motion.sent if item.topic == names.IMU).raw,
            'sensor_msgs/msg/Imu')
        broken.angular_velocity.x = float('nan')
        bench.send(names.IMU, serialised(broken))
        bench.play(motion, 4.0)
        assert_locates(bench.odometry, motion, 4.0)
        bench.hear_a_report()
        assert bench.values('localization_node: imu')['invalid'] == '1'


def test_the_node_answers_again_after_it_was_deactivated_and_cleaned_up(motion):
    with LocalizationBench() as bench:
        bench.play(motion, 3.0)
        for transition in ('deactivate', 'cleanup', 'configure', 'activate'):
            assert bench.transition(transition).name == 'SUCCESS'
        bench.odometry.clear()
        bench.play(motion, 4.0)
        bench.wait(lambda: len(bench.odometry) > 100)


@pytest.mark.parametrize(('arguments', 'text'), [
    (['-p', 'wheels.deviation:=5'], 'parameter wheels.deviation: expected a declared'),
    (['-p', 'rate_hz:=0'], 'parameter rate_hz: expected 1 to 1000 Hz'),
    (['-p', 'datum:=[49.0]'], 'parameter datum: expected 3 numbers or none'),
    (['-p', 'gnss.topic:=/vehicle/twist'], 'topic /vehicle/twist: expected one source'),
])
def test_a_bad_parameter_ends_the_process_with_the_text(arguments, text):
    result = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 1
    assert text in result.stderr
    assert 'Traceback' not in result.stderr


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_process_ends_cleanly(number):
    process = subprocess.Popen(COMMAND, stderr=subprocess.PIPE, text=True, env=os.environ)
    time.sleep(4.0)
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 0, said
    assert 'Traceback' not in said
