# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Quality of service: what outputs offer, and subscriptions that fit what the publishers offer.
"""

from __future__ import annotations

from collections import deque
import time
from typing import Any, Literal, TYPE_CHECKING

from rclpy.callback_groups import CallbackGroup
from rclpy.qos import (
    DurabilityPolicy,
    qos_check_compatible,
    qos_policy_name_from_kind,
    QoSCompatibility,
    QoSProfile,
    ReliabilityPolicy,
)
from rclpy.subscription import Subscription

try:
    from rclpy.event_handler import SubscriptionEventCallbacks
except ImportError:  # Humble
    from rclpy.qos_event import SubscriptionEventCallbacks

if TYPE_CHECKING:
    from collections.abc import Callable

    from rclpy.node import Node

_OVERLAP_S = 0.5

Reliability = Literal['reliable', 'best_effort']

_POLICIES: dict[Reliability, ReliabilityPolicy] = {
    'reliable': ReliabilityPolicy.RELIABLE,
    'best_effort': ReliabilityPolicy.BEST_EFFORT,
}


def output_qos(depth: int = 5) -> QoSProfile:
    """
    Return what every output offers: reliable and volatile, which any ordinary subscriber matches.
    """
    return QoSProfile(depth=depth, reliability=ReliabilityPolicy.RELIABLE)


def latched_qos(depth: int = 100) -> QoSProfile:
    """
    Return the quality of service of `/tf_static`, where late joiners get the last messages too.
    """
    return QoSProfile(
        depth=depth,
        reliability=ReliabilityPolicy.RELIABLE,
        durability=DurabilityPolicy.TRANSIENT_LOCAL,
    )


class _PolledGroup(CallbackGroup):
    """
    Keeps the executor from messages, but not from events of quality of service.
    """

    def can_execute(self, entity: Any) -> bool:
        return not isinstance(entity, Subscription)

    def beginning_execution(self, entity: Any) -> bool:
        del entity
        return True

    def ending_execution(self, entity: Any) -> None:
        del entity


class AutoSubscription:
    """
    A subscription that follows its publishers: reliable if all of them are, else best effort.

    When that changes, `refresh` makes a new subscription and keeps the old one for a moment, until
    the publishers know the new one: none is lost. What both hear is given to the callback once.

    Parameters
    ----------
    node : rclpy Node
        Owner of the subscription.
    message_type : type
        Message class.
    topic : str
        Its name, resolved and remapped as any other.
    callback : callable
        Takes each message.
    reliability : {'auto', 'reliable', 'best_effort'}
        What to ask for; without a publisher 'auto' asks for best effort, which matches any.
    depth : int
        Messages kept until the callback takes them.
    on_incompatible : callable
        Is given one line about a publisher that this subscription cannot hear.
    callback_group : rclpy CallbackGroup, optional
    raw : bool
        As for any subscription.
    is_polled : bool
        Messages gather until `take_all`, instead of being handed over by the executor: one look
        of the executor costs as much as ten messages.

    """

    def __init__(  # noqa: PLR0913  the arguments of rclpy's own create_subscription
        self,
        node: Node,
        message_type: type,
        topic: str,
        callback: Callable[[Any], None],
        *,
        reliability: Literal['auto', 'reliable', 'best_effort'],
        depth: int,
        on_incompatible: Callable[[str], None],
        callback_group: CallbackGroup | None = None,
        raw: bool = False,
        is_polled: bool = False,
    ) -> None:
        self._node = node
        if is_polled:
            callback_group = _PolledGroup()
        self._arguments = (message_type, topic)
        self._callback = callback
        self._overlapping: deque[Any] = deque(maxlen=max(depth, 1))  # given while both listen
        self._depth = depth
        self._on_incompatible = on_incompatible
        self._callback_group = callback_group
        self._raw = raw
        self._is_auto = reliability == 'auto'
        self._retired: Any = None
        self._retired_s = 0.0
        self.topic: str = node.resolve_topic_name(topic)
        self.reliability: Reliability = self._fitting() if self._is_auto else reliability
        self._subscription = self._create()

    def refresh(self) -> None:
        """
        Adapt to the publishers there are now; call it a few times a second.
        """
        if not self._is_auto or not self._overlap_is_over():
            return
        fitting = self._fitting()
        if fitting != self.reliability:
            self.reliability = fitting
            self._retired, self._subscription = self._subscription, self._create()
            self._retired_s = time.monotonic()

    def take_all(self) -> None:
        """
        Hand over what has gathered: at most what fits into the history, so that it ends.
        """
        for subscription in filter(None, (self._retired, self._subscription)):
            with subscription.handle:
                for _ in range(self._depth):
                    taken = subscription.handle.take_message(subscription.msg_type, self._raw)
                    if taken is None:
                        break
                    self._deliver(taken[0])

    def destroy(self) -> None:
        """
        End the subscription.
        """
        for subscription in filter(None, (self._retired, self._subscription)):
            self._node.destroy_subscription(subscription)

    def _overlap_is_over(self) -> bool:
        if self._retired is not None:
            if time.monotonic() - self._retired_s < _OVERLAP_S:
                return False
            self._node.destroy_subscription(self._retired)
            self._retired = None
        return True

    def _fitting(self) -> Reliability:
        offers = [
            info.qos_profile.reliability
            for info in self._node.get_publishers_info_by_topic(self.topic)
        ]
        all_reliable = all(offer == ReliabilityPolicy.RELIABLE for offer in offers)
        return 'reliable' if offers and all_reliable else 'best_effort'

    def _deliver(self, message: Any) -> None:
        if message in self._overlapping:
            return
        if self._retired is None:
            self._overlapping.clear()
        else:
            self._overlapping.append(message)
        self._callback(message)

    def _create(self) -> Any:
        message_type, topic = self._arguments
        profile = QoSProfile(depth=self._depth, reliability=_POLICIES[self.reliability])
        return self._node.create_subscription(
            message_type,
            topic,
            self._deliver,
            profile,
            callback_group=self._callback_group,
            event_callbacks=self._event_callbacks(profile),
            raw=self._raw,
        )

    def _event_callbacks(self, profile: QoSProfile) -> SubscriptionEventCallbacks:
        def report(event: Any) -> None:
            policy = qos_policy_name_from_kind(event.last_policy_kind)
            if self._is_auto and policy == 'RELIABILITY':
                return  # The next refresh asks for less.
            self._on_incompatible(incompatibility(self._node, self.topic, profile, policy))

        return SubscriptionEventCallbacks(incompatible_qos=report)


def incompatibility(node: Node, topic: str, requested: QoSProfile, policy: str) -> str:
    """
    Say in one line why publishers of a topic cannot be heard.

    Parameters
    ----------
    node : rclpy Node
        Sees the publishers.
    topic : str
        Resolved name.
    requested : QoSProfile
        What the subscription asks for.
    policy : str
        Name of the policy that the middleware reported, as in QoSPolicyKind.

    """
    field = policy.lower()
    wanted = _value(requested, field)
    offers = [
        f'{_value(info.qos_profile, field)} from {_full_name(info)}'
        for info in node.get_publishers_info_by_topic(topic)
        if qos_check_compatible(info.qos_profile, requested)[0] == QoSCompatibility.ERROR
    ]
    got = ', '.join(offers) or 'an incompatible one'
    return f'topic {topic}: expected publishers that offer {field} {wanted}, got {got}'


def _value(profile: QoSProfile, field: str) -> str:
    value = getattr(profile, field, 'unknown')
    return getattr(value, 'name', None) or str(value)


def _full_name(info: Any) -> str:
    return f'{info.node_namespace.rstrip("/")}/{info.node_name}'
