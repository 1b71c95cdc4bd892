# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Bags of sqlite3 and of ROS 1, made by the bag library.
"""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

import numpy as np
import pytest
from rosbags.rosbag1 import Writer as Ros1Writer
from rosbags.rosbag2 import StoragePlugin
from rosbags.rosbag2 import Writer as Ros2Writer
from rosbags.typesys import get_typestore, Stores

from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.bags.typestore import TYPESTORE

from .conftest import START_NS, string

if TYPE_CHECKING:
    from pathlib import Path

_NOETIC = get_typestore(Stores.ROS1_NOETIC)


@pytest.mark.parametrize('is_folder', [True, False])
def test_a_sqlite_bag_is_read_as_a_folder_and_as_a_file(tmp_path: Path, is_folder: bool) -> None:
    with Ros2Writer(tmp_path / 'old', version=8, storage_plugin=StoragePlugin.SQLITE3) as writer:
        topic = writer.add_connection('/text', 'std_msgs/msg/String', typestore=TYPESTORE)
        for i in range(3):
            raw = TYPESTORE.serialize_cdr(string(str(i)), 'std_msgs/msg/String')
            writer.write(topic, START_NS + i, raw)
    with BagReader(tmp_path / 'old' if is_folder else tmp_path / 'old' / 'old.db3') as bag:
        assert [m.message.data for m in bag.messages()] == ['0', '1', '2']
        assert not bag.topics[0].transient_local


def write_ros1(path: Path, kind: str, message: Any, latching: int | None = None) -> None:
    with Ros1Writer(path) as writer:
        topic = writer.add_connection('/topic', kind, typestore=_NOETIC, latching=latching)
        writer.write(topic, START_NS, bytes(_NOETIC.serialize_ros1(message, kind)))


def ros1_header() -> Any:
    types = _NOETIC.types
    stamp = types['builtin_interfaces/msg/Time'](sec=12, nanosec=34)
    return types['std_msgs/msg/Header'](seq=99, stamp=stamp, frame_id='camera')


def test_a_ros_1_message_loses_its_sequence_number_and_keeps_the_rest(tmp_path: Path) -> None:
    info = _NOETIC.types['sensor_msgs/msg/CameraInfo'](
        header=ros1_header(),
        height=4,
        width=6,
        distortion_model='plumb_bob',
        D=np.zeros(5),
        K=np.arange(9.0),
        R=np.eye(3).reshape(-1),
        P=np.arange(12.0),
        binning_x=0,
        binning_y=0,
        roi=_NOETIC.types['sensor_msgs/msg/RegionOfInterest'](0, 0, 0, 0, False),
    )
    write_ros1(tmp_path / 'old.bag', 'sensor_msgs/msg/CameraInfo', info)
    with BagReader(tmp_path / 'old.bag') as bag:
        (message,) = bag.messages()
    read = TYPESTORE.deserialize_cdr(message.raw, message.type)
    for each in (message.message, read):
        assert (each.header.stamp.sec, each.header.frame_id) == (12, 'camera')
        np.testing.assert_array_equal(each.k, np.arange(9.0))


def test_a_latched_topic_of_ros_1_is_transient_local(tmp_path: Path) -> None:
    text = _NOETIC.types['std_msgs/msg/String'](data='once')
    write_ros1(tmp_path / 'old.bag', 'std_msgs/msg/String', text, latching=1)
    with BagReader(tmp_path / 'old.bag') as bag:
        assert bag.topics[0].transient_local
        assert next(bag.messages()).message.data == 'once'


def test_a_ros_1_type_that_ros_2_changed_is_brought_into_its_new_form(tmp_path: Path) -> None:
    sonar = _NOETIC.types['sensor_msgs/msg/Range'](
        header=ros1_header(),
        radiation_type=0,
        field_of_view=0.5,
        min_range=0.25,
        max_range=4.0,
        range=1.5,
    )
    write_ros1(tmp_path / 'old.bag', 'sensor_msgs/msg/Range', sonar)
    with BagReader(tmp_path / 'old.bag') as bag:
        read = next(bag.messages()).message
    assert (read.header.frame_id, read.range, read.variance) == ('camera', 1.5, 0.0)
