# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Where messages come in, live or from a bag: which topics, which sensor, which stamp.

Messages are only looked at for their stamp here; `frame_assembler` converts what was matched.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import Any, TYPE_CHECKING

from mm_fusion_ros.ego_motion.pose_wait import PoseWait
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.messages.convert_in.fields import read_header
from mm_fusion_ros.stamps import NS_PER_MS
from mm_fusion_ros.sync.frame_synchronizer import FrameSynchronizer
from mm_fusion_ros.sync.settings import SensorSpec, SyncSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from mm_fusion_ros.frame_assembler import FrameAssembler
    from mm_fusion_ros.perception_config import PerceptionConfig
    from mm_fusion_ros.sync.match import Match
    from mm_fusion_ros.sync.synchronizer import Synchronizer


class InputType(Enum):
    """The messages that perception takes in."""

    POINTS = 'sensor_msgs/msg/PointCloud2'
    IMAGE = 'sensor_msgs/msg/Image'
    COMPRESSED_IMAGE = 'sensor_msgs/msg/CompressedImage'
    CAMERA_INFO = 'sensor_msgs/msg/CameraInfo'
    ODOMETRY = 'nav_msgs/msg/Odometry'
    TRANSFORMS = 'tf2_msgs/msg/TFMessage'


TF, TF_STATIC = '/tf', '/tf_static'
_ODOMETRY_DEPTH = 50


@dataclass(frozen=True, slots=True)
class InputTopic:
    """
    One topic that perception reads.

    Attributes
    ----------
    topic : str
        Absolute or relative name.
    type : InputType
        What it carries.
    sensor : str
        The sensor it serves; empty for transforms and odometry.
    reliability : str
        'auto', 'reliable' or 'best_effort'.
    depth : int
        History depth, messages.

    """

    topic: str
    type: InputType
    sensor: str
    reliability: str = 'auto'
    depth: int = 5


@dataclass(frozen=True, slots=True)
class Received:
    """
    A message of a sensor with the instant it was handed over.

    Attributes
    ----------
    message : Any
        As the middleware or bag library gives it.
    taken_ns : int
        By the injected monotonic timer, ns: what latencies are counted from.

    """

    message: Any
    taken_ns: int


def input_topics(config: PerceptionConfig) -> tuple[InputTopic, ...]:
    """
    List what has to be subscribed to, or read from a bag.

    Raises
    ------
    ConfigError
        If two sensors share a topic.

    """
    topics = [
        InputTopic(lidar.topic, InputType.POINTS, name, lidar.reliability, lidar.depth)
        for name, lidar in zip(config.lidars, config.lidar, strict=True)
    ]
    for name, camera in zip(config.cameras, config.camera, strict=True):
        kind = InputType.COMPRESSED_IMAGE if camera.is_compressed else InputType.IMAGE
        topics.append(InputTopic(camera.topic, kind, name, camera.reliability, camera.depth))
        topics.append(InputTopic(camera.info_topic, InputType.CAMERA_INFO, name))
    for topic, count in Counter(item.topic for item in topics).items():
        if count > 1:
            raise ConfigError(f'topic {topic}', 'one sensor', f'{count} sensors')
    motion = config.ego_motion
    if motion.is_used and motion.source == 'odometry':
        topics.append(InputTopic(
            motion.odometry_topic, InputType.ODOMETRY, '', depth=_ODOMETRY_DEPTH))
    topics += [InputTopic(topic, InputType.TRANSFORMS, '', depth=200) for topic in (TF, TF_STATIC)]
    return tuple(topics)


def sync_settings(config: PerceptionConfig) -> tuple[tuple[SensorSpec, ...], SyncSettings]:
    """Express the configuration in the terms of `sync`."""
    sensors = tuple(
        SensorSpec(
            name,
            'lidar' if name in config.lidars else 'camera',
            round(sensor.tolerance_ms * NS_PER_MS),
            round(sensor.offset_ms * NS_PER_MS),
        )
        for name, sensor in config.sensors.items()
    )
    settings = SyncSettings(
        reference=config.sync.reference or None,
        max_wait_ns=round(config.sync.max_wait_ms * NS_PER_MS),
        silent_periods=config.sync.silent_periods,
        slop_ns=max(sensor.tolerance_ns for sensor in sensors),
    )
    return sensors, settings


def reference_synchronizer(config: PerceptionConfig) -> Synchronizer[Received]:
    """
    Make the synchroniser of the policy `reference`.

    Raises
    ------
    ConfigError
        If the configuration asks for the other policy, which only a ROS node can serve.

    """
    if config.sync.policy != 'reference':
        raise ConfigError('parameter sync.policy', 'reference outside a node', config.sync.policy)
    return FrameSynchronizer(*sync_settings(config))


class SensorIntake:
    """
    Feeds sensor messages to a synchroniser, and gives its matches when ego poses cover them.

    Parameters
    ----------
    config : PerceptionConfig
        Names the sensors.
    synchronizer : Synchronizer
        Decides what belongs together.
    assembler : FrameAssembler
        Knows the newest ego pose, and which one a match needs.
    timer : callable
        Returns a monotonic time, ns.

    """

    def __init__(
        self,
        config: PerceptionConfig,
        synchronizer: Synchronizer[Received],
        assembler: FrameAssembler,
        timer: Callable[[], int],
    ) -> None:
        self.synchronizer = synchronizer
        self._assembler = assembler
        self._wait: PoseWait[Received] = PoseWait(round(config.sync.max_wait_ms * NS_PER_MS))
        self._timer = timer
        self._by_arrival = {
            name for name, sensor in config.sensors.items() if sensor.stamp_source == 'arrival'
        }

    def receive(self, sensor: str, message: Any, arrival_ns: int) -> list[Match[Received]]:
        """
        Take in one message of a sensor and return the matches that are decided now.

        Parameters
        ----------
        sensor : str
            Its configured name.
        message : sensor_msgs message
            Only its header is read.
        arrival_ns : int
            By the receiving clock: ROS time, or a bag's log time.

        """
        stamp_ns = arrival_ns if sensor in self._by_arrival else read_header(message)[0]
        received = Received(message, self._timer())
        matches = self.synchronizer.add(sensor, stamp_ns, received, arrival_ns)
        return self._covered(matches, arrival_ns)

    def pose_arrived(self, arrival_ns: int) -> list[Match[Received]]:
        """Return the matches that waited for the pose that the assembler was just given."""
        self._wait.cover(self._assembler.poses.newest_ns, arrival_ns)
        return self._wait.poll(arrival_ns)

    def poll(self, now_ns: int) -> list[Match[Received]]:
        """Return the matches that are decided by time having passed."""
        return self._covered(self.synchronizer.poll(now_ns), now_ns)

    def next_deadline_ns(self) -> int | None:
        """Return when `poll` will next have something to do, None if only a message can help."""
        due_ns = (self.synchronizer.next_deadline_ns(), self._wait.next_deadline_ns())
        return min((item for item in due_ns if item is not None), default=None)

    def flush(self) -> list[Match[Received]]:
        """End the stream: return every open match with what it has."""
        for match in self.synchronizer.flush():
            self._wait.add(match, None)
        return self._wait.flush()

    def _covered(
        self, matches: list[Match[Received]], now_ns: int
    ) -> list[Match[Received]]:
        for match in matches:
            self._wait.add(match, self._assembler.motion.needed_ns(match))
        return self._wait.poll(now_ns)
