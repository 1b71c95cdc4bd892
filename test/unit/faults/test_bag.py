# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Bags that are broken, on the way to perception or into another bag."""

from dataclasses import replace
import itertools

import pytest
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import get_types_from_msg, get_typestore, Stores
from support import drive
from support.fault_streams import fault, run, stream

from mm_fusion_ros.bags.read import BagMessage, BagReader
from mm_fusion_ros.bags.write import BagWriter
from mm_fusion_ros.errors import BagError, ConfigError
from mm_fusion_ros.faults import kinds
from mm_fusion_ros.faults.bag import break_bag, broken
from mm_fusion_ros.faults.injector import FaultInjector
from mm_fusion_ros.faults.kinds import FaultKind
from mm_fusion_ros.faults.serialized import Passing
from mm_fusion_ros.offline import process
from mm_fusion_ros.perception_config import perception_config

CONFIG = perception_config({'detector.model': '', 'front.rectified': True})


def of(kind, topic, **changes):
    """Make a fault of a topic of the drive, from its second frame on."""
    message_type = {drive.POINTS: kinds.POINTS, drive.IMAGE: kinds.IMAGE,
                    drive.CAMERA_INFO: kinds.CAMERA_INFO}[topic]
    return replace(fault(kind, message_type, start_s=0.1, end_s=0.35, **changes),
                   sensor=topic, topic=topic)


FAULTS = (
    of(FaultKind.THINNED, drive.POINTS, magnitude=0.2, seed=3),
    of(FaultKind.RANGE_NOISE, drive.POINTS, magnitude=0.05, seed=4),
    of(FaultKind.DELAY, drive.POINTS, magnitude=0.0123),
    of(FaultKind.DARKEN, drive.IMAGE, magnitude=0.5),
    of(FaultKind.INTERMITTENT_DROP, drive.IMAGE, seed=1),
    of(FaultKind.EXTRINSICS_SHIFTED, drive.POINTS, magnitude=0.2),
    of(FaultKind.CAMERA_INFO_SCALED, drive.CAMERA_INFO, magnitude=0.9),
)


@pytest.fixture(scope='module')
def bag(tmp_path_factory):
    path = tmp_path_factory.mktemp('faults') / 'bag'
    drive.write_drive(path)
    return path


def read(bag):
    with BagReader(bag) as reader:
        return list(reader.messages())


def quiet(done, total):
    """Take progress and do nothing."""


def answers(bag, output, faults=()):
    ticks = itertools.count(0, 1_000_000)
    process(bag, CONFIG, output, lambda: next(ticks), quiet, faults=faults)
    return [(m.topic, m.log_time_ns, m.raw) for m in read(output)]


def test_messages_that_no_fault_changes_are_the_same_objects(bag):
    messages = read(bag)
    out = list(broken(messages, FaultInjector([of(FaultKind.DARKEN, drive.IMAGE)])))
    for before, after in zip(messages, out, strict=True):
        is_dark = before.topic == drive.IMAGE and 1 <= _frame(before) <= 3
        assert (after is before) == (not is_dark)
        assert (after.topic, after.log_time_ns) == (before.topic, before.log_time_ns)


def _frame(message):
    return (message.log_time_ns - drive.START_NS) // drive.PERIOD_NS


def test_a_broken_message_can_be_decoded(bag):
    changed = of(FaultKind.THINNED, drive.POINTS)
    before = [m for m in read(bag) if m.topic == drive.POINTS]
    after = list(broken(before, FaultInjector([changed])))
    widths = [(a.message.width, b.message.width) for a, b in zip(before, after, strict=True)]
    assert [b == a - round(a / 2) for a, b in widths] == [False, True, True, True, False]


def test_late_messages_come_among_those_of_other_topics_by_log_time(bag):
    out = list(broken(read(bag), FaultInjector([of(FaultKind.DELAY, drive.POINTS)])))
    times = [m.log_time_ns for m in out]
    assert times == sorted(times)
    assert sorted(m.raw for m in out) == sorted(m.raw for m in read(bag))
    assert [m.topic for m in out] != [m.topic for m in read(bag)]


def test_the_bag_is_broken_as_the_core_breaks_the_stream():
    messages = stream(kinds.IMU)
    recorded = [BagMessage(m.topic, m.type, m.at_ns, m.raw, lambda: None) for m in messages]
    faults = (fault(FaultKind.DELAY, kinds.IMU), fault(FaultKind.CORRUPT_BYTES, kinds.IMU))
    out = [Passing(m.topic, m.type, m.raw, m.log_time_ns)
           for m in broken(recorded, FaultInjector(faults))]
    assert out == run(messages, *faults)


def test_a_bag_is_written_as_the_faults_leave_it(bag, tmp_path):
    assert break_bag(bag, tmp_path / 'out', FAULTS, quiet) == ()
    wanted = list(broken(read(bag), FaultInjector(FAULTS)))
    out = read(tmp_path / 'out')
    assert [(m.topic, m.type, m.log_time_ns, m.raw) for m in out] == [
        (m.topic, m.type, m.log_time_ns, m.raw) for m in wanted]
    with BagReader(tmp_path / 'out') as reader:
        assert {info.name for info in reader.topics if info.transient_local} == {'/tf_static'}


def test_the_same_seed_gives_the_same_bag_and_another_one_another(bag, tmp_path):
    outs = {}
    for name, seed in (('a', 3), ('b', 3), ('c', 4)):
        thin = of(FaultKind.THINNED, drive.POINTS, seed=seed)
        break_bag(bag, tmp_path / name / 'out', [thin], quiet)
        outs[name] = (tmp_path / name / 'out' / 'out.mcap').read_bytes()
    assert outs['a'] == outs['b'] != outs['c']


def test_breaking_on_the_way_is_answered_as_is_a_broken_bag(bag, tmp_path):
    break_bag(bag, tmp_path / 'broken', FAULTS, quiet)
    whole = answers(bag, tmp_path / 'whole')
    on_the_way = answers(bag, tmp_path / 'way', FAULTS)
    assert on_the_way == answers(tmp_path / 'broken', tmp_path / 'out')
    assert on_the_way != whole


def test_progress_ends_with_all_and_never_exceeds_it(bag, tmp_path):
    told = []
    twice = of(FaultKind.DUPLICATE, drive.POINTS, magnitude=5.0)
    break_bag(bag, tmp_path / 'out', [twice], lambda *progress: told.append(progress))
    assert told[-1] == (16, 16)
    assert max(done for done, _ in told) == 16


def test_what_could_not_be_broken_is_said(bag, tmp_path):
    with BagReader(bag) as reader, BagWriter(tmp_path / 'bayer') as writer:
        for item in reader.messages():
            raw = item.raw.replace(b'rgb8', b'8UC7') if item.topic == drive.IMAGE else item.raw
            writer.write_raw(
                item.topic, item.type, raw, item.log_time_ns, item.topic == '/tf_static')
    (said,) = break_bag(
        tmp_path / 'bayer', tmp_path / 'out', [of(FaultKind.DARKEN, drive.IMAGE)], quiet)
    assert said == (
        f'{drive.IMAGE}: no darken (image encoding: expected one of rgb8, bgr8, 8UC3, mono8, '
        "8UC1, got '8UC7'): 3 messages")
    assert [m.raw for m in read(tmp_path / 'out')] == [m.raw for m in read(tmp_path / 'bayer')]


def test_a_topic_of_an_unknown_type_is_left_out_and_said(tmp_path):
    store = get_typestore(Stores.ROS2_JAZZY)
    store.register(get_types_from_msg('int32 number', 'odd_msgs/msg/Odd'))
    with Writer(tmp_path / 'odd', version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        connections = {}
        for item in (*stream(kinds.IMU, 2), Passing('/odd', 'odd_msgs/msg/Odd', b'', 0)):
            if item.topic not in connections:
                connections[item.topic] = writer.add_connection(
                    item.topic, item.type, typestore=store)
            writer.write(connections[item.topic], item.at_ns, item.raw)
    silent = fault(FaultKind.DROP, kinds.IMU, start_s=0.05)
    said = break_bag(tmp_path / 'odd', tmp_path / 'out', [silent], quiet)
    assert said == ('topic /odd: left out, as odd_msgs/msg/Odd is unknown here',)
    assert [m.topic for m in read(tmp_path / 'out')] == ['/tf_static', '/imu']


@pytest.mark.parametrize(('wrong', 'text'), [
    (fault(FaultKind.DROP, kinds.IMU), r'topic /imu of faults\[0\]: expected one that is recor'),
    (replace(fault(FaultKind.BLUR, kinds.IMAGE), topic=drive.POINTS),
     r'faults\[0\]\.kind: expected one that fits sensor_msgs/msg/PointCloud2 \(/image\), got blu'),
])
def test_a_fault_that_does_not_fit_the_bag_is_refused_and_nothing_written(
    wrong, text, bag, tmp_path
):
    with pytest.raises(ConfigError, match=text):
        break_bag(bag, tmp_path / 'out', [wrong], quiet)
    with pytest.raises(ConfigError, match=text):
        answers(bag, tmp_path / 'out', [wrong])
    assert list(tmp_path.iterdir()) == []


def test_an_existing_output_is_kept_unless_told_otherwise(bag, tmp_path):
    silent = of(FaultKind.DROP, drive.IMAGE)
    break_bag(bag, tmp_path / 'out', [silent], quiet)
    with pytest.raises(BagError, match='expected a new path'):
        break_bag(bag, tmp_path / 'out', [silent], quiet)
    break_bag(bag, tmp_path / 'out', [], quiet, overwrite=True)
    assert len(read(tmp_path / 'out')) == 16


def test_without_a_bag_there_is_nothing_to_break(tmp_path):
    with pytest.raises(BagError, match=r'bag .*none: expected'):
        break_bag(tmp_path / 'none', tmp_path / 'out', FAULTS, quiet)
