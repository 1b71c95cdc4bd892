# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Sensors broken live: the same as offline, by the same seed."""

from __future__ import annotations

from importlib import import_module
import re
import subprocess
import sys
import time

from message_samples import Samples
import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter
from rclpy.serialization import serialize_message
from support import fault_streams
from support.fault_streams import PAIR_IDS, PAIRS, START_NS, stream
import yaml

from mm_fusion_ros.faults import kinds
from mm_fusion_ros.faults.injector import FaultInjector
from mm_fusion_ros.faults.kinds import FaultKind
from mm_fusion_ros.faults.serialized import decode, encode, stamp_of
from mm_fusion_ros.faults.spec import load_faults
from mm_fusion_ros.nodes.fault_node import FaultNode
from mm_fusion_ros.ros.message_types import message_class, ROS_TYPES
from mm_fusion_ros.ros.qos import latched_qos

CALM = 10  # messages


def find(name):
    package, kind, short = name.split('/')
    return getattr(import_module(f'{package}.{kind}'), short)


ROS_SAMPLES = Samples(ROS_TYPES, find)


def canonical(raw, kind):
    """Give the bytes with zeros where rclpy leaves whatever was in memory: between fields."""
    return encode(decode(raw, kind), kind)


@pytest.mark.parametrize(('kind', 'message_type'), PAIRS, ids=PAIR_IDS)
def test_messages_of_rclpy_and_of_the_bag_library_are_broken_alike(kind, message_type):
    fault = fault_streams.fault(kind, message_type)
    is_readable = kind not in (FaultKind.CORRUPT_BYTES, FaultKind.TRUNCATED)

    def serialise(message, message_type):
        raw = serialize_message(message)
        return raw if is_readable else canonical(raw, message_type)

    from_bag = fault_streams.run(stream(message_type), fault)
    from_ros = fault_streams.run(
        stream(message_type, samples=ROS_SAMPLES, serialise=serialise), fault)
    if is_readable:
        from_ros = [m._replace(raw=canonical(m.raw, m.type)) for m in from_ros]
    assert from_ros == from_bag


class Rig:
    """Drivers, a fault node and a listener."""

    def __init__(self, file, topics) -> None:
        rclpy.init()
        self.node = FaultNode(parameter_overrides=[Parameter('faults', value=str(file))])
        self.driver = rclpy.create_node('driver')
        self.heard = {topic: [] for topic in topics}
        self.publishers = {}
        for topic, kind in topics.items():
            qos = latched_qos() if topic == '/tf_static' else 50
            self.publishers[topic] = self.driver.create_publisher(message_class(kind), topic, qos)
            self.driver.create_subscription(
                message_class(kind), f'/faulted{topic}', self.ear(topic), qos, raw=True)
        self.executor = SingleThreadedExecutor()
        self.executor.add_node(self.node)
        self.executor.add_node(self.driver)

    def __enter__(self):
        self.spin(lambda: all(p.get_subscription_count() for p in self.publishers.values())
                  and all(self.driver.count_publishers(f'/faulted{t}') for t in self.heard))
        self.spin(lambda: False, 0.3)
        return self

    def __exit__(self, *_):
        self.executor.shutdown()
        self.node.destroy_node()
        self.driver.destroy_node()
        rclpy.shutdown()

    def ear(self, topic):
        return lambda raw: self.heard[topic].append((time.monotonic(), bytes(raw)))

    def spin(self, until, limit_s=10.0):
        end_s = time.monotonic() + limit_s
        while not until() and time.monotonic() < end_s:
            self.executor.spin_once(timeout_sec=0.01)

    def play(self, messages):
        """Publish in real time, as late as the messages say."""
        begin_s, begin_ns = time.monotonic(), messages[0].at_ns
        for message in messages:
            due_s = begin_s + (message.at_ns - begin_ns) / 1e9
            self.spin(lambda due_s=due_s: time.monotonic() >= due_s)
            self.publishers[message.topic].publish(message.raw)
        self.spin(lambda: False, 0.5)


def merged(*message_types):
    messages = [m for kind in message_types for m in stream(kind, CALM)]
    transforms = [m for m in messages if m.topic == '/tf_static'][:1]
    sensors = [m for m in messages if m.topic != '/tf_static']
    return transforms + sorted(sensors, key=lambda m: m.at_ns)


def write(tmp_path, *entries):
    file = tmp_path / 'faults.yaml'
    file.write_text(yaml.safe_dump({'faults': [
        {'start_s': 0.25, 'end_s': 0.65, **entry} for entry in entries]}))
    return file


def test_live_and_offline_streams_are_the_same_bytes(tmp_path):
    types = (kinds.POINTS, kinds.IMAGE, kinds.IMU, kinds.FIX, kinds.TWIST)
    file = write(
        tmp_path,
        {'sensor': '/points', 'kind': 'thinned', 'seed': 4},
        {'sensor': '/points', 'kind': 'range_noise', 'seed': 5},
        {'sensor': '/image', 'kind': 'rain_drops'},
        {'sensor': '/image', 'kind': 'freeze'},
        {'sensor': '/imu', 'kind': 'intermittent_drop', 'seed': 3},
        {'sensor': '/imu', 'kind': 'imu_bias_step'},
        {'sensor': '/fix', 'kind': 'gnss_drift'},
        {'sensor': '/fix', 'kind': 'duplicate', 'magnitude': 2},
        {'sensor': '/twist', 'kind': 'corrupt_bytes', 'magnitude': 3},
        {'sensor': '/twist', 'kind': 'restamp_drift'},
        {'sensor': '/points', 'kind': 'extrinsics_rotated'},
    )
    messages = merged(*types)
    offline = fault_streams.run(messages, *load_faults(file))
    with Rig(file, {m.topic: m.type for m in messages}) as rig:
        rig.play(messages)
    for topic, heard in rig.heard.items():
        assert [raw for _, raw in heard] == [m.raw for m in offline if m.topic == topic], topic


def test_a_delayed_message_comes_later_and_the_others_do_not(tmp_path):
    file = write(tmp_path, {'sensor': '/imu', 'kind': 'delay', 'magnitude': 0.33})
    messages = stream(kinds.IMU, CALM)
    with Rig(file, {'/imu': kinds.IMU}) as rig:
        began_s = time.monotonic()
        rig.play(messages[1:])
    came_s = {(stamp_of(raw) - START_NS) // 100_000_000: at_s for at_s, raw in rig.heard['/imu']}
    assert sorted(came_s) == list(range(CALM))
    late_s = {index: at_s - began_s - 0.1 * index for index, at_s in came_s.items()}
    for index in range(CALM):
        wanted = 0.33 if index in fault_streams.FAULTY else 0.0
        assert late_s[index] == pytest.approx(wanted, abs=0.08), index


def test_who_joins_late_is_told_where_the_sensor_is_said_to_be(tmp_path):
    file = write(tmp_path, {'sensor': '/imu', 'kind': 'extrinsics_shifted', 'start_s': 0.0})
    messages = stream(kinds.IMU, 2)
    with Rig(file, {m.topic: m.type for m in messages}) as rig:
        rig.play(messages)
        late = []
        rig.driver.create_subscription(
            message_class(kinds.TRANSFORMS), '/faulted/tf_static', late.append, latched_qos())
        rig.spin(lambda: len(late) == 2)
    assert late[-1].transforms[0].transform.translation.z == 3.5


def test_what_cannot_be_broken_passes_and_is_said(tmp_path):
    file = write(tmp_path, {'sensor': '/image', 'kind': 'blur', 'start_s': 0.0})
    message = fault_streams.content(kinds.IMAGE, 0, ROS_SAMPLES)
    message.encoding = 'bayer_rggb8'
    said = []
    with Rig(file, {'/image': kinds.IMAGE}) as rig:
        rig.node.get_logger().warning = said.append
        rig.publishers['/image'].publish(message)
        rig.spin(lambda: rig.heard['/image'] and said, 2.0)
    assert decode(rig.heard['/image'][0][1], kinds.IMAGE).encoding == 'bayer_rggb8'
    assert re.match(r'/image: no blur \(image encoding: expected one of .*bayer_rggb8', said[0])


@pytest.mark.parametrize(('options', 'text'), [
    ([], 'parameter faults: expected a file of faults, got none'),
    (['-p', 'faults:=/nowhere.yaml'], r'fault file /nowhere.yaml: expected readable YAML'),
    (['-p', 'fault:=x'], r'parameter fault: expected .*close to it: faults'),
])
def test_bad_input_is_named_with_exit_code_2(options, text):
    done = subprocess.run(
        [sys.executable, '-m', 'mm_fusion_ros.nodes.fault_node', '--ros-args', *options],
        capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert re.search(text, done.stderr)


def test_a_topic_of_a_type_that_does_not_fit_ends_the_node_with_the_text(tmp_path):
    file = write(tmp_path, {'sensor': '/imu', 'kind': 'blur'})
    process = subprocess.Popen(
        [sys.executable, '-m', 'mm_fusion_ros.nodes.fault_node', '--ros-args',
         '-p', f'faults:={file}'], stderr=subprocess.PIPE, text=True)
    rclpy.init()
    driver = rclpy.create_node('driver')
    driver.create_publisher(message_class(kinds.IMU), '/imu', 10)
    try:
        _, stderr = process.communicate(timeout=20)
    finally:
        process.kill()
        driver.destroy_node()
        rclpy.shutdown()
    assert process.returncode == 2
    assert re.search(r'faults\[0\].kind: expected one that fits sensor_msgs/msg/Imu', stderr)


def test_every_kind_is_among_those_tried():
    assert {kind for kind, _ in PAIRS} == set(FaultKind)
    assert FaultInjector(()).topics == frozenset()
