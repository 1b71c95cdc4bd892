# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The subscriptions of the localization: messages in, poses out."""

from __future__ import annotations

from functools import partial
from typing import Any, TYPE_CHECKING

from rclpy.clock import Clock, ClockType

from mm_fusion_ros.ros.typed_subscription import TypedSubscription

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rclpy.node import Node

    from mm_fusion_ros.localization.localizer import Localizer
    from mm_fusion_ros.localization.located import Located
    from mm_fusion_ros.localization.source import Source
    from mm_fusion_ros.localization_topics import LocalizationTopic


class LocalizationInput:
    """
    Subscribes to every source, and hands each pose to one callback.

    Parameters
    ----------
    node : rclpy Node
        Its clock is the receiving clock.
    topics : sequence of LocalizationTopic
        What to listen to.
    rate_hz : float
        How often to look for poses that are due though nothing came.
    localizer : Localizer
        Is given every message.
    on_located : callable
        Told of the poses.
    on_problem : callable
        Told in words of what cannot be heard.

    """

    def __init__(
        self,
        node: Node,
        topics: Sequence[LocalizationTopic],
        rate_hz: float,
        localizer: Localizer,
        *,
        on_located: Callable[[list[Located]], None],
        on_problem: Callable[[str], None],
    ) -> None:
        self._node = node
        self._clock = node.get_clock()
        self._localizer = localizer
        self._on_located = on_located
        self.subscriptions: dict[Source, TypedSubscription] = {
            item.source: TypedSubscription(
                node, item.types, item.topic, partial(self._receive, item.source),
                depth=item.depth, on_problem=on_problem)
            for item in topics
        }
        # By the steady clock: a simulated one may stop, or begin anew.
        self._due = node.create_timer(
            1.0 / rate_hz, self._poll, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def refresh(self) -> None:
        """Follow publishers that came, went or changed; to be called a few times a second."""
        for subscription in self.subscriptions.values():
            subscription.refresh()

    def destroy(self) -> None:
        """End all subscriptions."""
        for subscription in self.subscriptions.values():
            subscription.destroy()
        self._node.destroy_timer(self._due)

    def _receive(self, source: Source, message: Any) -> None:
        arrival_ns = self._clock.now().nanoseconds
        self._on_located(self._localizer.receive(source, message, arrival_ns))

    def _poll(self) -> None:
        self._on_located(self._localizer.poll(self._clock.now().nanoseconds))
