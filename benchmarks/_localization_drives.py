# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Simulated drives for `benchmark localization`: each with the same noise, in several cases.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from multiprocessing import get_context
from operator import itemgetter
from typing import Any, NamedTuple, TYPE_CHECKING

from _planar_filter import PlanarFilter
import numpy as np

from mm_fusion_ros import share
from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.evaluation.trajectory import from_ego_poses, Trajectory
from mm_fusion_ros.evaluation.trajectory_association import Associated
from mm_fusion_ros.evaluation.trajectory_errors import trajectory_errors
from mm_fusion_ros.geometry.geodesy import LocalEnu
from mm_fusion_ros.localization.localizer import Localizer
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.localization_config import load_localization_config
from mm_fusion_ros.messages.convert_out import from_transforms
from mm_fusion_ros.report.trajectory_plots import Fixes
from mm_fusion_ros.sim.frames import EPOCH_NS, stamp_of
from mm_fusion_ros.sim.motion_recordings import motion_recordings
from mm_fusion_ros.sim.rig import load_rig
from mm_fusion_ros.sim.worker_process import settle
from mm_fusion_ros.sim.world.make_world import make_world
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from mm_fusion_ros.bags.datasets.summary import Recording
    from mm_fusion_ros.localization.located import Located
    from mm_fusion_ros.sim.rig import Rig
    from mm_fusion_ros.sim.world.world import World

DRIVE_S, SETTLED_S = 60.0, 5.0
WHITE_M, DRIFT_M = 1.0, 0.8  # Gauss-Markov over 60 s
OUTAGE_S = (25.0, 55.0)
JUMP_S, JUMP_M = (30.0, 35.0), 30.0
SOURCES = {
    names.IMU: Source.IMU, names.GNSS_FIX: Source.FIX, names.GNSS_VELOCITY: Source.GNSS_VELOCITY,
    names.VEHICLE_TWIST: Source.WHEELS}
METRES_PER_DEGREE = 111_200.0  # of latitude
STEP_NS = 20 * NS_PER_MS


@dataclass(frozen=True, slots=True)
class Case:
    """What is different about one run of a drive."""

    drift_m: float = DRIFT_M
    delay_ms: float = 80.0
    outage_s: tuple[float, ...] = ()
    jumps: bool = False
    has_wheels: bool = True

    def rig(self) -> Rig:
        """Give the demo rig with its receiver."""
        rig = load_rig('demo')
        receiver = replace(
            rig.gnss.settings, noise_m=WHITE_M, drift_m=self.drift_m, jumps_per_hour=0.0,
            outages_s=self.outage_s)
        clock = replace(rig.gnss.clock, delay_ms=self.delay_ms)
        return replace(rig, gnss=replace(rig.gnss, settings=receiver, clock=clock))


CASES = {
    'usual': Case(),
    'white': Case(drift_m=0.0),
    'prompt': Case(delay_ms=0.0),
    'late': Case(delay_ms=400.0),
    'jump': Case(jumps=True),
    'outage': Case(outage_s=OUTAGE_S),
    'outage without wheels': Case(outage_s=OUTAGE_S, has_wheels=False),
}


class Said(NamedTuple):
    """A message, and when it arrives."""

    arrival_ns: int
    source: Source
    message: Any


def recorded(world: World, case: Case, seed: int) -> list[Recording]:
    """Give the messages of a drive in the order of their arrival."""
    found = [item for item in motion_recordings(world, case.rig(), seed)
             if item.topic in SOURCES and (case.has_wheels or item.topic != names.VEHICLE_TWIST)]
    return sorted(found, key=lambda item: item.log_time_ns)


def drive(
    world: World, case: Case, seed: int, velocities: Sequence[Said] = ()
) -> list[Located]:
    """Give what is published from when the direction is known."""
    config = load_localization_config(share.localization_parameters(), share.vehicle_file('sim'))
    config = replace(
        config, datum=(world.latitude_deg, world.longitude_deg, world.altitude_m),
        velocity=replace(config.velocity, topic='velocity' if velocities else ''))
    localizer = Localizer(config)
    rig = case.rig()
    mounted = {names.IMU_FRAME: rig.imu, names.GNSS_FRAME: rig.gnss,
               names.LIDAR_FRAME: rig.lidars[0]}
    localizer.add_transforms(from_transforms(
        {frame: sensor.settings.T_base_mount for frame, sensor in mounted.items()}, EPOCH_NS,
        names.BASE_FRAME, BAG_TYPES), is_static=True)
    begin_ns, end_ns = (stamp_of(time_s) for time_s in JUMP_S)
    said = [Said(item.log_time_ns, SOURCES[item.topic], item.build())
            for item in recorded(world, case, seed)]
    found: list[Located] = []
    for arrival_ns, source, message in sorted([*said, *velocities], key=itemgetter(0)):
        if case.jumps and source is Source.FIX and begin_ns <= arrival_ns < end_ns:
            message.latitude += JUMP_M / METRES_PER_DEGREE
        found += localizer.receive(source, message, arrival_ns)
    return [answer for answer in found if answer.fix is not None]


def truth_at(world: World, stamps_ns: NDArray[np.int64]) -> Trajectory:
    """Give the true drive at stamps (N,)."""
    times_s = (stamps_ns - EPOCH_NS) / NS_PER_S
    T = world.drive.T_world_base(times_s)
    linear, _ = world.drive.twist(times_s)
    return Trajectory(stamps_ns, T, np.einsum('nij,nj->ni', T[:, :3, :3], linear))


def fixes_of(world: World, case: Case, seed: int) -> Fixes:
    """Give where the raw fixes put the vehicle, their lever arm taken out by the true attitude."""
    ground = LocalEnu(world.latitude_deg, world.longitude_deg, world.altitude_m)
    messages = [item.build() for item in recorded(world, case, seed)
                if item.topic == names.GNSS_FIX]
    told = [item for item in messages if item.status.status >= 0]
    stamps_ns = np.array([_stamp(m) for m in told])
    order = np.argsort(stamps_ns)
    places = ground.to_enu(*np.array([(m.latitude, m.longitude, m.altitude) for m in told]).T)
    arm = case.rig().gnss.settings.T_base_mount[:3, 3]
    places -= truth_at(world, stamps_ns).T[:, :3, :3] @ arm
    return Fixes(stamps_ns[order], places[order])


class Alternatives:
    """
    What one could do instead, from the true pose on: reckon, or a filter on the plane.

    Both are led by wheel speed and turn rate as measured, at 50 Hz.
    """

    def __init__(self, world: World, seed: int, case: Case) -> None:
        self._world = world
        self._fixes = fixes_of(world, case, seed)
        self._variance_m2 = WHITE_M**2 + case.drift_m**2  # as the receiver says
        self._imu, self._wheels = _speeds(recorded(world, case, seed))

    def errors(self, begin_s: float, end_s: float, *, corrected: bool) -> NDArray[np.float64]:
        """Give errors (N, 2) on the plan, m, with or without fixes."""
        stamps_ns = np.arange(stamp_of(begin_s), stamp_of(end_s) + 1, STEP_NS)
        truth = truth_at(self._world, stamps_ns)
        ego = PlanarFilter(np.append(truth.positions[0, :2], truth.yaws_rad[0]))
        speeds, turns = (np.interp(stamps_ns, *of) for of in (self._wheels, self._imu))
        due = np.searchsorted(self._fixes.stamps_ns, stamps_ns, side='right')
        errors = np.zeros((len(stamps_ns), 2))
        for row in range(1, len(stamps_ns)):
            ego.move(speeds[row], turns[row], STEP_NS / NS_PER_S)
            if corrected and due[row] > due[row - 1]:
                ego.correct(self._fixes.positions_m[due[row] - 1, :2], self._variance_m2)
            errors[row] = ego.state[:2] - truth.positions[row, :2]
        return errors


def _speeds(told: Sequence[Recording]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give stamps and turn rates (2, N), stamps and wheel speeds (2, M)."""
    turns, speeds = [], []
    for item in told:
        m = item.build()
        if item.topic == names.IMU:
            turns.append((_stamp(m), m.angular_velocity.z))
        elif item.topic == names.VEHICLE_TWIST:
            speeds.append((_stamp(m), m.twist.linear.x))
    return np.array(sorted(turns)).T, np.array(sorted(speeds)).T


def _stamp(message: Any) -> int:
    return int(message.header.stamp.sec) * NS_PER_S + int(message.header.stamp.nanosec)


def judged(world: World, found: Sequence[Located]) -> Associated:
    """Pair the answers that count with the truth."""
    estimate = from_ego_poses([answer.map_pose for answer in found])
    estimate = estimate[estimate.stamps_ns >= estimate.stamps_ns[0] + SETTLED_S * NS_PER_S]
    return Associated(truth_at(world, estimate.stamps_ns), estimate)


def run_seed(seed: int) -> dict[str, Any]:
    """Drive one world in every case."""
    world = make_world(seed, DRIVE_S)
    runs = {name: judged(world, drive(world, case, seed)) for name, case in CASES.items()}
    raw = {}
    for name in ('usual', 'white'):
        stamps_ns, places = fixes_of(world, CASES[name], seed)
        counts = stamps_ns >= runs[name].truth.stamps_ns[0]
        raw[name] = (places - truth_at(world, stamps_ns).positions)[counts]
    instead = {name: Alternatives(world, seed, CASES[name]) for name in raw}
    return {
        'runs': runs, 'raw': raw,
        'whole': instead['usual'].errors(SETTLED_S, DRIVE_S, corrected=False),
        'reckoned': instead['usual'].errors(*OUTAGE_S, corrected=False),
        'planar': {name: item.errors(SETTLED_S, DRIVE_S, corrected=True)
                   for name, item in instead.items()},
    }


def in_parallel(task: Callable[[Any], Any], items: Sequence[Any], workers: int) -> Iterator[Any]:
    """Give the results in order; the items are shared out evenly."""
    context = get_context('fork')

    def work(first: int, end: Any) -> None:
        settle()
        for item in items[first::workers]:
            end.send(task(item))

    pipes = [context.Pipe(duplex=False) for _ in range(workers)]
    processes = [context.Process(target=work, args=(first, end), daemon=True)
                 for first, (_, end) in enumerate(pipes)]
    for process in processes:
        process.start()
    for number in range(len(items)):
        yield pipes[number % workers][0].recv()
    for process in processes:
        process.join()


def during(pair: Associated, begin_s: float, end_s: float) -> Associated:
    """Keep a time of the world."""
    return pair.between(stamp_of(begin_s), stamp_of(end_s) + 1)


def outage_percent(pair: Associated) -> tuple[float, float]:
    """Give what the outage added to the error, and the error at its end, % of the way in it."""
    within = during(pair, *OUTAGE_S)
    errors = trajectory_errors(within).position_m[:, :2]
    way_m = float(within.truth.distances_m[-1])
    added, whole = np.linalg.norm(errors[-1] - errors[0]), np.linalg.norm(errors[-1])
    return 100.0 * float(added) / way_m, 100.0 * float(whole) / way_m


def outage_row(name: str, ways_m: Sequence[float], percent: Sequence[float]) -> float:
    """Print what an outage did to each drive, and to all weighted by their ways; give that."""
    value = float(np.average(percent, weights=ways_m))
    print(f'  {name:<32}{value:6.2f} %   ' + ' '.join(f'{item:.2f}' for item in percent))
    return value
