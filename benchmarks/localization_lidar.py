# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Outages of GNSS on simulated drives with LiDAR odometry, which needs kiss-icp.

Sweeps are cast from a few seconds before the outage on, and told as velocities once they ended.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any, TYPE_CHECKING

from _localization_drives import (
    CASES,
    drive,
    DRIVE_S,
    during,
    in_parallel,
    judged,
    outage_percent,
    outage_row,
    OUTAGE_S,
    Said,
)
import numpy as np

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.localization.lidar_odometry import LidarOdometry
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.messages.convert_out import sure_twist_from_twist
from mm_fusion_ros.sim.frames import stamp_of, to_sweep
from mm_fusion_ros.sim.render.weather import weather_named
from mm_fusion_ros.sim.rig import load_rig
from mm_fusion_ros.sim.shots import Conditions, Kind, schedule, Studio
from mm_fusion_ros.sim.world.make_world import make_world
from mm_fusion_ros.stamps import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mm_fusion_ros.sim.world.world import World

SEEDS, LEAD_S = 10, 3.0
COMPUTING_NS = 100 * NS_PER_MS
MOST_PERCENT = 0.7


def velocities(world: World, seed: int) -> tuple[list[Said], float]:
    """Give what LiDAR odometry says of the time around the outage, and the ms a sweep took."""
    rig, odometry = load_rig('demo'), LidarOdometry()
    studio = Studio(world, rig, Conditions(seed, weather_named('clear', np.random.default_rng(0))))
    found, spent_s, sweeps = [], 0.0, 0
    for shot in schedule(rig, DRIVE_S):
        if shot.kind is not Kind.LIDAR or not (
                OUTAGE_S[0] - LEAD_S <= shot.time_s <= OUTAGE_S[1]):
            continue
        measured = studio.sweep(shot)
        sweep = to_sweep(measured, rig.lidars[0].name)
        began = time.process_time()
        twist = odometry.add(sweep)
        spent_s += time.process_time() - began
        sweeps += 1
        if twist is not None:
            found.append(Said(stamp_of(measured.end_s) + COMPUTING_NS, Source.VELOCITY,
                              sure_twist_from_twist(twist, BAG_TYPES)))
    return found, 1e3 * spent_s / sweeps


def run_seed(seed: int) -> dict[str, Any]:
    """Drive one world without fixes, by LiDAR and IMU, and by the wheels too."""
    world = make_world(seed, DRIVE_S)
    told, sweep_ms = velocities(world, seed)
    pairs = {name: judged(world, drive(world, CASES[case], seed, told)) for name, case in (
        ('LiDAR odometry and IMU', 'outage without wheels'),
        ('LiDAR odometry, IMU and wheels', 'outage'))}
    return {
        'way_m': float(during(pairs['LiDAR odometry and IMU'], *OUTAGE_S).truth.distances_m[-1]),
        'percent': {name: outage_percent(pair) for name, pair in pairs.items()},
        'sweep_ms': sweep_ms,
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; 1 if the target is missed, 2 without kiss-icp."""
    parser = argparse.ArgumentParser(description='Outages with LiDAR odometry.')
    parser.add_argument('--seeds', type=int, default=SEEDS)
    arguments = parser.parse_args(argv)
    try:
        LidarOdometry()
    except ConfigError as err:
        print(err, file=sys.stderr)
        return 2
    results = list(in_parallel(run_seed, range(arguments.seeds), 2))
    ways_m = [item['way_m'] for item in results]
    print(f'{OUTAGE_S[1] - OUTAGE_S[0]:g} s without fixes, {min(ways_m):.0f} to '
          f'{max(ways_m):.0f} m driven; error added, % of the way (all drives together; each)')
    shares = []
    for name in results[0]['percent']:
        shares.append(outage_row(name, ways_m, [item['percent'][name][0] for item in results]))
        outage_row('  with what it had before', ways_m,
                   [item['percent'][name][1] for item in results])
    print(f'LiDAR odometry: {np.mean([item["sweep_ms"] for item in results]):.0f} ms of a core '
          'for each sweep')
    return int(max(shares) > MOST_PERCENT)


if __name__ == '__main__':
    raise SystemExit(main())
