# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What localization costs: time of the processor per measurement and answer, memory over an hour.

Beside it what one could do instead of `PoseBuffer`: interpolate with SciPy's Slerp.
"""

from __future__ import annotations

import argparse
from collections import Counter
import gc
import os
from pathlib import Path
import time
from typing import Any, NamedTuple, TYPE_CHECKING

import numpy as np
from scipy.spatial.transform import Rotation, Slerp

from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.data_types import EgoPose, GnssFix, ImuSample, Twist
from mm_fusion_ros.geometry.geodesy import LocalEnu
from mm_fusion_ros.geometry.gravity import normal_gravity
from mm_fusion_ros.geometry.pose_buffer import PoseBuffer
from mm_fusion_ros.geometry.transforms import from_euler
from mm_fusion_ros.localization.localizer import Localizer
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.localization_config import localization_config
from mm_fusion_ros.messages.convert_out import (
    from_gnss_fix,
    from_imu_sample,
    from_transforms,
    from_twist,
)
from mm_fusion_ros.sim.worker_process import settle
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from mm_fusion_ros.localization.located import Located

BEGIN_NS = 1_780_272_000 * NS_PER_S
STEP_NS = 5 * NS_PER_MS  # of the IMU
WHEELS_EVERY, FIXES_EVERY = 4, 20  # inertial measurements
SPEED_MPS, TURN_RADPS = 10.0, 0.2  # a circle of 50 m
DATUM = (49.0, 8.4, 110.0)
FIX_NOISE_M = 1.0
TIMED_S = 60.0
POINTS, SWEEP_NS, REPEATS = 120_000, 100 * NS_PER_MS, 30


class Message(NamedTuple):
    """What comes, and when."""

    source: Source
    message: Any
    arrival_ns: int


def place(time_s: float) -> NDArray[np.float64]:
    """Give the true position (3,)."""
    angle, radius_m = TURN_RADPS * time_s, SPEED_MPS / TURN_RADPS
    return np.array([radius_m * np.sin(angle), radius_m * (1.0 - np.cos(angle)), 0.0])


def messages(seconds: float) -> Iterator[Message]:
    """Drive around in a circle, made as it goes."""
    rng, ground = np.random.default_rng(0), LocalEnu(*DATUM)
    force = np.array([0.0, SPEED_MPS * TURN_RADPS, normal_gravity(DATUM[0], DATUM[2])])
    turning = np.array([0.0, 0.0, TURN_RADPS])
    for number in range(round(seconds * NS_PER_S / STEP_NS)):
        stamp_ns = BEGIN_NS + number * STEP_NS
        yield Message(Source.IMU, from_imu_sample(ImuSample(
            stamp_ns, names.IMU_FRAME, turning + rng.normal(0.0, 2.4e-3, 3),
            force + rng.normal(0.0, 2.8e-2, 3)), BAG_TYPES), stamp_ns)
        if number % WHEELS_EVERY == 0:
            yield Message(Source.WHEELS, from_twist(Twist(
                stamp_ns, names.BASE_FRAME, np.array([SPEED_MPS, 0.0, 0.0]), turning), BAG_TYPES),
                stamp_ns)
        if number % FIXES_EVERY == 0:
            seen = place(number * STEP_NS / NS_PER_S) + rng.normal(0.0, FIX_NOISE_M, 3)
            latitude, longitude, altitude = ground.to_geodetic(seen[None])[0].tolist()
            yield Message(Source.FIX, from_gnss_fix(GnssFix(
                stamp_ns, names.GNSS_FRAME, latitude, longitude, altitude, has_fix=True,
                covariance_enu=np.eye(3) * FIX_NOISE_M**2), BAG_TYPES), stamp_ns)


def localizer(rate_hz: float = 50.0) -> Localizer:
    """Make one that knows where the sensors sit."""
    made = Localizer(localization_config({
        'datum': DATUM, 'rate_hz': rate_hz, 'gnss.velocity_topic': ''}))
    made.add_transforms(from_transforms(
        {names.IMU_FRAME: np.eye(4), names.GNSS_FRAME: np.eye(4)}, BEGIN_NS, names.BASE_FRAME,
        BAG_TYPES), is_static=True)
    return made


def spent_us(told: Sequence[Message], rate_hz: float, *, late_ns: int = 0) -> dict[str, float]:
    """Give the processor's time of all messages of each source, us; fixes may come late."""
    ego = localizer(rate_hz)
    spent: Counter[str] = Counter()
    order = sorted(
        told, key=lambda item: item.arrival_ns + (late_ns if item.source is Source.FIX else 0))
    gc.collect()
    for item in order:
        arrival_ns = item.arrival_ns + (late_ns if item.source is Source.FIX else 0)
        began = time.process_time_ns()
        ego.receive(item.source, item.message, arrival_ns)
        spent[item.source.name] += time.process_time_ns() - began
    return {name: value / 1e3 for name, value in spent.items()}


def measurements() -> bool:
    """Print what messages and answers cost; say whether that is too much."""
    told = list(messages(TIMED_S))
    counts = Counter(item.source.name for item in told)
    imu = counts[Source.IMU.name]
    often, seldom = spent_us(told, 50.0), spent_us(told, 1.0)
    late = spent_us(told, 50.0, late_ns=100 * NS_PER_MS)
    inertial = spent_us([item for item in told if item.source is Source.IMU], 1.0)
    answers = round(TIMED_S * 49.0)
    all_us = sum(seldom.values()) / imu
    print('time of the processor, us, conversion of the message included')
    print(f'  each inertial measurement, nothing else       {inertial["IMU"] / imu:8.1f}')
    for source in (Source.IMU, Source.WHEELS, Source.FIX):
        print(f'  each message of {source.value:<30}'
              f'{seldom[source.name] / counts[source.name]:8.1f}')
    print(f'  each answer                                   '
          f'{(sum(often.values()) - sum(seldom.values())) / answers:8.1f}')
    print(f'  all, per inertial measurement                 {all_us:8.1f}')
    for what, spent in (('50 answers a second', often), ('the same, fixes 100 ms late', late)):
        share = sum(spent.values()) * 1e-6 / TIMED_S
        print(f'  with {what:<41}{sum(spent.values()) / imu:8.1f}: {share:.1%} of a core')
    return seldom[Source.IMU.name] / imu > 60.0


def poses() -> bool:
    """Print how long the poses of a sweep's points take; say whether that is too long."""
    buffer = PoseBuffer()
    stamps_ns = BEGIN_NS + np.arange(0, 10 * NS_PER_S, 20 * NS_PER_MS)
    for stamp_ns in stamps_ns.tolist():
        time_s = (stamp_ns - BEGIN_NS) / NS_PER_S
        buffer.add(EgoPose(
            stamp_ns, names.ODOM_FRAME, names.BASE_FRAME,
            from_euler(place(time_s), 0.0, 0.0, TURN_RADPS * time_s),
            np.array([SPEED_MPS, 0.0, 0.0]), np.array([0.0, 0.0, TURN_RADPS])))
    points_ns = BEGIN_NS + 9 * NS_PER_S + np.sort(
        np.random.default_rng(0).integers(0, SWEEP_NS, POINTS))
    ours_ms = _least_ms(lambda: buffer.poses_at(points_ns))
    knots_ns = stamps_ns - BEGIN_NS
    angles = TURN_RADPS * knots_ns / NS_PER_S
    turns = Slerp(knots_ns, Rotation.from_euler('z', angles[:, None]))
    slerp_ms = _least_ms(lambda: turns(points_ns - BEGIN_NS).as_matrix())
    print(f'poses of the {POINTS} points of a sweep: {ours_ms:.1f} ms, Slerp of the attitude '
          f'alone {slerp_ms:.1f} ms')
    return ours_ms > 3.0


def _least_ms(call: Any) -> float:
    spent = []
    for _ in range(REPEATS):
        began = time.process_time_ns()
        call()
        spent.append(time.process_time_ns() - began)
    return min(spent) / NS_PER_MS


def memory(minutes: float) -> bool:
    """Print the memory in use and the errors over a long drive; say whether it grows."""
    ego = localizer()
    resident, errors, square_m = [], [], [0.0, 0]
    part_s = minutes * 60.0 / 6.0
    due_ns = BEGIN_NS + round(part_s * NS_PER_S)
    last: Located | None = None
    for source, message, arrival_ns in messages(minutes * 60.0):
        for last in ego.receive(source, message, arrival_ns):
            apart = last.map_pose.T_frame_child[:2, 3] - place(
                (last.stamp_ns - BEGIN_NS) / NS_PER_S)[:2]
            square_m[0] += float(apart @ apart)
            square_m[1] += 1
        if arrival_ns >= due_ns - STEP_NS:
            due_ns += round(part_s * NS_PER_S)
            gc.collect()
            resident.append(_resident_mib())
            errors.append((square_m[0] / square_m[1]) ** 0.5)
            square_m = [0.0, 0]
    print(f'{minutes:g} minutes of data: memory after each sixth '
          + ', '.join(f'{value:.1f}' for value in resident) + ' MiB; RMSE of each, m '
          + ', '.join(f'{value:.2f}' for value in errors))
    return resident[-1] - resident[0] > 1.0 or errors[-1] > FIX_NOISE_M


def _resident_mib() -> float:
    pages = int(Path('/proc/self/statm').read_text(encoding='ascii').split()[1])
    return pages * os.sysconf('SC_PAGE_SIZE') / 2**20


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; 1 if a target is missed."""
    parser = argparse.ArgumentParser(description='Cost of ego motion.')
    parser.add_argument('--minutes', type=float, default=60.0, help='of data for the memory')
    arguments = parser.parse_args(argv)
    settle()
    return int(any([measurements(), poses(), memory(arguments.minutes)]))


if __name__ == '__main__':
    raise SystemExit(main())
