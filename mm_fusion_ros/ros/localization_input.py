# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The subscriptions of the localization: messages in, poses out."""

from __future__ import annotations

from functools import partial
from operator import itemgetter
from typing import Any, TYPE_CHECKING

from rclpy.clock import Clock, ClockType

from mm_fusion_ros.messages.convert_in.fields import read_header
from mm_fusion_ros.ros.typed_subscription import TypedSubscription
from mm_fusion_ros.stamps import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rclpy.node import Node

    from mm_fusion_ros.localization.localizer import Localizer
    from mm_fusion_ros.localization.located import Located
    from mm_fusion_ros.localization.source import Source
    from mm_fusion_ros.localization_topics import LocalizationTopic

_LOOK_S = 0.01
_RESTART_NS = NS_PER_S


class LocalizationInput:
    """
    Subscribes to every source, and hands each pose to one callback.

    Messages are looked at together, in the order of their stamps: cheaper than one by one.

    Parameters
    ----------
    node : rclpy Node
        Its clock is the receiving clock.
    topics : sequence of LocalizationTopic
        What to listen to.
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
        localizer: Localizer,
        *,
        on_located: Callable[[list[Located]], None],
        on_problem: Callable[[str], None],
    ) -> None:
        self._node = node
        self._clock = node.get_clock()
        self._localizer = localizer
        self._on_located = on_located
        self._gathered: list[tuple[int, Source, Any]] = []
        self.subscriptions: dict[Source, TypedSubscription] = {
            item.source: TypedSubscription(
                node, item.types, item.topic, partial(self._gather, item.source),
                depth=item.depth, on_problem=on_problem)
            for item in topics
        }
        # By the steady clock: a simulated one may stop, or begin anew.
        self._look_timer = node.create_timer(
            _LOOK_S, self._look, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def refresh(self) -> None:
        """Follow publishers that came, went or changed; to be called a few times a second."""
        for subscription in self.subscriptions.values():
            subscription.refresh()

    def destroy(self) -> None:
        """End all subscriptions."""
        for subscription in self.subscriptions.values():
            subscription.destroy()
        self._node.destroy_timer(self._look_timer)

    def _gather(self, source: Source, message: Any) -> None:
        self._gathered.append((read_header(message)[0], source, message))

    def _look(self) -> None:
        for subscription in self.subscriptions.values():
            subscription.take_all()
        now_ns = self._clock.now().nanoseconds
        gathered, self._gathered = self._gathered, []
        stamps_ns = [item[0] for item in gathered]
        if gathered and max(stamps_ns) - min(stamps_ns) < _RESTART_NS:
            gathered.sort(key=itemgetter(0))  # else time began anew, as in a looped bag
        for _, source, message in gathered:
            self._on_located(self._localizer.receive(source, message, now_ns))
        self._on_located(self._localizer.poll(now_ns))
