# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Subscriptions that follow what publishers offer, over real DDS within one process.
"""

from __future__ import annotations

import itertools
import time

import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from std_msgs.msg import Int32, String

from mm_fusion_ros.ros.qos import AutoSubscription, incompatibility, latched_qos, output_qos
from mm_fusion_ros.ros.resting_executor import RestingExecutor
from mm_fusion_ros.ros.typed_subscription import TypedSubscription

RELIABLE = QoSProfile(depth=50, reliability=ReliabilityPolicy.RELIABLE)
BEST_EFFORT = QoSProfile(depth=50, reliability=ReliabilityPolicy.BEST_EFFORT)
TOPIC = '/numbers'


class Wire:
    """
    A node that subscribes, a node that publishes, and what went between them.
    """

    def __init__(self) -> None:
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.receiver = rclpy.create_node('receiver', context=self.context)
        self.sender = rclpy.create_node('sender', context=self.context)
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.receiver)
        self.got: list[int] = []
        self.problems: list[str] = []

    def subscribe(self, reliability: str, **options) -> AutoSubscription:
        return AutoSubscription(
            self.receiver, Int32, TOPIC, lambda message: self.got.append(message.data),
            reliability=reliability, depth=50, on_incompatible=self.problems.append, **options)

    def publisher(self, profile: QoSProfile):
        return self.sender.create_publisher(Int32, TOPIC, profile)

    def spin_until(self, condition, seconds: float = 5.0) -> bool:
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            self.executor.spin_once(timeout_sec=0.01)
            if condition():
                return True
        return False

    def settle(self, subscription: AutoSubscription, reliability: str) -> bool:
        def is_settled() -> bool:
            subscription.refresh()
            return subscription.reliability == reliability

        return self.spin_until(is_settled)


@pytest.fixture
def wire():
    wire = Wire()
    yield wire
    wire.executor.shutdown()
    wire.sender.destroy_node()
    wire.receiver.destroy_node()
    rclpy.shutdown(context=wire.context)


def test_without_a_publisher_auto_asks_for_best_effort(wire):
    assert wire.subscribe('auto').reliability == 'best_effort'


def test_auto_is_reliable_while_every_publisher_is(wire):
    subscription = wire.subscribe('auto')
    wire.publisher(RELIABLE)
    assert wire.settle(subscription, 'reliable')
    other = wire.publisher(BEST_EFFORT)
    assert wire.settle(subscription, 'best_effort')
    wire.sender.destroy_publisher(other)
    assert wire.settle(subscription, 'reliable')
    assert wire.problems == []


def test_auto_hears_a_best_effort_publisher_beside_a_reliable_one(wire):
    subscription = wire.subscribe('auto')
    reliable, best_effort = wire.publisher(RELIABLE), wire.publisher(BEST_EFFORT)
    assert wire.settle(subscription, 'best_effort')
    assert wire.spin_until(lambda: all(
        p.get_subscription_count() == 1 for p in (reliable, best_effort)))
    reliable.publish(Int32(data=1))
    best_effort.publish(Int32(data=2))
    assert wire.spin_until(lambda: sorted(wire.got) == [1, 2])


def test_messages_of_a_polled_subscription_gather_until_they_are_taken(wire):
    publisher = wire.publisher(RELIABLE)
    subscription = wire.subscribe('reliable', is_polled=True)
    assert wire.spin_until(lambda: publisher.get_subscription_count() == 1)
    for number in range(20):
        publisher.publish(Int32(data=number))
    assert not wire.spin_until(lambda: wire.got, 0.3)
    subscription.take_all()
    assert wire.got == list(range(20))
    subscription.take_all()
    assert len(wire.got) == 20


def test_a_polled_subscription_still_tells_whom_it_cannot_hear(wire):
    wire.publisher(BEST_EFFORT)
    wire.subscribe('reliable', is_polled=True)
    assert wire.spin_until(lambda: wire.problems)
    assert 'expected publishers that offer reliability RELIABLE' in wire.problems[0]


def test_a_typed_subscription_follows_publishers_of_another_type(wire):
    subscription = TypedSubscription(
        wire.receiver, ('std_msgs/msg/Int32', 'std_msgs/msg/String'), TOPIC,
        lambda message: wire.got.append(message.data), depth=50, on_problem=wire.problems.append)
    assert subscription.reliability == ''
    wire.receiver.create_timer(0.02, subscription.refresh)  # as a node would
    for kind, data in ((Int32, 1), (String, 'two')):
        # One participant of DDS has one type for a topic.
        elsewhere = rclpy.Context()
        rclpy.init(context=elsewhere)
        sender = rclpy.create_node('elsewhere', context=elsewhere)
        publisher = sender.create_publisher(kind, TOPIC, RELIABLE)

        assert wire.spin_until(lambda p=publisher: p.get_subscription_count() == 1)
        publisher.publish(kind(data=data))

        def is_taken(data=data) -> bool:
            subscription.take_all()
            return data in wire.got

        assert wire.spin_until(is_taken)
        sender.destroy_node()
        rclpy.shutdown(context=elsewhere)
    assert wire.got == [1, 'two']
    assert wire.problems == []


@pytest.mark.parametrize('period_s', [0.0, 0.02])
def test_a_resting_executor_loses_nothing(wire, period_s):
    publisher = wire.publisher(RELIABLE)
    wire.executor.remove_node(wire.receiver)
    wire.executor = RestingExecutor(period_s, context=wire.context)
    wire.executor.add_node(wire.receiver)
    wire.subscribe('reliable')
    assert wire.spin_until(lambda: publisher.get_subscription_count() == 1)
    for number in range(20):
        publisher.publish(Int32(data=number))
    began_s = time.monotonic()
    assert wire.spin_until(lambda: wire.got == list(range(20)))
    assert time.monotonic() - began_s >= 19 * period_s


def test_no_message_is_lost_or_doubled_while_the_subscription_changes(wire):
    publisher = wire.publisher(RELIABLE)
    subscription = wire.subscribe('auto')
    assert wire.settle(subscription, 'reliable')
    assert wire.spin_until(lambda: publisher.get_subscription_count() == 1)
    sent = 0
    others, changes = [], set()
    for turn in range(4):
        if turn % 2 == 0:
            others.append(wire.publisher(BEST_EFFORT))
        else:
            wire.sender.destroy_publisher(others.pop())
        end_s = time.monotonic() + 1.0
        while time.monotonic() < end_s:
            publisher.publish(Int32(data=sent))
            sent += 1
            subscription.refresh()
            changes.add(subscription.reliability)
            for _ in range(4):  # while both subscriptions exist, each hears every message
                wire.executor.spin_once(timeout_sec=0.002)
    assert changes == {'reliable', 'best_effort'}
    assert wire.spin_until(lambda: set(wire.got) == set(range(sent)))
    assert all(a < b for a, b in itertools.pairwise(wire.got))


def test_a_fixed_reliability_that_nobody_offers_is_reported_with_topic_and_publisher(wire):
    subscription = wire.subscribe('reliable')
    wire.publisher(BEST_EFFORT)
    assert wire.spin_until(lambda: bool(wire.problems))
    assert wire.problems == [
        'topic /numbers: expected publishers that offer reliability RELIABLE, '
        'got BEST_EFFORT from /sender']
    subscription.refresh()
    assert subscription.reliability == 'reliable'


def test_a_durability_that_nobody_offers_is_named(wire):
    wire.publisher(RELIABLE)
    assert wire.spin_until(lambda: wire.receiver.count_publishers(TOPIC) == 1)
    assert incompatibility(wire.receiver, TOPIC, latched_qos(), 'DURABILITY') == (
        'topic /numbers: expected publishers that offer durability TRANSIENT_LOCAL, '
        'got VOLATILE from /sender')


def test_a_destroyed_subscription_hears_nothing(wire):
    publisher = wire.publisher(RELIABLE)
    subscription = wire.subscribe('auto')
    assert wire.settle(subscription, 'reliable')
    subscription.destroy()
    assert wire.spin_until(lambda: publisher.get_subscription_count() == 0)


def test_outputs_match_subscribers_of_either_reliability(wire):
    publisher = wire.publisher(output_qos())
    for profile in (RELIABLE, BEST_EFFORT):
        wire.receiver.create_subscription(Int32, TOPIC, lambda message: None, profile)
    assert wire.spin_until(lambda: publisher.get_subscription_count() == 2)


def test_static_transforms_are_kept_for_late_joiners_a_hundred_deep():
    profile = latched_qos()
    assert profile.durability == DurabilityPolicy.TRANSIENT_LOCAL
    assert profile.depth >= 100
