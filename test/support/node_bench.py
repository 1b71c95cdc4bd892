# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A managed node in this process, with drivers to feed it."""

from __future__ import annotations

import threading
import time

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter

from mm_fusion_ros.bags.typestore import TYPESTORE
from mm_fusion_ros.ros.message_types import message_class
from mm_fusion_ros.ros.qos import latched_qos

WAIT_S = 10.0


class NodeBench:
    """
    Runs an active node in the namespace of the launch files.

    Drivers publish serialised bytes, so that any message can be sent that a network could bring.

    Parameters
    ----------
    make : callable
        The node's class.
    types : dict of str to str
        What the topics carry that it is fed with.
    parameters : dict of str to Any
        Override its defaults; '__' stands for '.'.

    """

    def __init__(self, make, types, parameters) -> None:
        rclpy.init()
        overrides = [Parameter(name.replace('__', '.'), value=value)
                     for name, value in parameters.items()]
        self.node = make(parameter_overrides=overrides, namespace='/mm_fusion')
        self.said = []
        self.node.get_logger().warning = self.said.append
        self.driver = Node('driver')
        self._types = types
        self._publishers = {}
        self.executor = SingleThreadedExecutor()
        self.executor.add_node(self.node)
        self.executor.add_node(self.driver)
        self._thread = threading.Thread(target=self._spin, daemon=True)

    def __enter__(self):
        assert self.node.trigger_configure().name == 'SUCCESS'
        assert self.node.trigger_activate().name == 'SUCCESS'
        self._running = True
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._running = False
        self._thread.join()
        self.node.trigger_shutdown()
        self.node.destroy_node()
        self.driver.destroy_node()
        rclpy.shutdown()

    def _spin(self):
        while self._running:
            self.executor.spin_once(timeout_sec=0.05)

    def hear(self, type_name, topic, callback):
        """Let a driver listen."""
        self.driver.create_subscription(message_class(type_name), topic, callback, 50)

    def publisher(self, topic, qos=10):
        if topic not in self._publishers:
            profile = latched_qos() if topic == '/tf_static' else qos
            publisher = self.driver.create_publisher(
                message_class(self._types[topic]), topic, profile)
            self.wait(lambda: publisher.get_subscription_count() > 0)
            self._publishers[topic] = publisher
        return self._publishers[topic]

    def send(self, topic, message) -> None:
        raw = message
        if not isinstance(message, bytes):
            raw = bytes(TYPESTORE.serialize_cdr(message, self._types[topic]))
        self.publisher(topic).publish(raw)

    def transition(self, name):
        """Run a transition where a state service would run it: in the thread that spins."""
        done = self.executor.create_task(getattr(self.node, f'trigger_{name}'))
        self.wait(done.done)
        return done.result()

    def wait(self, condition, limit_s=WAIT_S):
        """Wait until something holds."""
        end_s = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < end_s, f'nothing within {limit_s} s; said {self.said}'
            time.sleep(0.002)
