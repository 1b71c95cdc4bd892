# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Where the vehicle is on recorded drives: KITTI with noisy fixes, a highway, and a robot's campus.

Judged are poses as they were published at the time, beside the fixes that they came from.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from functools import partial
from pathlib import Path
import statistics
import sys
import tempfile
from typing import Any, NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.datasets.comma2k19 import convert_comma2k19
from mm_fusion_ros.bags.datasets.kitti_raw import convert_kitti_raw
from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.errors import MmFusionError
from mm_fusion_ros.evaluation.recorded_trajectory import read_trajectory
from mm_fusion_ros.evaluation.trajectory import from_ego_poses, Trajectory
from mm_fusion_ros.evaluation.trajectory_association import align, Alignment, associate
from mm_fusion_ros.evaluation.trajectory_errors import rms, trajectory_errors
from mm_fusion_ros.geometry.geodesy import LocalEnu
from mm_fusion_ros.localization.localizer import Localizer
from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.localization_config import localization_config
from mm_fusion_ros.messages.convert_in import to_gnss_fix
from mm_fusion_ros.report.trajectory_plots import draw_drive, DrivePlot, Fixes
from mm_fusion_ros.share import data_dir
from mm_fusion_ros.stamps import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from mm_fusion_ros.localization.located import Located
    from mm_fusion_ros.localization_config import LocalizationConfig

KITTI = Path('kitti_raw', '2011_09_26', '2011_09_26_drive_0013_sync')  # in data_dir()
COMMA = Path('comma2k19_highway')
HUSKY = Path('imu_gps_bag', 'husky_campus.bag')
SEEDS, NOISE_M, KITTI_FROM_S = 20, 1.5, 3.0
COMMA_FROM_S = 5.0
GAPS_S = ((12.0, 22.0), (28.0, 38.0), (44.0, 54.0))  # since the first message
TOPICS = {
    names.IMU: Source.IMU, names.GNSS_FIX: Source.FIX, names.GNSS_VELOCITY: Source.GNSS_VELOCITY,
    names.VEHICLE_TWIST: Source.WHEELS}
# The bag has no transforms; gravity shows how the IMU is mounted.
HUSKY_VALUES: dict[str, object] = {
    'imu.topic': '/imu/data', 'gnss.topic': '/fix', 'gnss.velocity_topic': '',
    'wheels.topic': '/husky_velocity_controller/odom', 'motion.is_car': False,
    'imu.mounting': (0.0, 0.0, 0.0, 90.0, 0.0, -90.0), 'gnss.mounting': (0.0,) * 6}
HUSKY_TOPICS = {
    '/imu/data': Source.IMU, '/fix': Source.FIX, '/husky_velocity_controller/odom': Source.WHEELS}


class Message(NamedTuple):
    """A message of a bag."""

    source: Source | None  # None: static transforms
    message: Any
    arrival_ns: int


def load(bag: Path, topics: Mapping[str, Source]) -> list[Message]:
    """Read what localization needs of a bag."""
    with BagReader(bag) as reader:
        wanted = {info.name for info in reader.topics} & {*topics, names.TF_STATIC}
        return [Message(topics.get(item.topic), item.message, item.log_time_ns)
                for item in reader.messages(wanted)]


def drive(
    localizer: Localizer, messages: Sequence[Message], sources: Sequence[Source] = tuple(Source)
) -> list[Located]:
    """Give all answers to the messages of some sources."""
    found: list[Located] = []
    for source, message, arrival_ns in messages:
        if source is None:
            localizer.add_transforms(message, is_static=True)
        elif source in sources:
            found += localizer.receive(source, message, arrival_ns)
    return found


def trajectory(answers: Sequence[Located]) -> Trajectory:
    """Give the way in the map, from when the direction is known."""
    return from_ego_poses([item.map_pose for item in answers if item.fix is not None])


def fixes_of(messages: Sequence[Message], ground: LocalEnu) -> Fixes:
    """Give the antenna's places."""
    fixes = [to_gnss_fix(item.message) for item in messages if item.source is Source.FIX]
    fixes = [fix for fix in fixes if fix.has_fix]
    return Fixes(np.array([fix.stamp_ns for fix in fixes]), ground.to_enu(
        *np.array([(f.latitude_deg, f.longitude_deg, f.altitude_m) for f in fixes]).T))


def first_fix(messages: Sequence[Message]) -> tuple[float, float, float]:
    """Give the place to which the truth of converted drives refers."""
    fix = next(item.message for item in messages if item.source is Source.FIX)
    return fix.latitude, fix.longitude, fix.altitude


def noisy(messages: Sequence[Message], ground: LocalEnu, seed: int) -> list[Message]:
    """Move every fix by white noise, and let it say so."""
    rng = np.random.default_rng(seed)
    covariance = (np.eye(3) * NOISE_M**2).ravel()
    found = []
    for item in messages:
        message = item.message
        if item.source is Source.FIX:
            place = ground.to_enu(message.latitude, message.longitude, message.altitude)
            latitude, longitude, altitude = ground.to_geodetic(
                place + rng.normal(0.0, NOISE_M, (1, 3)))[0].tolist()
            message = replace(
                message, latitude=latitude, longitude=longitude, altitude=altitude,
                position_covariance=covariance)
        elif item.source is Source.IMU:  # the orientation is withheld
            message = replace(message, orientation_covariance=np.array([-1.0] + [0.0] * 8))
        found.append(item._replace(message=message))
    return found


def kitti(bag: Path, seeds: int) -> bool:
    """Drive KITTI with noisy fixes; say whether a target is missed."""
    messages, truth = load(bag, TOPICS), read_trajectory(bag, names.TRUE_ODOMETRY)
    datum = first_fix(messages)
    config = localization_config({'datum': datum})
    from_ns = int(truth.stamps_ns[0] + KITTI_FROM_S * NS_PER_S)
    print(f'KITTI, fixes with {NOISE_M} m of white noise, {seeds} seeds, from {KITTI_FROM_S:g} s: '
          'position on the plan RMSE, heading RMSE, median over seeds (worst)')
    raw = _kitti_raw(messages, LocalEnu(*datum), seeds)
    print(f'  {"raw fixes":<44}{raw:6.2f} m')
    is_missed = False
    for what, sources in (
            ('IMU and fixes only', (Source.IMU, Source.FIX)),
            ('IMU, fixes, wheels', (Source.IMU, Source.FIX, Source.WHEELS)),
            ('with velocity by satellites and wheels', tuple(Source))):
        plan, yaws = [], []
        for seed in range(seeds):
            answers = drive(Localizer(config), noisy(messages, LocalEnu(*datum), seed), sources)
            estimate = from_ego_poses([item.map_pose for item in answers])
            pair = associate(truth, estimate).between(from_ns, int(truth.stamps_ns[-1]) + 1)
            errors = trajectory_errors(pair)
            plan.append(rms(np.linalg.norm(errors.position_m[:, :2], axis=1)))
            yaws.append(float(np.degrees(rms(errors.yaw_rad))))
        position_m, yaw_deg = statistics.median(plan), statistics.median(yaws)
        print(f'  {what:<44}{position_m:6.2f} m ({max(plan):.2f})  {yaw_deg:6.2f} deg '
              f'({max(yaws):.2f})')
        is_missed |= position_m > 0.8 or yaw_deg > 2.0
    return is_missed


def _kitti_raw(messages: Sequence[Message], ground: LocalEnu, seeds: int) -> float:
    exact = fixes_of(messages, ground)
    counts = exact.stamps_ns >= exact.stamps_ns[0] + KITTI_FROM_S * NS_PER_S
    return statistics.median(
        rms(np.linalg.norm((fixes_of(noisy(messages, ground, seed), ground).positions_m
                            - exact.positions_m)[counts, :2], axis=1))
        for seed in range(seeds))


def comma(bag: Path, pictures: Path) -> bool:
    """Drive the highway, whole and with gaps; say whether a target is missed."""
    messages, truth = load(bag, TOPICS), read_trajectory(bag, names.TRUE_ODOMETRY)
    datum = first_fix(messages)
    config = localization_config({'datum': datum})
    first_ns = messages[0].arrival_ns
    gaps_ns = tuple((first_ns + round(begin_s * NS_PER_S), first_ns + round(end_s * NS_PER_S))
                    for begin_s, end_s in GAPS_S)
    fixes = fixes_of(messages, LocalEnu(*datum))
    raw_m = _raw_errors(truth, fixes, first_ns)
    whole = _comma_run(config, messages, truth, first_ns)
    kept = [item for item in messages if item.source not in (Source.FIX, Source.GNSS_VELOCITY)
            or not any(begin <= item.arrival_ns < end for begin, end in gaps_ns)]
    gapped = _comma_run(config, kept, truth, first_ns)
    print('comma2k19, position on the plan, RMSE as it is and less the mean error; speed')
    print(f'  {"raw fixes":<20}{_as_it_is(raw_m):6.2f} m {_less_mean(raw_m):6.2f} m')
    for what, pair in (('ours', whole), ('ours, with gaps', gapped)):
        errors = trajectory_errors(pair)
        plan = errors.position_m[:, :2]
        speed = rms(np.linalg.norm(pair.estimate.velocities_mps, axis=1)
                    - np.linalg.norm(pair.truth.velocities_mps, axis=1))
        print(f'  {what:<20}{_as_it_is(plan):6.2f} m {_less_mean(plan):6.2f} m {speed:6.3f} m/s, '
              f'heading {np.degrees(rms(errors.yaw_rad)):.2f} deg')
    aligned = align(gapped, Alignment.TRANSLATION)
    worst = max(float(np.linalg.norm(
        trajectory_errors(aligned.between(*gap)).position_m[:, :2], axis=1).max())
        for gap in gaps_ns)
    print(f'  largest error less the mean one in {len(GAPS_S)} gaps of 10 s: {worst:.2f} m')
    draw_drive(DrivePlot(
        gapped.estimate, gapped.truth, fixes, gaps_ns, follows_heading=True,
        title='comma2k19, three gaps of 10 s'), pictures / 'comma.png')
    ours = trajectory_errors(whole).position_m[:, :2]
    return _less_mean(ours) >= _less_mean(raw_m) or worst > 1.5 or speed > 0.2


def _comma_run(
    config: LocalizationConfig, messages: Sequence[Message], truth: Trajectory, first_ns: int
) -> Any:
    estimate = trajectory(drive(Localizer(config), messages))
    start_ns = max(first_ns + round(COMMA_FROM_S * NS_PER_S), int(estimate.stamps_ns[0]))
    return associate(truth, estimate).between(start_ns, int(truth.stamps_ns[-1]) + 1)


def _raw_errors(truth: Trajectory, fixes: Fixes, first_ns: int) -> NDArray[np.float64]:
    """Give the errors (N, 2) of fixes, whose antenna sits where the IMU does."""
    poses = np.tile(np.eye(4), (len(fixes.stamps_ns), 1, 1))
    poses[:, :3, 3] = fixes.positions_m
    pair = associate(truth, Trajectory(fixes.stamps_ns, poses))
    arm = pair.truth.T[:, :3, 0] * 1.5
    errors = pair.estimate.positions - arm - pair.truth.positions
    return errors[pair.truth.stamps_ns >= first_ns + COMMA_FROM_S * NS_PER_S, :2]


def _as_it_is(errors: NDArray[np.float64]) -> float:
    return float(rms(np.linalg.norm(errors, axis=1)))


def _less_mean(errors: NDArray[np.float64]) -> float:
    return _as_it_is(errors - errors.mean(axis=0))


def husky(bag: Path, pictures: Path) -> bool:
    """Drive the campus twice in a row; say whether it went astray."""
    messages = load(bag, HUSKY_TOPICS)
    localizer = Localizer(localization_config(HUSKY_VALUES))
    rounds = [drive(localizer, messages) for _ in range(2)]
    ground = LocalEnu(*first_fix([m for m in messages if m.source is not Source.FIX
                                  or m.message.status.status >= 0]))
    fixes = fixes_of(messages, ground)
    print('husky, a robot on a campus, the bag twice in a row')
    apart = []
    for number, answers in enumerate(rounds, 1):
        way = trajectory(answers)
        near = associate(way, _as_way(fixes))
        gaps_m = np.linalg.norm(
            (near.truth.positions - near.estimate.positions)[:, :2], axis=1)
        steps_m = np.linalg.norm(np.diff(
            from_ego_poses([item.odometry for item in answers]).positions, axis=0), axis=1)
        begun_s = (way.stamps_ns[0] - answers[0].stamp_ns) / NS_PER_S
        print(f'  round {number}: {len(answers)} answers, on the map after {begun_s:.1f} s, '
              f'{way.distances_m[-1]:.0f} m; from the fixes RMS {rms(gaps_m):.2f} m, at most '
              f'{gaps_m.max():.2f} m; largest step in odom {steps_m.max():.3f} m')
        apart.append(gaps_m.max())
    ways = [trajectory(answers) for answers in rounds]
    last_m = float(np.linalg.norm(ways[0].positions[-1] - ways[1].positions[-1]))
    print(f'  both rounds end {last_m:.3f} m from each other')
    draw_drive(DrivePlot(ways[1], fixes=fixes, title='Husky, campus, second round'),
               pictures / 'husky.png')
    return not max(apart) < 15.0 or not last_m < 0.5


def _as_way(fixes: Fixes) -> Trajectory:
    poses = np.tile(np.eye(4), (len(fixes.stamps_ns), 1, 1))
    poses[:, :3, 3] = fixes.positions_m
    return Trajectory(fixes.stamps_ns, poses)


def _converted(
    convert: Callable[..., object], source: Path, name: str, then: Callable[[Path], bool]
) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        bag = Path(folder) / name
        convert(source, bag, lambda *_: None)
        return then(bag)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; 1 if a target is missed."""
    parser = argparse.ArgumentParser(description='Ego motion on recorded drives.')
    parser.add_argument('--seeds', type=int, default=SEEDS, help='of the noise on KITTI')
    parser.add_argument('--pictures', type=Path, default=Path('out/localization'))
    arguments = parser.parse_args(argv)
    try:
        folder = data_dir()
    except MmFusionError as err:
        print(err, file=sys.stderr)
        return 2
    missed = [
        _converted(convert_kitti_raw, folder / KITTI, 'kitti', partial(
            kitti, seeds=arguments.seeds)),
        _converted(convert_comma2k19, folder / COMMA, 'comma', partial(
            comma, pictures=arguments.pictures)),
        husky(folder / HUSKY, arguments.pictures)]
    print(f'pictures: {arguments.pictures}')
    return int(any(missed))


if __name__ == '__main__':
    raise SystemExit(main())
