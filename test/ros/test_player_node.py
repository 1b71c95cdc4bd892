# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Bags played onto topics; the player runs as the process that users start.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time

from builtin_interfaces.msg import Time
import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rosgraph_msgs.msg import Clock
from std_msgs.msg import Header

from mm_fusion_ros.bags.typestore import TYPESTORE
from mm_fusion_ros.bags.write import BagWriter
from mm_fusion_ros.ros.qos import latched_qos, output_qos
from mm_fusion_ros.stamps import NS_PER_S

START_NS = 1_700_000_000 * NS_PER_S
PERIOD_NS = NS_PER_S // 20
COUNT = 30


def header(stamp_ns: int, frame_id: str):
    types = TYPESTORE.types
    stamp = types['builtin_interfaces/msg/Time'](*divmod(stamp_ns, NS_PER_S))
    return types['std_msgs/msg/Header'](stamp=stamp, frame_id=frame_id)


@pytest.fixture(scope='module')
def bag(tmp_path_factory):
    path = tmp_path_factory.mktemp('played') / 'bag'
    with BagWriter(path) as writer:
        writer.write('/fixed', header(START_NS, 'fixed'), START_NS, transient_local=True)
        for index in range(COUNT):
            stamp_ns = START_NS + index * PERIOD_NS
            writer.write('/ticks', header(stamp_ns, str(index)), stamp_ns)
    return path


class Listener:
    """
    Everything the player sent, in the order of arrival.
    """

    def __init__(self) -> None:
        self.context = rclpy.Context()
        rclpy.init(context=self.context)
        self.node = rclpy.create_node('listener', context=self.context)
        self.executor = SingleThreadedExecutor(context=self.context)
        self.executor.add_node(self.node)
        self.clocks: list[tuple[int, int]] = []  # when it was sent, what it shows; ns
        self.ticks: list[tuple[int, int, int]] = []  # when it was sent, stamp, ns; index
        self.fixed: list[str] = []
        self.node.create_subscription(Clock, '/clock', self._on_clock, output_qos(100))
        self.node.create_subscription(Header, '/ticks', self._on_tick, output_qos(100))
        self.node.create_subscription(
            Header, '/fixed', lambda message: self.fixed.append(message.frame_id), latched_qos())

    def _on_clock(self, message: Clock, info: dict) -> None:
        self.clocks.append((info['source_timestamp'], to_ns(message.clock)))

    def _on_tick(self, message: Header, info: dict) -> None:
        self.ticks.append((info['source_timestamp'], to_ns(message.stamp), int(message.frame_id)))

    def indices(self) -> list[int]:
        return [index for _, _, index in self.ticks]

    def leads_ns(self) -> list[int]:
        """Give how far the clock was past each tick's stamp when that was sent."""
        return [max((shown for sent, shown in self.clocks if sent <= tick), default=0) - stamp
                for tick, stamp, _ in self.ticks]

    def listen(self, process: subprocess.Popen, until=lambda: False) -> None:
        end_s = time.monotonic() + 30
        while process.poll() is None and not until() and time.monotonic() < end_s:
            self.executor.spin_once(timeout_sec=0.05)


def to_ns(stamp: Time) -> int:
    return stamp.sec * NS_PER_S + stamp.nanosec


@pytest.fixture
def listener():
    listener = Listener()
    yield listener
    listener.executor.shutdown()
    listener.node.destroy_node()
    rclpy.shutdown(context=listener.context)


@pytest.fixture
def play():
    started = []

    def start(path, **parameters) -> subprocess.Popen:
        values = {'bag': path, 'progress': 'false', **parameters}
        options = [text for name, value in values.items() for text in ('-p', f'{name}:={value}')]
        started.append(subprocess.Popen(
            [sys.executable, '-m', 'mm_fusion_ros.nodes.player_node', '--ros-args', *options],
            stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_every_message_arrives_once_and_no_clock_lags(listener, play, bag):
    process = play(bag)
    listener.listen(process)
    assert process.wait() == 0
    assert listener.indices() == list(range(COUNT))
    assert listener.fixed == ['fixed']
    assert listener.clocks == sorted(listener.clocks)
    assert [shown for _, shown in listener.clocks] == sorted(s for _, s in listener.clocks)
    assert listener.clocks[-1][1] >= START_NS + COUNT * PERIOD_NS + NS_PER_S // 2
    # Another topic may overtake the clock by a moment, not by a period of it.
    assert min(listener.leads_ns()) > -15_000_000


def test_a_start_offset_still_brings_what_is_transient_local(listener, play, bag):
    listener.listen(play(bag, start_offset_s=1.0))
    assert listener.indices() == list(range(20, COUNT))
    assert listener.fixed == ['fixed']


def test_a_loop_goes_on_until_interrupted_and_ends_cleanly(listener, play, bag):
    process = play(bag, loop='true', rate=4.0)
    listener.listen(process, until=lambda: len(listener.ticks) > 2 * COUNT)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) == 0
    assert listener.indices()[:COUNT + 1] == [*range(COUNT), 0]
    assert 'Traceback' not in process.stderr.read()


@pytest.mark.parametrize(('parameters', 'text'), [
    ({'bag': '/nowhere'}, 'bag /nowhere: expected .* got no such path'),
    ({'rate': 0.0}, 'parameter rate: expected 0.01 to 100, got 0.0'),
    ({'rat': 1.0}, r'parameter rat: expected a declared parameter \(close to it: rate\)'),
    ({'start_offset_s': 99.0}, 'replay start offset: expected at most the duration'),
])
def test_bad_input_is_named_with_exit_code_2(play, bag, parameters, text):
    process = play(parameters.pop('bag', bag), wait_for_subscribers_s=0.0, **parameters)
    _, stderr = process.communicate(timeout=20)
    assert process.returncode == 2
    assert re.search(text, stderr)


def test_a_type_that_is_not_installed_is_skipped_and_named(listener, play, tmp_path):
    from rosbags.typesys import get_types_from_msg

    kind = 'unheard_msgs/msg/Thing'
    TYPESTORE.register(get_types_from_msg('int32 data', kind))
    with BagWriter(tmp_path / 'bag') as writer:
        writer.write('/thing', TYPESTORE.types[kind](data=1), START_NS)
        writer.write('/ticks', header(START_NS, '0'), START_NS)
    process = play(tmp_path / 'bag')
    listener.listen(process)
    assert listener.indices() == [0]
    assert (f'topic /thing: expected an installed type, got {kind}, not played'
            in process.stderr.read())
