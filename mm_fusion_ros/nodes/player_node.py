# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Plays a bag onto topics, with /clock; loses neither the first message nor the last."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
import sys
import time
from typing import Any, TYPE_CHECKING

from rcl_interfaces.msg import ParameterDescriptor
from rclpy.duration import Duration
from rclpy.node import Node
from rosgraph_msgs.msg import Clock
from tqdm import tqdm

from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.bags.read_ahead import read_ahead
from mm_fusion_ros.bags.replay_schedule import MAX_CLOCK_HZ, replay_schedule, ReplaySettings
from mm_fusion_ros.config import build, parameter, refuse_unknown, walk
from mm_fusion_ros.ros.lifetime import run_node
from mm_fusion_ros.ros.message_types import message_class
from mm_fusion_ros.ros.qos import latched_qos, output_qos
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S, to_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mm_fusion_ros.bags.read import TopicInfo
    from mm_fusion_ros.bags.replay_schedule import Due

_NODE_NAME = 'player_node'
_CLOCK = '/clock'
_CLOCK_STEP_NS = 1 * NS_PER_MS  # at most so much is a message ahead of the receivers' clock
# Receivers on simulated time need the clock to go on, for the deadline of the last frame.
_TAIL_S = 1.0
_SETTLED_S = 1.0
_BULKY = tuple(f'sensor_msgs/msg/{name}' for name in ('Image', 'CompressedImage', 'PointCloud2'))


@dataclass(frozen=True, slots=True)
class PlayerConfig:
    """What can be set about a replay."""

    bag: str = parameter('', 'Recording to play: a rosbag2 folder, .mcap, .db3 or ROS 1 .bag.')
    rate: float = parameter(
        1.0, 'Recorded seconds per second of replay.', minimum=0.01, maximum=100.0)
    loop: bool = parameter(False, 'Begin again at the end.')
    start_offset_s: float = parameter(
        0.0, 'Skip so much of the beginning.', 's', minimum=0.0, maximum=1e6)
    wait_for_subscribers_s: float = parameter(
        10.0, 'Longest wait for somebody to subscribe before the first message; 0 for none.', 's',
        minimum=0.0, maximum=3600.0)
    wait_for_topics: tuple[str, ...] = parameter(
        (), 'Topics that all need a subscriber before the first message; empty for any one topic.')
    progress: bool = parameter(True, 'Show a progress bar.')


class PlayerNode(Node):
    """The publishers of one replay, and its clock."""

    def __init__(self) -> None:
        """Declare and read the parameters."""
        super().__init__(_NODE_NAME)
        values = {}
        for item in walk(PlayerConfig):
            default = list(item.default) if isinstance(item.default, tuple) else item.default
            descriptor = ParameterDescriptor(
                description=item.description, dynamic_typing=True, read_only=True)
            values[item.name] = self.declare_parameter(item.name, default, descriptor).value
        refuse_unknown(
            self._parameter_overrides,
            [*values, 'use_sim_time', 'start_type_description_service'])
        self.config = build(PlayerConfig, values)
        self._clock_ns = 0
        self._clock_publisher = self.create_publisher(Clock, _CLOCK, output_qos(10))
        self._topic_publishers: dict[str, Any] = {}

    def play(self) -> None:
        """Play the whole bag, and wait until all of it has arrived."""
        with BagReader(Path(self.config.bag)) as bag:
            for text in bag.warnings:
                self.get_logger().warning(text)
            for topic in bag.topics:
                self._advertise(topic)
            settings = ReplaySettings(
                self.config.rate, self.config.loop, self.config.start_offset_s)
            schedule = read_ahead(replay_schedule(bag, settings))
            length_s = to_seconds(bag.duration_ns) - settings.start_offset_s
            bar = tqdm(total=None if settings.loop else round(length_s, 1), unit=' s',
                       desc='replay', disable=not self.config.progress)
            with bar, closing(schedule):
                self._play(schedule, bar)
        for publisher in self._topic_publishers.values():
            publisher.wait_for_all_acked(Duration(seconds=2.0))

    def _advertise(self, topic: TopicInfo) -> None:
        if topic.name == _CLOCK:
            return
        if topic.name in self._topic_publishers:
            self.get_logger().warning(
                f'topic {topic.name}: expected one type, got {topic.type} too, not played')
            return
        try:
            kind = message_class(topic.type)
        except (ImportError, AttributeError, ValueError):
            self.get_logger().warning(
                f'topic {topic.name}: expected an installed type, got {topic.type}, not played')
            return
        if topic.transient_local or topic.name == '/tf_static':
            profile = latched_qos(max(100, topic.count))
        else:
            profile = output_qos(10 if topic.type in _BULKY else 200)
        self._topic_publishers[topic.name] = self.create_publisher(kind, topic.name, profile)

    def _play(self, schedule: Iterator[Due], bar: tqdm) -> None:
        first = next(schedule)
        self._wait_for_subscribers(first.bag_time_ns)
        start_ns = time.monotonic_ns()
        for due in chain([first], schedule):
            time.sleep(max(start_ns + due.at_ns - time.monotonic_ns(), 0) / NS_PER_S)
            if due.message is None:
                self._publish_clock(due.bag_time_ns)
                bar.update(round(due.at_ns / NS_PER_S * self.config.rate, 1) - bar.n)
                continue
            if abs(due.bag_time_ns - self._clock_ns) >= _CLOCK_STEP_NS:
                self._publish_clock(due.bag_time_ns)
            if publisher := self._topic_publishers.get(due.message.topic):
                publisher.publish(due.message.raw)
        for tick in range(1, round(_TAIL_S * MAX_CLOCK_HZ) + 1):
            time.sleep(1.0 / MAX_CLOCK_HZ)
            self._publish_clock(
                due.bag_time_ns + round(tick * self.config.rate / MAX_CLOCK_HZ * NS_PER_S))

    def _publish_clock(self, clock_ns: int) -> None:
        self._clock_ns = clock_ns
        message = Clock()
        message.clock.sec, message.clock.nanosec = divmod(clock_ns, NS_PER_S)
        self._clock_publisher.publish(message)

    def _wait_for_subscribers(self, clock_ns: int) -> None:
        """Wait until subscribers are there and have stayed as they are for a moment."""
        give_up_s = time.monotonic() + self.config.wait_for_subscribers_s
        counts, since_s = None, 0.0
        while (now_s := time.monotonic()) < give_up_s:
            self._publish_clock(clock_ns)
            if (seen := self._subscriber_counts()) != counts:
                counts, since_s = seen, now_s
            if self._is_enough(seen) and now_s - since_s >= _SETTLED_S:
                return
            time.sleep(0.1)
        if self.config.wait_for_subscribers_s and not self._is_enough(counts or {}):
            awaited = ' and '.join(self.config.wait_for_topics) or 'any topic'
            self.get_logger().warning(
                f'subscribers of {awaited}: expected within '
                f'{self.config.wait_for_subscribers_s:g} s, got none; playing all the same')

    def _subscriber_counts(self) -> dict[str, int]:
        return {topic: publisher.get_subscription_count()
                for topic, publisher in self._topic_publishers.items()}

    def _is_enough(self, counts: dict[str, int]) -> bool:
        if self.config.wait_for_topics:
            return all(counts.get(topic) for topic in self.config.wait_for_topics)
        return any(counts.values())


def main(args: list[str] | None = None) -> int:
    """Play until the end, or until interrupted; 2 if the bag or a parameter cannot be used."""
    return run_node(PlayerNode, PlayerNode.play, args)


if __name__ == '__main__':
    sys.exit(main())
