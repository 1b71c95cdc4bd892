# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Reads a bag once, and keeps of each topic its times and what its messages are like.

Nothing is judged here. Of a message nothing is kept but 16 bytes of times; what is looked at in
depth is a sample spread evenly over the bag.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
import struct
from typing import Any, Protocol, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.datasets.names import TRUTH
from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.doctor.camera_contents import CameraInfoContents, ImageContents
from mm_fusion_ros.doctor.cloud_contents import CloudContents
from mm_fusion_ros.doctor.inertial_contents import GnssContents, ImuContents, TwistContents
from mm_fusion_ros.doctor.transform_contents import TransformContents
from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.stamps import join

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from mm_fusion_ros.bags.read import BagMessage, TopicInfo
    from mm_fusion_ros.messages.convert_in import PointTimeSettings

POINTS = 'sensor_msgs/msg/PointCloud2'
IMAGE = 'sensor_msgs/msg/Image'
COMPRESSED_IMAGE = 'sensor_msgs/msg/CompressedImage'
CAMERA_INFO = 'sensor_msgs/msg/CameraInfo'
IMU = 'sensor_msgs/msg/Imu'
FIX = 'sensor_msgs/msg/NavSatFix'
TRANSFORMS = 'tf2_msgs/msg/TFMessage'
TWIST = 'geometry_msgs/msg/TwistStamped'
SURE_TWIST = 'geometry_msgs/msg/TwistWithCovarianceStamped'
ODOMETRY = 'nav_msgs/msg/Odometry'
_SAMPLES = {
    POINTS: 12, IMAGE: 8, COMPRESSED_IMAGE: 8, CAMERA_INFO: 20, IMU: 500, FIX: 500, TWIST: 500,
    SURE_TWIST: 500, ODOMETRY: 500,
}
KNOWN_TYPES = tuple(_SAMPLES)


class Contents(Protocol):
    """
    What is learned from the messages of one topic.
    """

    def add(self, message: Any) -> None:
        """
        Look at one message; InvalidMessageError if perception could not use it.
        """


@dataclass(slots=True)
class Stream:
    """
    One topic as it was read.

    Attributes
    ----------
    info : TopicInfo
        Name, type and count.
    contents : Contents, optional
        What its messages are like; None where only times matter.
    frame_ids : dict
        Frames its headers name, in order of appearance; an ordered set.
    problems : dict
        Texts of what makes messages unusable, to how many of the sample.
    sampled : int
        Messages looked at in depth.
    bytes_largest : int
        Size of the largest message.

    """

    info: TopicInfo
    contents: Contents | None = None
    frame_ids: dict[str, None] = field(default_factory=dict)
    problems: dict[str, int] = field(default_factory=dict)
    sampled: int = 0
    bytes_largest: int = 0
    _stamps: array[int] = field(default_factory=lambda: array('q'))
    _log_times: array[int] = field(default_factory=lambda: array('q'))

    @property
    def stamps_ns(self) -> NDArray[np.int64]:
        """
        Header stamps (N,), ns.
        """
        return np.frombuffer(self._stamps, np.int64) if self._stamps else np.empty(0, np.int64)

    @property
    def log_times_ns(self) -> NDArray[np.int64]:
        """
        Log times (N,), ns.
        """
        times = self._log_times
        return np.frombuffer(times, np.int64) if times else np.empty(0, np.int64)

    def add(self, recorded: BagMessage) -> None:
        """
        Take in a message.
        """
        self.bytes_largest = max(self.bytes_largest, len(recorded.raw))
        stride = max(-(-self.info.count // _SAMPLES.get(self.info.type, 1)), 1)
        is_sampled = len(self._stamps) % stride == 0
        try:
            stamp_ns, frame_id = read_raw_header(recorded.raw)
            self._stamps.append(stamp_ns)
            self._log_times.append(recorded.log_time_ns)
            self.frame_ids[frame_id] = None
            if self.contents is not None and is_sampled:
                self.sampled += 1
                self.contents.add(recorded.message)
        except InvalidMessageError as err:
            self.problems[str(err)] = self.problems.get(str(err), 0) + 1


@dataclass(frozen=True, slots=True)
class Recording:
    """
    A bag as it was read.

    Attributes
    ----------
    path : Path
        The bag.
    start_ns, end_ns : int
        First and last log time.
    topics : tuple of TopicInfo
        All of them.
    streams : dict
        Topic to what was read of it, where its type means something to this package.
    transforms : TransformContents
        The tree of frames.
    warnings : tuple of str
        What the reader had to mend.

    """

    path: Path
    start_ns: int
    end_ns: int
    topics: tuple[TopicInfo, ...]
    streams: dict[str, Stream]
    transforms: TransformContents
    warnings: tuple[str, ...]

    def of_type(self, *kinds: str) -> list[Stream]:
        """
        List the streams of some types.
        """
        return [stream for stream in self.streams.values() if stream.info.type in kinds]


def read_recording(
    path: Path,
    point_times: Mapping[str, PointTimeSettings],
    progress: Callable[[int, int], None],
) -> Recording:
    """
    Read a bag from beginning to end.

    Parameters
    ----------
    path : Path
        Anything that `BagReader` takes.
    point_times : mapping
        Topic to what is configured about the times of its points.
    progress : callable
        Called with messages read so far and in all, now and then.

    Raises
    ------
    BagError
        If it cannot be read.

    """
    transforms = TransformContents()
    with BagReader(path) as bag:
        streams = {
            info.name: Stream(info, _contents(info.type, point_times.get(info.name)))
            for info in bag.topics
            if info.type in KNOWN_TYPES and not info.name.startswith(f'{TRUTH}/')
        }
        wanted = {*streams, *(i.name for i in bag.topics if i.type == TRANSFORMS)}
        total = sum(info.count for info in bag.topics if info.name in wanted)
        for done, recorded in enumerate(bag.messages(wanted)):
            if recorded.type == TRANSFORMS:
                transforms.add(recorded)
            elif recorded.type == streams[recorded.topic].info.type:
                streams[recorded.topic].add(recorded)
            if done % 64 == 0:
                progress(done, total)
        progress(total, total)
        return Recording(
            path, bag.start_ns, bag.end_ns, bag.topics, streams, transforms, bag.warnings
        )


def read_raw_header(raw: bytes | memoryview) -> tuple[int, str]:
    """
    Read stamp, ns, and frame of a CDR message that begins with a std_msgs/Header.

    Raises
    ------
    InvalidMessageError
        If the bytes end within it.

    """
    try:
        order = '<' if raw[1] & 1 else '>'
        sec, nanosec, size = struct.unpack_from(f'{order}iII', raw, 4)
        (name,) = struct.unpack_from(f'{max(size - 1, 0)}s', raw, 16)  # the last byte ends it
    except (IndexError, struct.error) as err:
        raise InvalidMessageError('message', 'a std_msgs/Header', f'{len(raw)} bytes') from err
    return join(sec, nanosec), name.decode('utf-8', 'replace').lstrip('/')


def _contents(kind: str, point_times: PointTimeSettings | None) -> Contents | None:
    match kind:
        case 'sensor_msgs/msg/PointCloud2':
            return CloudContents(point_times)
        case 'sensor_msgs/msg/Image' | 'sensor_msgs/msg/CompressedImage':
            return ImageContents()
        case 'sensor_msgs/msg/CameraInfo':
            return CameraInfoContents()
        case 'sensor_msgs/msg/Imu':
            return ImuContents()
        case 'sensor_msgs/msg/NavSatFix':
            return GnssContents()
        case (
            'geometry_msgs/msg/TwistStamped' | 'geometry_msgs/msg/TwistWithCovarianceStamped'
            | 'nav_msgs/msg/Odometry'
        ):
            return TwistContents()
    return None
