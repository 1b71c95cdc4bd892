# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Breaks sensors on purpose: stands between their topics and whoever listens to `/faulted<topic>`.

Only the topics of faults pass through it; a listener is remapped to what comes out.
"""

from __future__ import annotations

from pathlib import Path
import sys
import time
from typing import TYPE_CHECKING

import rclpy
from rclpy.clock import Clock, ClockType
from rclpy.node import Node

from mm_fusion_ros import share
from mm_fusion_ros.bags.datasets.names import TF_STATIC
from mm_fusion_ros.config import refuse_unknown
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.faults.injector import FaultInjector
from mm_fusion_ros.faults.serialized import Passing
from mm_fusion_ros.faults.spec import faulted_topics, load_faults
from mm_fusion_ros.intake import input_topics
from mm_fusion_ros.perception_config import load_perception_config
from mm_fusion_ros.ros.lifetime import run_node
from mm_fusion_ros.ros.message_types import message_class
from mm_fusion_ros.ros.qos import AutoSubscription, latched_qos, output_qos
from mm_fusion_ros.ros.throttled_warnings import ThrottledWarnings

if TYPE_CHECKING:
    from collections.abc import Callable

    from rclpy.publisher import Publisher

    from mm_fusion_ros.perception_config import PerceptionConfig

_NODE_NAME = 'fault_node'
_PARAMETERS = (
    'faults', 'vehicle', 'params_file', 'use_sim_time', 'start_type_description_service')
_DEPTH = 50
_LATCHED_DEPTH = 200
_LOOK_S = 0.1


class FaultNode(Node):
    """
    A fault injector on live topics, by this node's clock, which may be simulated.

    Parameters of the node: `faults` (the file), `vehicle` (name or file that names LiDARs and
    cameras; may be empty if faults name neither), `params_file` (laid over the vehicle, or empty).
    """

    def __init__(self, **node_arguments: object) -> None:
        """
        Read the faults, and stand ready where the vehicle says what a topic carries.

        Other topics pass as soon as somebody publishes them.

        Raises
        ------
        ConfigError
            If the faults cannot be used.

        """
        super().__init__(_NODE_NAME, **node_arguments)
        config = self._vehicle()
        self._faults = load_faults(self._file, config)
        self._injector = FaultInjector(self._faults)
        self._renamed = faulted_topics(self._faults)
        self._outputs: dict[str, Publisher] = {}
        self._inputs: list[AutoSubscription] = []
        self._warn = ThrottledWarnings(self.get_logger(), time.monotonic_ns)
        self._due = self.create_timer(1.0, self._on_due)
        self._due.cancel()
        for item in input_topics(config) if config else ():
            if item.topic in self._renamed:
                self._pass(item.topic, item.type.value)
        self.create_timer(_LOOK_S, self._look, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def _vehicle(self) -> PerceptionConfig | None:
        """Read the parameters; give what is known about LiDARs and cameras."""
        file = self.declare_parameter('faults', '').value
        vehicle = self.declare_parameter('vehicle', '').value
        override = self.declare_parameter('params_file', '').value
        refuse_unknown(self._parameter_overrides, _PARAMETERS)
        if not file:
            raise ConfigError('parameter faults', 'a file of faults', 'none')
        self._file = Path(file)
        if not vehicle:
            return None
        return load_perception_config(
            share.perception_parameters(), share.vehicle_file(vehicle),
            *([Path(override)] if override else []))

    def _look(self) -> None:
        """Take up topics that have appeared, and follow their publishers."""
        for topic, (kind, *_) in self.get_topic_names_and_types():
            if topic in self._renamed and topic not in self._outputs:
                self._pass(topic, kind)
        for subscription in self._inputs:
            subscription.refresh()

    def _pass(self, topic: str, kind: str) -> None:
        for fault in self._faults:
            if fault.topic == topic:
                fault.check_fits(kind)
        message_type = message_class(kind)
        is_latched = topic == TF_STATIC
        self._outputs[topic] = self.create_publisher(
            message_type, self._renamed[topic],
            latched_qos(_LATCHED_DEPTH) if is_latched else output_qos(_DEPTH))
        if is_latched:
            self.create_subscription(
                message_type, topic, self._taker(topic, kind), latched_qos(_LATCHED_DEPTH),
                raw=True)
        else:
            self._inputs.append(AutoSubscription(
                self, message_type, topic, self._taker(topic, kind), reliability='auto',
                depth=_DEPTH, on_incompatible=self._warn, raw=True))

    def _taker(self, topic: str, kind: str) -> Callable[[bytes], None]:
        def take(raw: bytes) -> None:
            at_ns = self.get_clock().now().nanoseconds
            self._publish(self._injector.apply(Passing(topic, kind, raw, at_ns)))
            self._warn.all(self._injector.problems)

        return take

    def _on_due(self) -> None:
        self._publish(self._injector.poll(self.get_clock().now().nanoseconds))

    def _publish(self, messages: list[Passing]) -> None:
        for message in messages:
            self._outputs[message.topic].publish(message.raw)
        due_ns = self._injector.next_due_ns()
        if due_ns is None:
            self._due.cancel()
            return
        self._due.timer_period_ns = max(due_ns - self.get_clock().now().nanoseconds, 1)
        self._due.reset()


def main(args: list[str] | None = None) -> int:
    """Run until interrupted; 2 if the faults cannot be used."""
    return run_node(FaultNode, rclpy.spin, args)


if __name__ == '__main__':
    sys.exit(main())
