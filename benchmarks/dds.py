# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Delivery and latency of sensor messages between two processes, with and without our environment.

Latency is from before `publish` to the callback, serialisation included.
"""

from __future__ import annotations

import argparse
from array import array
from dataclasses import asdict, dataclass
import json
import os
from pathlib import Path
import subprocess
import sys
import threading
import time
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.ros.dds import large_message_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

CASE_S = 2.5
DEPTH = 5
DISCOVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class Case:
    """
    One stream: message type in sensor_msgs, payload, rate and offered reliability.
    """

    name: str
    kind: str
    payload_bytes: int
    rate_hz: float
    reliability: str

    @property
    def topic(self) -> str:
        """
        A topic of its own.
        """
        return f'/benchmark/{self.kind.lower()}_{self.reliability}'


@dataclass(frozen=True, slots=True)
class Row:
    """
    What one case did in one environment; latencies and CPU per message in ms.
    """

    environment: str
    case: str
    sent: int
    received: int
    p50_ms: float
    p99_ms: float
    cpu_send_ms: float
    cpu_receive_ms: float


CLOUD = Case('PointCloud2 1.9 MB reliable', 'PointCloud2', 1_920_000, 20.0, 'reliable')
IMAGE = Case('Image 1920x1080 bgr8 reliable', 'Image', 1920 * 1080 * 3, 15.0, 'reliable')
CASES = (
    Case('PointCloud2 1.9 MB best effort', 'PointCloud2', 1_920_000, 20.0, 'best_effort'),
    CLOUD,
    Case('Image 1920x1080 bgr8 best effort', 'Image', 1920 * 1080 * 3, 15.0, 'best_effort'),
    IMAGE,
    Case('CompressedImage 200 kB', 'CompressedImage', 200_000, 15.0, 'reliable'),
    Case('Imu', 'Imu', 0, 200.0, 'reliable'),
)


def environments() -> dict[str, dict[str, str]]:
    """
    Return the variables that each named environment adds to a clean one.
    """
    shipped = large_message_environment({})
    profile = {name: value for name, value in shipped.items() if 'PROFILES' in name}
    return {'default': {}, 'profile': profile, 'shipped': shipped}


def make_message(case: Case) -> Any:
    """
    Build the message of a case once; only its stamp changes.
    """
    from sensor_msgs import msg

    message = getattr(msg, case.kind)()
    if case.payload_bytes:
        message.data = array('B', bytes(case.payload_bytes))
    return message


def publish(cases: Sequence[Case]) -> list[dict[str, float]]:
    """
    Send every case in turn; the other process must be listening already.
    """
    import rclpy
    from rclpy.duration import Duration
    from rclpy.qos import QoSProfile, ReliabilityPolicy

    rclpy.init()
    node = rclpy.create_node('benchmark_publisher')
    sent = []
    for case in cases:
        policy = ReliabilityPolicy[case.reliability.upper()]
        message = make_message(case)
        publisher = node.create_publisher(
            type(message), case.topic, QoSProfile(depth=DEPTH, reliability=policy))
        wait_until(lambda p=publisher: p.get_subscription_count() > 0)
        time.sleep(0.5)  # lets 'auto' settle
        cpu_s, count = time.process_time(), round(CASE_S * case.rate_hz)
        start_s = time.monotonic()
        for index in range(count):
            time.sleep(max(start_s + index / case.rate_hz - time.monotonic(), 0.0))
            stamp = message.header.stamp
            stamp.sec, stamp.nanosec = divmod(time.monotonic_ns(), 1_000_000_000)
            publisher.publish(message)
        sent.append({'sent': count, 'cpu_s': time.process_time() - cpu_s})
        publisher.wait_for_all_acked(Duration(seconds=2.0))
        time.sleep(0.2)
        node.destroy_publisher(publisher)
    rclpy.shutdown()
    return sent


def wait_until(condition: Callable[[], bool]) -> None:
    """
    Poll until true, or until it is clear that the other process will not come.
    """
    give_up_s = time.monotonic() + DISCOVERY_S
    while not condition() and time.monotonic() < give_up_s:
        time.sleep(0.02)


def subscribe(cases: Sequence[Case], reliability: str) -> list[dict[str, Any]]:
    """
    Receive every case until standard input ends.
    """
    import rclpy

    from mm_fusion_ros.ros.qos import AutoSubscription

    rclpy.init()
    node = rclpy.create_node('benchmark_subscriber')
    results: list[dict[str, Any]] = [{'latencies_ns': [], 'cpu_s': []} for _ in cases]

    def receiver(result: dict[str, Any]) -> Callable[[Any], None]:
        def receive(message: Any) -> None:
            stamp = message.header.stamp
            sent_ns = stamp.sec * 1_000_000_000 + stamp.nanosec
            result['latencies_ns'].append(time.monotonic_ns() - sent_ns)
            result['cpu_s'].append(time.process_time())

        return receive

    subscriptions = [
        AutoSubscription(
            node, type(make_message(case)), case.topic, receiver(result),
            reliability=reliability or case.reliability, depth=DEPTH,
            on_incompatible=sys.stderr.write)
        for case, result in zip(cases, results, strict=True)
    ]
    node.create_timer(0.2, lambda: [item.refresh() for item in subscriptions])
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    while not ended.is_set():
        rclpy.spin_once(node, timeout_sec=0.1)
    rclpy.shutdown()
    return results


def run(
    cases: Sequence[Case],
    sender: Mapping[str, str],
    receiver: Mapping[str, str],
    *,
    name: str,
    reliability: str = '',
) -> list[Row]:
    """
    Measure cases in one pair of environments.
    """
    chosen = json.dumps([CASES.index(case) for case in cases])
    listening = start('subscribe', chosen, receiver, reliability)
    sending = start('publish', chosen, sender)
    sent = json.loads(sending.communicate()[0])
    received = json.loads(listening.communicate()[0])
    return [to_row(name, *item) for item in zip(cases, sent, received, strict=True)]


def start(
    role: str, chosen: str, variables: Mapping[str, str], *arguments: str
) -> subprocess.Popen[str]:
    """
    Start this file as one of the two processes.
    """
    ours = large_message_environment({})
    clean = {name: value for name, value in os.environ.items() if name not in ours}
    clean.setdefault('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
    return subprocess.Popen(
        [sys.executable, __file__, '--role', role, chosen, *arguments],
        env=clean | variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def to_row(
    name: str, case: Case, sent: Mapping[str, float], received: Mapping[str, Any]
) -> Row:
    """
    Reduce what the two processes saw; without a message the latencies are NaN.
    """
    latencies_ms = np.asarray(received['latencies_ns'] or [np.nan]) / 1e6
    p50_ms, p99_ms = np.percentile(latencies_ms, [50, 99])
    count, cpu_s = len(received['latencies_ns']), received['cpu_s']
    cpu_receive_s = (cpu_s[-1] - cpu_s[0]) / (count - 1) if count > 1 else np.nan
    return Row(
        name, case.name, int(sent['sent']), count, float(p50_ms), float(p99_ms),
        1e3 * sent['cpu_s'] / sent['sent'], 1e3 * float(cpu_receive_s))


def measure() -> list[Row]:
    """
    Run everything, printing each row as it comes.
    """
    known = environments()
    print(f'{"environment":24}{"case":34}{"received":>10}{"p50 ms":>8}{"p99 ms":>8}'
          f'{"CPU ms sent":>13}{"received":>10}', flush=True)
    rows = []
    for name, variables in known.items():
        rows += show(run(CASES, variables, variables, name=name))
    # A driver outside our launch files, seen by a node inside them.
    rows += show(run((CLOUD, IMAGE), known['default'], known['shipped'],
                     name='default -> shipped, auto', reliability='auto'))
    return rows


def show(rows: list[Row]) -> list[Row]:
    """
    Print rows and pass them on.
    """
    for row in rows:
        print(f'{row.environment:26}{row.case:34}{row.received:>4}/{row.sent:<4}'
              f'{row.p50_ms:7.2f} {row.p99_ms:7.2f} {row.cpu_send_ms:12.2f} '
              f'{row.cpu_receive_ms:9.2f}', flush=True)
    return rows


def main(argv: Sequence[str] | None = None) -> int:
    """
    Run the benchmark, or one of its two processes; 1 if our environment lost a message.
    """
    parser = argparse.ArgumentParser(description='Large messages between processes.')
    parser.add_argument('--json', type=Path, metavar='FILE', help='also write the figures here')
    parser.add_argument('--role', nargs='+', help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.role:
        role, chosen, *reliability = arguments.role
        cases = [CASES[index] for index in json.loads(chosen)]
        result = publish(cases) if role == 'publish' else subscribe(cases, *reliability)
        print(json.dumps(result))
        return 0
    rows = measure()
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + '\n')
    return int(any(row.received < row.sent for row in rows if 'shipped' in row.environment))


if __name__ == '__main__':
    sys.exit(main())
