# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Bags: what is written comes back, in order, by every reader; what cannot be read says why.
"""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING

from hypothesis import given, HealthCheck, settings
from hypothesis import strategies as st
import numpy as np
import pytest

from mm_fusion_ros.bags.read import BagReader, TopicInfo
from mm_fusion_ros.bags.typestore import TYPESTORE
from mm_fusion_ros.bags.write import BagWriter
from mm_fusion_ros.errors import BagError, InvalidMessageError

from .conftest import image, PERIOD_NS, START_NS, string

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_topics_are_listed_with_type_count_and_durability(bag_path: Path) -> None:
    with BagReader(bag_path) as bag:
        assert bag.topics == (
            TopicInfo('/camera', 'sensor_msgs/msg/Image', 10),
            TopicInfo('/text', 'std_msgs/msg/String', 10),
            TopicInfo('/tf_static', 'tf2_msgs/msg/TFMessage', 1, transient_local=True),
        )
        assert bag.start_ns == START_NS
        assert bag.duration_ns == 9 * PERIOD_NS + PERIOD_NS // 2
        assert bag.end_ns == bag.start_ns + bag.duration_ns
        assert bag.warnings == ()


def test_messages_come_back_equal_and_by_log_time_over_all_topics(bag_path: Path) -> None:
    with BagReader(bag_path) as bag:
        messages = list(bag.messages())
    times = [message.log_time_ns for message in messages]
    assert times == sorted(times)
    assert len(messages) == 21
    assert [m.message.data for m in messages if m.topic == '/text'] == [
        f'text {i}' for i in range(10)
    ]
    stamp_ns = START_NS + 3 * PERIOD_NS
    read = next(m.message for m in messages if m.topic == '/camera' and m.log_time_ns == stamp_ns)
    np.testing.assert_array_equal(read.data, image(stamp_ns).data)
    assert (read.header.stamp.nanosec, read.header.frame_id) == (300_000_000, 'camera')


def test_log_times_written_out_of_order_are_read_in_order(tmp_path: Path) -> None:
    with BagWriter(tmp_path / 'bag') as bag:
        for i in (3, 1, 2):
            bag.write('/text', string(str(i)), START_NS + i)
    with BagReader(tmp_path / 'bag') as bag:
        assert [m.message.data for m in bag.messages()] == ['1', '2', '3']


def test_topics_and_a_time_span_can_be_picked(bag_path: Path) -> None:
    with BagReader(bag_path) as bag:
        start_ns = START_NS + PERIOD_NS
        some = list(bag.messages(['/camera'], start_ns, start_ns + 2 * PERIOD_NS))
        assert [m.log_time_ns for m in some] == [start_ns, start_ns + PERIOD_NS]
        assert list(bag.messages(['/no_such_topic'])) == []


def test_raw_bytes_written_on_make_the_same_bag(bag_path: Path, tmp_path: Path) -> None:
    with BagReader(bag_path) as bag, BagWriter(tmp_path / 'copy' / 'drive') as copy:
        for m in bag.messages():
            copy.write_raw(m.topic, m.type, m.raw, m.log_time_ns, m.topic == '/tf_static')
    assert (tmp_path / 'copy/drive/metadata.yaml').is_file()
    with BagReader(tmp_path / 'copy/drive') as copied, BagReader(bag_path) as bag:
        assert copied.topics == bag.topics
        assert [m.raw for m in copied.messages()] == [m.raw for m in bag.messages()]


def test_two_writes_of_the_same_messages_are_byte_identical(
    tmp_path: Path, write_bag: Callable[[Path], Path]
) -> None:
    first, second = write_bag(tmp_path / 'a' / 'drive'), write_bag(tmp_path / 'b' / 'drive')
    for name in ('drive.mcap', 'metadata.yaml'):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    assert sorted(path.name for path in first.iterdir()) == ['drive.mcap', 'metadata.yaml']


def test_an_empty_bag_is_written_and_read(tmp_path: Path) -> None:
    with BagWriter(tmp_path / 'empty'):
        pass
    with BagReader(tmp_path / 'empty') as bag:
        assert (bag.topics, bag.start_ns, bag.end_ns, list(bag.messages())) == ((), 0, 0, [])


def test_the_mcap_libraries_read_what_was_written(bag_path: Path) -> None:
    reader = pytest.importorskip('mcap_ros2.reader')
    messages = list(reader.read_ros2_messages(str(bag_path / 'drive.mcap')))
    assert len(messages) == 21
    assert messages[0].ros_msg.transforms[0].child_frame_id == 'lidar_top'
    assert 'durability: 1' in messages[0].channel.metadata['offered_qos_profiles']
    summary = pytest.importorskip('mcap.reader').make_reader(
        (bag_path / 'drive.mcap').open('rb')
    ).get_summary()
    assert {index.compression for index in summary.chunk_indexes} == {'zstd'}
    assert len(summary.chunk_indexes) > 1


def test_an_existing_path_is_refused_unless_it_is_a_bag_to_overwrite(bag_path: Path) -> None:
    with pytest.raises(BagError, match='expected a new path, got one that exists already'):
        BagWriter(bag_path)
    with BagWriter(bag_path, overwrite=True) as bag:
        bag.write('/text', string('new'), START_NS)
    with BagReader(bag_path) as bag:
        assert [m.message.data for m in bag.messages()] == ['new']
    with pytest.raises(BagError, match='expected a bag to overwrite, got something else'):
        BagWriter(bag_path.parent, overwrite=True)


def test_an_aborted_run_leaves_nothing_and_keeps_what_was_there(bag_path: Path) -> None:
    before = (bag_path / 'drive.mcap').read_bytes()
    bag = BagWriter(bag_path, overwrite=True).__enter__()
    bag.write('/text', string('half'), START_NS)
    bag.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert [path.name for path in bag_path.parent.iterdir()] == ['drive']
    assert (bag_path / 'drive.mcap').read_bytes() == before


def test_an_unwritable_output_is_a_bag_error(tmp_path: Path) -> None:
    (tmp_path / 'file').touch()
    with (
        pytest.raises(BagError, match='expected a writable path, got Not a directory'),
        BagWriter(tmp_path / 'file' / 'bag'),
    ):
        pass


def test_a_topic_keeps_its_type_and_durability(tmp_path: Path) -> None:
    with BagWriter(tmp_path / 'bag') as bag:
        bag.write('/text', string('a'), START_NS)
        with pytest.raises(BagError, match=r'topic /text: expected std_msgs/msg/String'):
            bag.write('/text', image(START_NS), START_NS)
        with pytest.raises(BagError, match=r'transient-local False, got .* transient-local True'):
            bag.write('/text', string('b'), START_NS, transient_local=True)


def test_a_single_mcap_file_is_a_bag(bag_path: Path, tmp_path: Path) -> None:
    file = shutil.copy(bag_path / 'drive.mcap', tmp_path / 'alone.mcap')
    with BagReader(file) as bag:
        assert sum(topic.count for topic in bag.topics) == len(list(bag.messages())) == 21


def test_a_folder_without_metadata_is_read_from_its_storage(bag_path: Path) -> None:
    (bag_path / 'metadata.yaml').unlink()
    with BagReader(bag_path) as bag:
        assert len(list(bag.messages())) == 21


@pytest.mark.parametrize('has_metadata', [True, False])
def test_what_a_crashed_recorder_left_is_read_up_to_the_tear(
    bag_path: Path, has_metadata: bool
) -> None:
    whole = (bag_path / 'drive.mcap').read_bytes()
    (bag_path / 'drive.mcap').write_bytes(whole[: len(whole) * 3 // 4])
    if not has_metadata:
        (bag_path / 'metadata.yaml').unlink()
    with BagReader(bag_path) as bag:
        messages = list(bag.messages())
        assert 'read up to the last whole record' in bag.warnings[0]
        assert sum(topic.count for topic in bag.topics) == len(messages)
    assert 10 <= len(messages) < 21
    assert messages[1].message.width == 1000


@pytest.mark.parametrize('cut', [8, 12, 60, 5000])
def test_a_file_torn_before_its_first_message_is_empty_or_refused(
    bag_path: Path, cut: int
) -> None:
    file = bag_path / 'drive.mcap'
    file.write_bytes(file.read_bytes()[:cut])
    (bag_path / 'metadata.yaml').unlink()
    with contextlib.suppress(BagError), BagReader(bag_path) as bag:
        assert list(bag.messages()) == []


def test_damage_inside_a_chunk_is_a_bag_error(bag_path: Path) -> None:
    data = bytearray((bag_path / 'drive.mcap').read_bytes())
    frame = data.index(b'\x28\xb5\x2f\xfd', len(data) // 2)  # the start of a zstd frame
    data[frame : frame + 64] = bytes(64)
    (bag_path / 'drive.mcap').write_bytes(data)
    with (
        BagReader(bag_path) as bag,
        pytest.raises(BagError, match=r'drive: expected a rosbag2 folder.*got unreadable content'),
    ):
        list(bag.messages())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_damage_causes_anything_but_the_errors_promised(
    bag_path: Path, tmp_path: Path, data: st.DataObject
) -> None:
    content = bytearray((bag_path / 'drive.mcap').read_bytes())
    # Half of the damage goes to where the records are, not into the pixels.
    places = st.integers(0, 5000) | st.integers(len(content) - 8000, len(content) - 1)
    for place in data.draw(st.lists(places, min_size=1, max_size=8)):
        content[place] = data.draw(st.integers(0, 255))
    (tmp_path / 'damaged.mcap').write_bytes(content)
    with (
        contextlib.suppress(BagError, InvalidMessageError),
        BagReader(tmp_path / 'damaged.mcap') as bag,
    ):
        for message in bag.messages():
            assert message.message is not None


def _jpeg(folder: Path) -> Path:
    (folder / 'photo.mcap').write_bytes(b'\xff\xd8\xff\xe0\x00\x10JFIF' + bytes(1000))
    return folder / 'photo.mcap'


def _empty_file(folder: Path) -> Path:
    (folder / 'nothing.bag').touch()
    return folder / 'nothing.bag'


def _foreign_suffix(folder: Path) -> Path:
    (folder / 'notes.txt').touch()
    return folder / 'notes.txt'


def _foreign_metadata(folder: Path) -> Path:
    (folder / 'metadata.yaml').write_text('- a\n- list\n')
    return folder


@pytest.mark.parametrize(
    ('make', 'reason'),
    [
        (lambda folder: folder / 'missing', 'no such path'),
        (lambda folder: folder, 'a folder without metadata.yaml or storage'),
        (_jpeg, 'unreadable content .File magic is invalid'),
        (_empty_file, 'unreadable content'),
        (_foreign_suffix, 'a file named .txt'),
        (_foreign_metadata, 'unreadable content'),
    ],
)
def test_what_is_no_bag_is_refused_in_one_line(
    tmp_path: Path, make: Callable[[Path], Path], reason: str
) -> None:
    expected = rf'^bag .*: expected a rosbag2 folder, .mcap, .db3 or ROS 1 .bag, got {reason}.*$'
    with pytest.raises(BagError, match=expected) as caught, BagReader(make(tmp_path)):
        pass
    assert '\n' not in str(caught.value)


def test_a_message_shorter_than_its_type_is_an_invalid_message(tmp_path: Path) -> None:
    with BagWriter(tmp_path / 'bag') as bag:
        bag.write_raw('/camera', 'sensor_msgs/msg/Image', b'\x00\x01\x00\x00\x05', START_NS)
    with BagReader(tmp_path / 'bag') as bag:
        (message,) = bag.messages()
        with pytest.raises(InvalidMessageError, match='message on /camera: expected sensor_msgs'):
            _ = message.message


@pytest.mark.real_data
def test_a_ros_1_bag_gives_ros_2_messages(data_dir: Path) -> None:
    with BagReader(data_dir / 'imu_gps_bag' / 'husky_campus.bag') as bag:
        kinds = {topic.type for topic in bag.topics}
        assert {'sensor_msgs/msg/Imu', 'sensor_msgs/msg/NavSatFix'} <= kinds
        imu = next(m for m in bag.messages() if m.type == 'sensor_msgs/msg/Imu')
        again = TYPESTORE.deserialize_cdr(imu.raw, imu.type)
        assert again.header == imu.message.header
        assert imu.message.header.stamp.sec > 1_300_000_000
        assert not hasattr(imu.message.header, 'seq')
