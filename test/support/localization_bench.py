# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A localization node in this process on simulated time, with ears for what it says."""

from __future__ import annotations

import time

from support.node_bench import NodeBench
from support.simulated_motion import serialised

from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.message_types import BAG_TYPES, constructor
from mm_fusion_ros.messages.convert_in import to_ego_pose, to_transform
from mm_fusion_ros.nodes.localization_node import LocalizationNode
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

CLOCK = '/clock'
_CLOCK_STEP_NS = 10 * NS_PER_MS
_MOST_ON_THE_WAY = 20


class LocalizationBench(NodeBench):
    """
    Runs an active localization node; `parameters` override its defaults.

    `types` replaces what topics carry.
    """

    def __init__(self, types=None, **parameters) -> None:
        super().__init__(LocalizationNode, {
            CLOCK: 'rosgraph_msgs/msg/Clock',
            names.TF_STATIC: 'tf2_msgs/msg/TFMessage',
            '/tf': 'tf2_msgs/msg/TFMessage',
            names.IMU: 'sensor_msgs/msg/Imu',
            names.GNSS_FIX: 'sensor_msgs/msg/NavSatFix',
            names.GNSS_VELOCITY: 'geometry_msgs/msg/TwistStamped',
            names.VEHICLE_TWIST: 'geometry_msgs/msg/TwistStamped',
            **(types or {}),
        }, {'use_sim_time': True, **parameters})
        self.odometry, self.poses, self.edges, self.paths, self.fixes = [], [], [], [], []
        self.diagnostics = []
        self._heard = 0
        self.hear('nav_msgs/msg/Odometry', '/mm_fusion/odometry', self._on_odometry)
        self.hear('geometry_msgs/msg/PoseWithCovarianceStamped', '/mm_fusion/pose',
                  self.poses.append)
        self.hear('nav_msgs/msg/Path', '/mm_fusion/path', self.paths.append)
        self.hear('sensor_msgs/msg/NavSatFix', '/mm_fusion/fix', self.fixes.append)
        self.hear('tf2_msgs/msg/TFMessage', '/tf',
                  lambda message: self.edges.extend(map(to_transform, message.transforms)))
        self.hear('diagnostic_msgs/msg/DiagnosticArray', '/diagnostics', self.diagnostics.append)

    def play(self, motion, seconds, without=()):
        """Send the beginning of a drive as fast as it is taken in."""
        self.send(names.TF_STATIC, motion.mounting)
        start_ns = clock_ns = motion.sent[0].arrival_ns
        wanted = [item for item in motion.sent if item.topic not in without
                  and item.arrival_ns < start_ns + seconds * NS_PER_S]
        for topic in {item.topic for item in wanted}:
            self.publisher(topic, 200)
        self.tell_time(clock_ns)
        time.sleep(0.1)  # time is told by another topic: nothing may overtake its beginning
        before, unheard = self._received(), self.node._answers.count - self._heard
        for number, item in enumerate(wanted):
            while item.arrival_ns >= clock_ns + _CLOCK_STEP_NS:
                clock_ns += _CLOCK_STEP_NS
                self.tell_time(clock_ns)
                self.wait(lambda sent=number: sent - self._received() + before < _MOST_ON_THE_WAY
                          and self.node._answers.count - unheard - self._heard < _MOST_ON_THE_WAY)
            self.send(item.topic, item.raw)
        self.wait(lambda: self._received() - before == len(wanted))
        time.sleep(0.3)

    def _on_odometry(self, message):
        self.odometry.append(to_ego_pose(message))
        self._heard += 1

    def _received(self):
        # Not by its health: that reads the estimator, which the executor's thread is changing.
        return sum(item.received for item in self.node._localizer._inputs.values())

    def tell_time(self, clock_ns):
        """Publish the time."""
        sec, nanosec = divmod(clock_ns, NS_PER_S)
        time_ = BAG_TYPES.Time(sec=sec, nanosec=nanosec)
        self.send(CLOCK, serialised(constructor('rosgraph_msgs/msg/Clock')(clock=time_)))

    def hear_a_report(self):
        """Wait for the next diagnostics."""
        reports = len(self.diagnostics)
        self.wait(lambda: len(self.diagnostics) > reports)

    def values(self, name):
        """Give the newest values of the status whose name ends so."""
        (status,) = [item for item in self.diagnostics[-1].status if item.name.endswith(name)]
        return {item.key: item.value for item in status.values}
