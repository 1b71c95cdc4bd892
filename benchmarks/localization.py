# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Where the vehicle is on simulated drives: errors beside raw fixes, and what is believed of them.

Judged are poses as they were published at the time, from 5 s after the direction was known. Every
drive is driven with the same noise with and without an outage, a jump and late fixes.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros import share
from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.evaluation.consistency import Block, consistency, nees
from mm_fusion_ros.evaluation.trajectory import from_ego_poses, Trajectory
from mm_fusion_ros.evaluation.trajectory_association import Associated
from mm_fusion_ros.evaluation.trajectory_errors import rms, trajectory_errors
from mm_fusion_ros.geometry.geodesy import LocalEnu
from mm_fusion_ros.localization.localizer import Localizer
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.localization_config import load_localization_config
from mm_fusion_ros.messages.convert_out import from_transforms
from mm_fusion_ros.report.trajectory_plots import draw_drive, DrivePlot, Fixes
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

SEEDS, DRIVE_S, SETTLED_S = 10, 60.0, 5.0
WHITE_M, DRIFT_M = 1.0, 0.8  # Gauss-Markov over 60 s
OUTAGE_S = (25.0, 55.0)
JUMP_S, JUMP_M = (30.0, 35.0), 30.0
PICTURE_SEED = 3
EVERY = 5  # answers, for the consistency
SOURCES = {
    names.IMU: Source.IMU, names.GNSS_FIX: Source.FIX, names.GNSS_VELOCITY: Source.GNSS_VELOCITY,
    names.VEHICLE_TWIST: Source.WHEELS}
METRES_PER_DEGREE = 111_200.0  # of latitude


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


class Target(NamedTuple):
    """A figure beside the most that it may be."""

    what: str
    value: float
    most: float
    unit: str

    @property
    def is_missed(self) -> bool:
        """Whether it is too large."""
        return not self.value <= self.most

    def __str__(self) -> str:
        """Draw a row."""
        verdict = 'MISSED' if self.is_missed else 'met'
        return (f'{self.what:<58}{self.value:8.3f} {self.unit:<4} '
                f'(at most {self.most:g}: {verdict})')


def recorded(world: World, case: Case, seed: int) -> list[Recording]:
    """Give the messages of a drive in the order of their arrival."""
    found = [item for item in motion_recordings(world, case.rig(), seed)
             if item.topic in SOURCES and (case.has_wheels or item.topic != names.VEHICLE_TWIST)]
    return sorted(found, key=lambda item: item.log_time_ns)


def drive(world: World, case: Case, seed: int) -> list[Located]:
    """Give what is published from when the direction is known."""
    config = replace(
        load_localization_config(share.localization_parameters(), share.vehicle_file('sim')),
        datum=(world.latitude_deg, world.longitude_deg, world.altitude_m))
    localizer = Localizer(config)
    rig = case.rig()
    localizer.add_transforms(from_transforms(
        {names.IMU_FRAME: rig.imu.settings.T_base_mount,
         names.GNSS_FRAME: rig.gnss.settings.T_base_mount}, EPOCH_NS, names.BASE_FRAME,
        BAG_TYPES), is_static=True)
    found: list[Located] = []
    begin_ns, end_ns = (stamp_of(time_s) for time_s in JUMP_S)
    for item in recorded(world, case, seed):
        message = item.build()
        if case.jumps and item.topic == names.GNSS_FIX and begin_ns <= item.log_time_ns < end_ns:
            message.latitude += JUMP_M / METRES_PER_DEGREE
        found += localizer.receive(SOURCES[item.topic], message, item.log_time_ns)
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
    stamps_ns = np.array([m.header.stamp.sec * NS_PER_S + m.header.stamp.nanosec for m in told])
    order = np.argsort(stamps_ns)
    places = ground.to_enu(*np.array([(m.latitude, m.longitude, m.altitude) for m in told]).T)
    arm = case.rig().gnss.settings.T_base_mount[:3, 3]
    places -= truth_at(world, stamps_ns).T[:, :3, :3] @ arm
    return Fixes(stamps_ns[order], places[order])


def reckoned(world: World, seed: int, begin_s: float, end_s: float) -> NDArray[np.float64]:
    """
    Give the errors (N, 2) of the plain alternative: wheel speed along the summed turn rates.

    It begins at the true pose; the turn rates are taken as measured.
    """
    samples = {names.IMU: [], names.VEHICLE_TWIST: []}
    for item in recorded(world, CASES['usual'], seed):
        if item.topic in samples:
            m = item.build()
            value = (m.angular_velocity.z if item.topic == names.IMU else m.twist.linear.x)
            stamp_ns = m.header.stamp.sec * NS_PER_S + m.header.stamp.nanosec
            samples[item.topic].append((stamp_ns, value))
    (imu_ns, rates), (wheel_ns, speeds) = (
        np.array(sorted(rows)).T for rows in samples.values())
    stamps_ns = np.arange(stamp_of(begin_s), stamp_of(end_s) + 1, 20 * NS_PER_MS)
    truth = truth_at(world, stamps_ns)
    turned = np.concatenate([[0.0], np.cumsum(np.interp(stamps_ns, imu_ns, rates)[1:])]) * 0.02
    yaws = truth.yaws_rad[0] + turned
    steps = np.interp(stamps_ns, wheel_ns, speeds)[:, None] * 0.02 * np.column_stack(
        [np.cos(yaws), np.sin(yaws)])
    return truth.positions[0, :2] + np.cumsum(steps, axis=0) - steps[0] - truth.positions[:, :2]


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
    return {
        'runs': runs, 'raw': raw,
        'whole': reckoned(world, seed, SETTLED_S, DRIVE_S),
        'reckoned': reckoned(world, seed, *OUTAGE_S),
    }


def in_parallel(task: Callable[[Any], Any], items: Sequence[Any], workers: int) -> Iterator[Any]:
    """Give the results in order; each worker takes every so manieth item."""
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


def pooled(results: Sequence[dict[str, Any]], name: str) -> tuple[float, float]:
    """Give the RMSE of all drives' positions on the plan, m, and of their headings, deg."""
    errors = [trajectory_errors(item['runs'][name]) for item in results]
    return (_plan_rms([e.position_m for e in errors]),
            float(np.degrees(rms(np.concatenate([e.yaw_rad for e in errors])))))


def _plan_rms(errors: Sequence[NDArray[np.float64]]) -> float:
    return float(rms(np.linalg.norm(np.concatenate(errors)[:, :2], axis=1)))


def beside_raw(results: Sequence[dict[str, Any]]) -> list[Target]:
    """Print how far ours, raw fixes and the plain alternative are from the truth."""
    print('RMSE of the position on the plan, m: ours, raw fixes; heading, deg')
    targets = []
    for name, what in (('usual', 'white and lingering errors'), ('white', 'white errors only')):
        raw_m = _plan_rms([item['raw'][name] for item in results])
        (ours_m, yaw_deg) = pooled(results, name)
        print(f'  {what:<28}{ours_m:7.3f}{raw_m:7.3f}   heading {yaw_deg:.3f}')
        by_seed = [_plan_rms([trajectory_errors(item['runs'][name]).position_m])
                   / _plan_rms([item['raw'][name]]) for item in results]
        print('    ours over raw by seed: ' + ' '.join(f'{value:.2f}' for value in by_seed))
        targets.append(Target(f'heading, {what}', yaw_deg, 0.3, 'deg'))
        targets.append(Target(f'position, {what}, ours over raw', ours_m / raw_m, 0.8, '')
                       if name == 'usual' else Target(f'position, {what}', ours_m, 0.3, 'm'))
    print('  wheels along summed turn rates from the true pose on, without fixes: '
          f'{_plan_rms([item["whole"] for item in results]):.2f} m')
    return targets


def believed(results: Sequence[dict[str, Any]]) -> list[Target]:
    """Print whether the errors are as large as the covariances say, instant by instant."""
    first_ns = max(int(item['runs']['usual'].truth.stamps_ns[0]) for item in results)
    last_ns = min(int(item['runs']['usual'].truth.stamps_ns[-1]) for item in results)
    pairs = [item['runs']['usual'].between(first_ns, last_ns) for item in results]
    targets = []
    for block in (Block.POSITION, Block.ATTITUDE, Block.VELOCITY):
        told = consistency([nees(pair, block)[::EVERY] for pair in pairs], block.dof)
        print(f'NEES of {block.name.lower()}: {told}')
        # Bounds of 95 % are left now and then, for seconds on end: instants are no new draws.
        targets.append(Target(
            f'share of instants with {block.name.lower()} errors above bounds',
            told.share_above, 0.15, ''))
    return targets


def without_fixes(results: Sequence[dict[str, Any]]) -> list[Target]:
    """Print what an outage adds to the error, beside the plain alternative."""
    ways_m = [float(during(item['runs']['outage'], *OUTAGE_S).truth.distances_m[-1])
              for item in results]
    print(f'{OUTAGE_S[1] - OUTAGE_S[0]:g} s without fixes, {min(ways_m):.0f} to '
          f'{max(ways_m):.0f} m driven; error added, % of the way (all drives together; each)')
    share = {}
    for name in CASES:
        if 'outage' in name:
            share[name] = _outage_row(name, ways_m, [
                outage_percent(item['runs'][name])[0] for item in results])
            whole = [outage_percent(item['runs'][name])[1] for item in results]
            _outage_row('  with what it had before', ways_m, whole)
    _outage_row('wheels along summed turn rates', ways_m, [
        100.0 * float(np.linalg.norm(item['reckoned'][-1])) / way_m
        for item, way_m in zip(results, ways_m, strict=True)])
    return [Target('outage with wheels, error added', share['outage'], 1.0, '%')]


def _outage_row(name: str, ways_m: Sequence[float], percent: Sequence[float]) -> float:
    value = float(np.average(percent, weights=ways_m))
    print(f'  {name:<32}{value:6.2f} %   ' + ' '.join(f'{item:.2f}' for item in percent))
    return value


def disturbed(results: Sequence[dict[str, Any]]) -> list[Target]:
    """Print what wrong and late fixes change."""
    effects = []
    for item in results:
        with_jump, without = (
            during(item['runs'][name], JUMP_S[0], DRIVE_S).estimate.positions[:, :2]
            for name in ('jump', 'usual'))
        effects.append(float(np.linalg.norm(with_jump - without, axis=1).max()))
    late_m, prompt_m = (pooled(results, name)[0] for name in ('late', 'prompt'))
    print(f'fixes off by {JUMP_M:g} m for {JUMP_S[1] - JUMP_S[0]:g} s move the position by, m: '
          + ' '.join(f'{value:.2f}' for value in effects))
    print(f'fixes at once: {prompt_m:.3f} m, 400 ms late: {late_m:.3f} m')
    return [Target('jump of the fixes, largest effect', max(effects), 0.5, 'm'),
            Target('late fixes, RMSE over that of prompt ones', late_m / prompt_m, 1.1, '')]


def picture(seed: int, path: Path) -> None:
    """Draw a drive with an outage."""
    world = make_world(seed, DRIVE_S)
    pair = judged(world, drive(world, CASES['outage'], seed))
    begin_ns, end_ns = (stamp_of(time_s) for time_s in OUTAGE_S)
    fixes = fixes_of(world, CASES['outage'], seed)
    shown = fixes.stamps_ns >= pair.truth.stamps_ns[0]
    draw_drive(DrivePlot(
        pair.estimate, pair.truth, Fixes(fixes.stamps_ns[shown], fixes.positions_m[shown]),
        ((begin_ns, end_ns),), follows_heading=True,
        title=f'Simulated drive, {OUTAGE_S[1] - OUTAGE_S[0]:g} s without fixes'), path)
    print(f'picture: {path}')


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; 1 if a target is missed."""
    parser = argparse.ArgumentParser(description='Ego motion on simulated drives.')
    parser.add_argument('--seeds', type=int, default=SEEDS, help='drives; 0 for the picture only')
    parser.add_argument('--picture', type=Path, default=Path('out/localization/drive.png'))
    arguments = parser.parse_args(argv)
    targets: list[Target] = []
    if arguments.seeds:
        print(f'{arguments.seeds} drives of {DRIVE_S:g} s, errors of fixes {WHITE_M:g} m white '
              f'and {DRIFT_M:g} m lingering', flush=True)
        results = list(in_parallel(run_seed, range(arguments.seeds), 2))
        targets = [target for part in (beside_raw, believed, without_fixes, disturbed)
                   for target in part(results)]
        print(*targets, sep='\n')
    picture(PICTURE_SEED, arguments.picture)
    return int(any(target.is_missed for target in targets))


if __name__ == '__main__':
    raise SystemExit(main())
