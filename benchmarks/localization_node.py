# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What the localization node costs, as a process that hears a replayed drive and is heard.

Beside it a node that only subscribes to the same topics, each with a callback, as is usual.
"""

from __future__ import annotations

import argparse
from functools import partial
import os
from pathlib import Path
import signal
import subprocess
import sys
import tempfile
import time
from typing import Any, TYPE_CHECKING

from mm_fusion_ros import share
from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.datasets.summary import Recording, write_recordings
from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.messages.convert_out import from_transforms
from mm_fusion_ros.sim.motion_recordings import motion_recordings
from mm_fusion_ros.sim.rig import load_rig
from mm_fusion_ros.sim.world.make_world import make_world

if TYPE_CHECKING:
    from collections.abc import Sequence

SEED, DRIVE_S = 3, 40.0
BEGIN_S, MEASURED_S = 10.0, 20.0  # discovery, and finding the direction, are over by then
LIMIT = 0.25  # of a core
INPUTS = {
    names.IMU: 'sensor_msgs/msg/Imu', names.GNSS_FIX: 'sensor_msgs/msg/NavSatFix',
    names.GNSS_VELOCITY: 'geometry_msgs/msg/TwistStamped',
    names.VEHICLE_TWIST: 'geometry_msgs/msg/TwistStamped'}
OUTPUTS = {
    '/mm_fusion/odometry': 'nav_msgs/msg/Odometry', '/tf': 'tf2_msgs/msg/TFMessage',
    '/mm_fusion/pose': 'geometry_msgs/msg/PoseWithCovarianceStamped'}
SIMULATED_TIME = ['-p', 'use_sim_time:=true']


def write_drive(bag: Path) -> None:
    """Record what measures the motion of a simulated drive, and nothing else."""
    rig = load_rig('demo')
    recordings = [item for item in motion_recordings(make_world(SEED, DRIVE_S), rig, SEED)
                  if item.topic in INPUTS]
    begin_ns = min(item.log_time_ns for item in recordings)
    mounting = {names.IMU_FRAME: rig.imu.settings.T_base_mount,
                names.GNSS_FRAME: rig.gnss.settings.T_base_mount}
    recordings.append(Recording(begin_ns - 1, names.TF_STATIC, partial(
        from_transforms, mounting, begin_ns, names.BASE_FRAME, BAG_TYPES), transient_local=True))
    write_recordings(recordings, bag, lambda done, total: None)


def listen(topics: dict[str, str], arguments: Sequence[str]) -> None:
    """Subscribe to topics in the ordinary way until interrupted, and say how much came."""
    import rclpy
    from rclpy.executors import SingleThreadedExecutor

    from mm_fusion_ros.ros.lifetime import ros_process
    from mm_fusion_ros.ros.message_types import message_class

    heard = 0

    def count(message: Any) -> None:
        nonlocal heard
        heard += 1

    with ros_process(['--ros-args', *arguments]):
        node = rclpy.create_node('listener')
        for topic, kind in topics.items():
            node.create_subscription(message_class(kind), topic, count, 200)
        executor = SingleThreadedExecutor()
        executor.add_node(node)
        try:
            while True:  # a wait without end would not notice an interrupt
                executor.spin_once(timeout_sec=0.2)
        except KeyboardInterrupt:
            print(heard)


def cpu_s(process: subprocess.Popen[str]) -> float:
    """Give the processor's time a process has used."""
    fields = Path(f'/proc/{process.pid}/stat').read_text(encoding='utf-8').rpartition(')')[2]
    user, system = fields.split()[11:13]
    return (int(user) + int(system)) / os.sysconf('SC_CLK_TCK')


def start(*command: str) -> subprocess.Popen[str]:
    """Start Python on something."""
    return subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def measure(bag: Path) -> bool:
    """Replay a drive, print the shares of a core; say whether the node's is too large."""
    files = [argument for path in (share.localization_parameters(), share.vehicle_file('sim'))
             for argument in ('--params-file', str(path))]
    node = start('-m', 'mm_fusion_ros.nodes.localization_node', '--ros-args', '-r',
                 '__ns:=/mm_fusion', *SIMULATED_TIME, *files)
    plain = start(__file__, '--listen', 'inputs')
    ear = start(__file__, '--listen', 'outputs')
    player = start('-m', 'mm_fusion_ros.nodes.player_node', '--ros-args', '-p', f'bag:={bag}',
                   '-p', f'wait_for_topics:=[{names.IMU}, {names.VEHICLE_TWIST}]',
                   '-p', 'progress:=false')
    watched = (node, plain)
    try:
        time.sleep(BEGIN_S)
        before, began_s = [cpu_s(process) for process in watched], time.monotonic()
        time.sleep(MEASURED_S)
        elapsed_s = time.monotonic() - began_s
        ours, usual = (
            (cpu_s(process) - at) / elapsed_s
            for process, at in zip(watched, before, strict=True))
        player.wait(timeout=DRIVE_S)
    finally:
        for process in (player, node, plain, ear):
            process.send_signal(signal.SIGINT)
    (poses, _), (messages, _) = ear.communicate(timeout=20.0), plain.communicate(timeout=20.0)
    print(f'localization node, {int(messages)} messages in, {int(poses)} out: '
          f'{ours:.1%} of a core\na node that only subscribes to what it hears: {usual:.1%}')
    return ours > LIMIT


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; 1 if a target is missed."""
    parser = argparse.ArgumentParser(description='Cost of the localization node.')
    parser.add_argument('--listen', choices=['inputs', 'outputs'], help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.listen:
        listen(INPUTS if arguments.listen == 'inputs' else OUTPUTS, SIMULATED_TIME)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        bag = Path(folder) / 'drive'
        write_drive(bag)
        return int(measure(bag))


if __name__ == '__main__':
    sys.exit(main())
