# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The localization over a bag: what its node does with each message, without a node.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, TYPE_CHECKING

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.localization.localizer import Localizer
from mm_fusion_ros.localization.own_transforms import OwnTransforms
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.localization_config import NODE_NAME
from mm_fusion_ros.localization_node_health import LocalizationNodeHealth
from mm_fusion_ros.localization_outputs import LocalizationOutputs
from mm_fusion_ros.messages.convert_out import from_localization_health
from mm_fusion_ros.offline_lidar_odometry import BagLidarOdometry
from mm_fusion_ros.offline_summary import ProblemsOverTime
from mm_fusion_ros.output import absolute_topic, Output
from mm_fusion_ros.stamps import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from mm_fusion_ros.localization.located import Located
    from mm_fusion_ros.localization_config import LocalizationConfig
    from mm_fusion_ros.offline_summary import WarningsOnce
    from mm_fusion_ros.offline_writer import OutputWriter
    from mm_fusion_ros.perception_config import LidarConfig

DIAGNOSTICS = '/diagnostics'
LIDAR_ODOMETRY = 'lidar_odometry'
_HEALTH_NS = NS_PER_S
_LONGEST_SILENCE_NS = 10 * NS_PER_S  # of the whole bag, beyond which nothing is predicted anyway


class BagLocalization:
    """
    Locates the vehicle by what is read from a bag.

    Parameters
    ----------
    config : LocalizationConfig
        As the node would have it.
    writer : OutputWriter
        Is given the poses, and how the localization is.
    warnings : WarningsOnce
        Told what is wrong with transforms.
    on_located : callable
        Told of every pose, and when it was there, ns.
    lidar : LidarConfig, optional
        The LiDAR by whose motion it locates as well.

    Attributes
    ----------
    outputs : tuple of Output
        What is written of a pose.
    problems : ProblemsOverTime
        What was wrong, looked at once a second.
    poses : int
        How many there were.

    """

    def __init__(
        self,
        config: LocalizationConfig,
        writer: OutputWriter,
        warnings: WarningsOnce,
        on_located: Callable[[Located, int], None],
        lidar: LidarConfig | None = None,
    ) -> None:
        self._lidar_odometry = None
        if lidar is not None:
            self._lidar_odometry = BagLidarOdometry(lidar)
            config = replace(config, velocity=replace(config.velocity, topic=LIDAR_ODOMETRY))
        self._localizer = Localizer(config)
        self._own = OwnTransforms(config)
        self._remembered = LocalizationOutputs(config)
        self.outputs = self._remembered.all()
        self._diagnostics = (
            Output(DIAGNOSTICS, 'diagnostic_msgs/msg/DiagnosticArray', lambda built, _: built),)
        self._lidar_outputs = (Output(
            LIDAR_ODOMETRY, 'geometry_msgs/msg/TwistWithCovarianceStamped',
            lambda built, _: built),)
        self._writer = writer
        self._warnings = warnings
        self._on_located = on_located
        self._period_ns = round(NS_PER_S / config.rate_hz)
        self._due_ns: int | None = None
        self._health_due_ns = 0
        self.problems = ProblemsOverTime()
        self.poses = 0

    def advance(self, now_ns: int) -> None:
        """Give what silence makes due by now, looking as often as the node does."""
        if self._due_ns is None:
            self._due_ns, self._health_due_ns = now_ns, now_ns + _HEALTH_NS
        due_ns = max(self._due_ns, now_ns - _LONGEST_SILENCE_NS)
        while due_ns <= now_ns:
            self._give(self._localizer.poll(due_ns), due_ns)
            if due_ns >= self._health_due_ns:
                self._tell_health(due_ns)
            due_ns += self._period_ns
        self._due_ns = due_ns

    def take(self, source: Source, message: Any, arrival_ns: int) -> None:
        """Handle one message of a source, as the node would on its arrival."""
        self._give(self._localizer.receive(source, message, arrival_ns), arrival_ns)

    def reject(self, source: Source, problem: str, arrival_ns: int) -> None:
        """Take note of a message that could not be read."""
        self._localizer.reject(source, problem, arrival_ns)

    def take_sweep(self, message: Any, arrival_ns: int) -> None:
        """Handle a PointCloud2 of the LiDAR whose motion counts."""
        assert self._lidar_odometry is not None  # whoever has a sweep named its LiDAR
        twist = self._lidar_odometry.add(message, arrival_ns)
        if twist is not None:
            self._writer.write(self._lidar_outputs, twist, arrival_ns)
            self.take(Source.VELOCITY, twist, arrival_ns)

    def take_transforms(self, message: Any, *, is_static: bool) -> None:
        """Handle a TFMessage."""
        self._warnings.add(self._localizer.add_transforms(message, is_static=is_static))
        self._own.hear(message)

    def _give(self, found: list[Located], at_ns: int) -> None:
        for located in found:
            self._own.published(located.stamp_ns)
            self._writer.call(partial(self._remembered.remember, located))
            self._writer.write(self.outputs, located, at_ns)
            self._on_located(located, at_ns)
        self.poses += len(found)

    def _tell_health(self, at_ns: int) -> None:
        health = LocalizationNodeHealth(
            absolute_topic(NODE_NAME), self._localizer.health(), {}, self._own.conflicts)
        self.problems.add(health.problems)
        # Built here: its counts go on in this thread.
        message = from_localization_health(health, at_ns, BAG_TYPES)
        self._writer.write(self._diagnostics, message, at_ns)
        self._health_due_ns = at_ns + _HEALTH_NS
