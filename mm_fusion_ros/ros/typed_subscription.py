# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A subscription to a topic that may carry one of several types: that of its publishers."""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

from mm_fusion_ros.ros.message_types import message_class
from mm_fusion_ros.ros.qos import AutoSubscription

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rclpy.node import Node


class TypedSubscription:
    """
    Listens once it is known what is published; messages gather until they are asked for.

    Parameters
    ----------
    node : rclpy Node
        Owner of the subscription.
    types : sequence of str
        What can be taken, `package/msg/Name`, the preferred one first.
    topic : str
        Its name, resolved and remapped as any other.
    callback : callable
        Takes each message.
    depth : int
        Messages kept until the callback takes them.
    on_problem : callable
        Is given one line about publishers that cannot be heard.

    """

    def __init__(
        self,
        node: Node,
        types: Sequence[str],
        topic: str,
        callback: Callable[[Any], None],
        *,
        depth: int,
        on_problem: Callable[[str], None],
    ) -> None:
        self._node = node
        self._types = types
        self._callback = callback
        self._depth = depth
        self._on_problem = on_problem
        self._type = ''
        self._subscription: AutoSubscription | None = None
        self.topic: str = node.resolve_topic_name(topic)
        if len(types) == 1:
            self._listen_to(types[0])
        self.refresh()

    @property
    def reliability(self) -> str:
        """The reliability in use; empty while it is not known what is published."""
        return self._subscription.reliability if self._subscription else ''

    def refresh(self) -> None:
        """Adapt to the publishers there are now; call it a few times a second."""
        infos = self._node.get_publishers_info_by_topic(self.topic)
        offered = {info.topic_type for info in infos}
        fitting = [kind for kind in self._types if kind in offered]
        if offered and not fitting:
            self._on_problem(
                f'topic {self.topic}: expected {" or ".join(self._types)}, '
                f'got {", ".join(sorted(offered))}')
        if fitting and self._type not in fitting:
            self._listen_to(fitting[0])
        if self._subscription:
            self._subscription.refresh()

    def take_all(self) -> None:
        """Hand over what has gathered."""
        if self._subscription:
            self._subscription.take_all()

    def destroy(self) -> None:
        """End the subscription."""
        if self._subscription:
            self._subscription.destroy()

    def _listen_to(self, kind: str) -> None:
        self.destroy()
        self._type = kind
        self._subscription = AutoSubscription(
            self._node, message_class(kind), self.topic, self._callback, reliability='auto',
            depth=self._depth, on_incompatible=self._on_problem, is_polled=True)
