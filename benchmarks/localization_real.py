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
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from mm_fusion_ros.evaluation.trajectory_association import Associated
    from mm_fusion_ros.localization.located import Located
    from mm_fusion_ros.localization_config import LocalizationConfig

HUSKY_MOST_M = 15.0  # from a fix
KITTI = Path('kitti_raw', '2011_09_26', '2011_09_26_drive_0013_sync')  # in data_dir()
COMMA = Path('comma2k19_highway')
HUSKY = Path('imu_gps_bag', 'husky_campus.bag')
SEEDS, NOISE_M, KITTI_FROM_S = 20, 1.5, 3.0
COMMA_FROM_S = 5.0
COMMA_KNOWN_S = 15.0
# Stamps are of the arrival. By so much the fixes lag behind the reference, along the way; that the
# receiver's speeds lag behind the wheels' by about as much can be seen without a reference.
COMMA_LATE_MS = -80.0
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
        found.append(item._replace(message=message))
    return found


def without_compass(messages: Sequence[Message]) -> list[Message]:
    """Withhold the orientations of the IMU."""
    unknown = np.array([-1.0] + [0.0] * 8)
    return [item._replace(message=replace(item.message, orientation_covariance=unknown))
            if item.source is Source.IMU else item for item in messages]


def kitti(bag: Path, seeds: int) -> bool:
    """Drive KITTI with noisy fixes; say whether a target is missed."""
    messages = without_compass(load(bag, TOPICS))
    truth = read_trajectory(bag, names.TRUE_ODOMETRY)
    datum = first_fix(messages)
    print(f'KITTI, fixes with {NOISE_M} m of white noise, {seeds} seeds, from {KITTI_FROM_S:g} s: '
          'position on the plan RMSE, heading RMSE, median over seeds (worst)')
    raw_m = _kitti_raw(messages, LocalEnu(*datum), seeds)
    print(f'  {"raw fixes":<48}{raw_m:6.2f} m')
    is_missed = False
    plain = (Source.IMU, Source.FIX)
    for what, sources, drift_share in (
            ('IMU and fixes, defaults', plain, None),
            ('IMU and fixes, noise told white', plain, 0.0),
            ('with wheels, noise told white', (*plain, Source.WHEELS), 0.0),
            ('with velocity by satellites too', tuple(Source), 0.0)):
        values: dict[str, object] = {'datum': datum}
        if drift_share is not None:
            values['gnss.drift_share'] = drift_share
        found = [_kitti_run(localization_config(values),
                            noisy(messages, LocalEnu(*datum), seed), sources, truth)
                 for seed in range(seeds)]
        (position_m, yaw_deg), worst = np.median(found, axis=0), np.max(found, axis=0)
        print(f'  {what:<48}{position_m:6.2f} m ({worst[0]:.2f})  {yaw_deg:6.2f} deg '
              f'({worst[1]:.2f})')
        is_missed |= drift_share is not None and (position_m > 0.8 or yaw_deg > 2.0)
    return bool(is_missed)


def _kitti_run(
    config: LocalizationConfig, messages: Sequence[Message], sources: Sequence[Source],
    truth: Trajectory,
) -> tuple[float, float]:
    """Give the RMSE of the position on the plan, m, and of the heading, deg."""
    answers = drive(Localizer(config), messages, sources)
    pair = associate(truth, from_ego_poses([item.map_pose for item in answers])).between(
        int(truth.stamps_ns[0] + KITTI_FROM_S * NS_PER_S), int(truth.stamps_ns[-1]) + 1)
    errors = trajectory_errors(pair)
    return (rms(np.linalg.norm(errors.position_m[:, :2], axis=1)),
            float(np.degrees(rms(errors.yaw_rad))))


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
    first_ns = messages[0].arrival_ns
    gaps_ns = tuple((first_ns + round(begin_s * NS_PER_S), first_ns + round(end_s * NS_PER_S))
                    for begin_s, end_s in GAPS_S)
    kept = [item for item in messages if item.source not in (Source.FIX, Source.GNSS_VELOCITY)
            or not any(begin <= item.arrival_ns < end for begin, end in gaps_ns)]
    print('comma2k19, position on the plan, RMSE as it is and less the mean error; speed, heading')
    is_missed = False
    for offset_ms in (0.0, COMMA_LATE_MS):
        print(f' gnss.offset_ms {offset_ms:g}')
        config = localization_config({
            'datum': first_fix(messages), 'gnss.offset_ms': offset_ms})
        fixes = _shifted(fixes_of(messages, LocalEnu(*config.datum)), offset_ms)
        raw_m = _raw_errors(truth, fixes, first_ns, COMMA_FROM_S)
        print(f'  {"raw fixes":<20}{_as_it_is(raw_m):6.2f} m {_less_mean(raw_m):6.2f} m')
        whole = _comma_run(config, messages, truth, first_ns)
        gapped = _comma_run(config, kept, truth, first_ns)
        ours_m, _ = _comma_row('ours', whole)
        known_ns = first_ns + round(COMMA_KNOWN_S * NS_PER_S)
        later = trajectory_errors(whole.between(known_ns, int(truth.stamps_ns[-1]) + 1))
        raw_later_m = _raw_errors(truth, fixes, first_ns, COMMA_KNOWN_S)
        print(f'  less the mean from {COMMA_KNOWN_S:g} s on, when the delay is known: ours '
              f'{_less_mean(later.position_m[:, :2]):.2f} m, raw {_less_mean(raw_later_m):.2f} m')
        _, speed_mps = _comma_row('ours, with gaps', gapped)
        aligned = align(gapped, Alignment.TRANSLATION)
        worst = max(float(np.linalg.norm(
            trajectory_errors(aligned.between(*gap)).position_m[:, :2], axis=1).max())
            for gap in gaps_ns)
        print(f'  largest error less the mean one in {len(GAPS_S)} gaps of 10 s: {worst:.2f} m')
        is_missed |= ours_m > _less_mean(raw_m) or worst > 1.5 or speed_mps > 0.2
    draw_drive(DrivePlot(
        gapped.estimate, gapped.truth, fixes, gaps_ns, follows_heading=True,
        title=f'comma2k19, three gaps of 10 s, gnss.offset_ms {offset_ms:g}'),
        pictures / 'comma.png')
    return is_missed


def _comma_row(what: str, pair: Associated) -> tuple[float, float]:
    """Print the errors of a run; give that of the position less the mean, and of the speed."""
    errors = trajectory_errors(pair)
    plan = errors.position_m[:, :2]
    speed_mps = rms(np.linalg.norm(pair.estimate.velocities_mps, axis=1)
                    - np.linalg.norm(pair.truth.velocities_mps, axis=1))
    print(f'  {what:<20}{_as_it_is(plan):6.2f} m {_less_mean(plan):6.2f} m {speed_mps:6.3f} m/s, '
          f'{np.degrees(rms(errors.yaw_rad)):.2f} deg')
    return _less_mean(plan), speed_mps


def _shifted(fixes: Fixes, offset_ms: float) -> Fixes:
    return fixes._replace(stamps_ns=fixes.stamps_ns + round(offset_ms * NS_PER_MS))


def _comma_run(
    config: LocalizationConfig, messages: Sequence[Message], truth: Trajectory, first_ns: int
) -> Associated:
    estimate = trajectory(drive(Localizer(config), messages))
    start_ns = max(first_ns + round(COMMA_FROM_S * NS_PER_S), int(estimate.stamps_ns[0]))
    return associate(truth, estimate).between(start_ns, int(truth.stamps_ns[-1]) + 1)


def _raw_errors(
    truth: Trajectory, fixes: Fixes, first_ns: int, from_s: float
) -> NDArray[np.float64]:
    """Give the errors (N, 2) of fixes, whose antenna sits where the IMU does."""
    poses = np.tile(np.eye(4), (len(fixes.stamps_ns), 1, 1))
    poses[:, :3, 3] = fixes.positions_m
    pair = associate(truth, Trajectory(fixes.stamps_ns, poses))
    arm = pair.truth.T[:, :3, 0] * 1.5
    errors = pair.estimate.positions - arm - pair.truth.positions
    return errors[pair.truth.stamps_ns >= first_ns + from_s * NS_PER_S, :2]


def _as_it_is(errors: NDArray[np.float64]) -> float:
    return float(rms(np.linalg.norm(errors, axis=1)))


def _less_mean(errors: NDArray[np.float64]) -> float:
    return _as_it_is(errors - errors.mean(axis=0))


def husky(bag: Path, pictures: Path) -> bool:
    """Drive the campus, as it is twice in a row; say whether it went astray."""
    messages = load(bag, HUSKY_TOPICS)
    is_missed = False
    print('husky, a robot on a campus')
    for name, told in (('as recorded', messages), ('no compass', without_compass(messages))):
        localizer = Localizer(localization_config(HUSKY_VALUES))
        rounds = [drive(localizer, told) for _ in range(2)]
        fixes = fixes_of(told, LocalEnu(*first_fix(told)))
        apart_m = [_husky_row(f'{name}, round {number}', answers, fixes)
                   for number, answers in enumerate(rounds, 1)]
        ways = [trajectory(answers) for answers in rounds]
        last_m = float(np.linalg.norm(ways[0].positions[-1] - ways[1].positions[-1]))
        print(f'  both rounds end {last_m:.3f} m from each other')
        draw_drive(DrivePlot(ways[1], fixes=fixes, title=f'Husky, {name}, second round'),
                   pictures / f'husky_{name.replace(" ", "_")}.png')
        is_missed |= not max(apart_m) < HUSKY_MOST_M or not last_m < 0.5
    return is_missed


def _husky_row(what: str, answers: Sequence[Located], fixes: Fixes) -> float:
    """Print how far a round is from its fixes; give the largest distance."""
    way = trajectory(answers)
    near = associate(way, _as_way(fixes))
    apart_m = np.linalg.norm((near.truth.positions - near.estimate.positions)[:, :2], axis=1)
    steps_m = np.linalg.norm(np.diff(
        from_ego_poses([item.odometry for item in answers]).positions, axis=0), axis=1)
    begun_s = (way.stamps_ns[0] - answers[0].stamp_ns) / NS_PER_S
    print(f'  {what}: on the map after {begun_s:.1f} s; from the fixes median '
          f'{np.median(apart_m):.2f} m, RMS {rms(apart_m):.2f} m, at most {apart_m.max():.2f} m; '
          f'largest step in odom {steps_m.max():.3f} m')
    return float(apart_m.max())


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
