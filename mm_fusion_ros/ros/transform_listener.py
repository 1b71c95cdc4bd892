# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Hears /tf_static always, and /tf for a moment whenever its publishers change.

At hundreds of messages a second /tf is not free, and who publishes what there seldom changes.
"""

from __future__ import annotations

import time
from typing import Any, TYPE_CHECKING

from mm_fusion_ros.intake import TF, TF_STATIC
from mm_fusion_ros.ros.message_types import message_class
from mm_fusion_ros.ros.qos import AutoSubscription, latched_qos

if TYPE_CHECKING:
    from collections.abc import Callable

    from rclpy.node import Node

    from mm_fusion_ros.localization.localizer import Localizer
    from mm_fusion_ros.localization.own_transforms import OwnTransforms

_TYPE = 'tf2_msgs/msg/TFMessage'
_LOOK_S = 3.0


class TransformListener:
    """
    Gives transforms to the localizer, and finds those that others publish in its place.

    Parameters
    ----------
    node : rclpy Node
        Owner of the subscriptions.
    localizer : Localizer
        Needs to know where sensors are mounted.
    own : OwnTransforms
        What the node publishes itself.
    on_problem : callable
        Told in words of what cannot be used.

    """

    def __init__(
        self, node: Node, localizer: Localizer, own: OwnTransforms,
        on_problem: Callable[[str], None],
    ) -> None:
        self._node = node
        self._localizer = localizer
        self._own = own
        self._on_problem = on_problem
        own.forget()  # of an earlier activation
        self._others: frozenset[Any] = frozenset()
        self._look_until_s = 0.0
        self._dynamic: AutoSubscription | None = None
        self._static = node.create_subscription(
            message_class(_TYPE), TF_STATIC, self._on_static, latched_qos(200))

    @property
    def conflicts(self) -> tuple[str, ...]:
        """One text for each frame that somebody else gives a place too."""
        return self._own.conflicts

    def refresh(self) -> None:
        """Look at /tf if others publish there since a moment ago."""
        others = self._other_publishers()
        if others != self._others:
            self._others = others
            self._own.forget()
            self._look_until_s = time.monotonic() + _LOOK_S
        is_looking = bool(others) and time.monotonic() < self._look_until_s
        if is_looking and self._dynamic is None:
            self._dynamic = AutoSubscription(
                self._node, message_class(_TYPE), TF, self._on_dynamic, reliability='auto',
                depth=100, on_incompatible=self._on_problem)
        elif not is_looking and self._dynamic is not None:
            self._dynamic.destroy()
            self._dynamic = None

    def destroy(self) -> None:
        """End all subscriptions."""
        self._node.destroy_subscription(self._static)
        if self._dynamic is not None:
            self._dynamic.destroy()

    def _other_publishers(self) -> frozenset[Any]:
        own = self._node.get_name(), self._node.get_namespace()
        return frozenset(
            tuple(info.endpoint_gid)
            for info in self._node.get_publishers_info_by_topic(TF)
            if (info.node_name, info.node_namespace) != own)

    def _on_static(self, message: Any) -> None:
        for problem in self._localizer.add_transforms(message, is_static=True):
            self._on_problem(problem)
        self._own.hear(message)

    def _on_dynamic(self, message: Any) -> None:
        for problem in self._localizer.add_transforms(message, is_static=False):
            self._on_problem(problem)
        self._own.hear(message)
