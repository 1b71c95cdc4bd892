# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Where the vehicle is on simulated drives: errors beside raw fixes, and what is believed of them.

Judged are poses as they were published at the time, from 5 s after the direction was known. Every
drive is driven with the same noise with and without an outage, a jump and late fixes.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NamedTuple, TYPE_CHECKING

from _localization_drives import (
    CASES,
    DRIFT_M,
    drive,
    DRIVE_S,
    during,
    fixes_of,
    in_parallel,
    judged,
    JUMP_M,
    JUMP_S,
    outage_percent,
    outage_row,
    OUTAGE_S,
    run_seed,
    WHITE_M,
)
import numpy as np

from mm_fusion_ros.evaluation.consistency import Block, consistency, nees
from mm_fusion_ros.evaluation.trajectory_errors import rms, trajectory_errors
from mm_fusion_ros.report.trajectory_plots import draw_drive, DrivePlot, Fixes
from mm_fusion_ros.sim.frames import stamp_of
from mm_fusion_ros.sim.world.make_world import make_world

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SEEDS = 10
PICTURE_SEED = 4
EVERY = 5  # answers, for the consistency


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


def pooled(results: Sequence[dict[str, Any]], name: str) -> tuple[float, float]:
    """Give the RMSE of all drives' positions on the plan, m, and of their headings, deg."""
    errors = [trajectory_errors(item['runs'][name]) for item in results]
    return (_plan_rms([e.position_m for e in errors]),
            float(np.degrees(rms(np.concatenate([e.yaw_rad for e in errors])))))


def _plan_rms(errors: Sequence[NDArray[np.float64]]) -> float:
    return float(rms(np.linalg.norm(np.concatenate(errors)[:, :2], axis=1)))


def beside_raw(results: Sequence[dict[str, Any]]) -> list[Target]:
    """Print how far ours, raw fixes and the plain alternative are from the truth."""
    print('RMSE of the position on the plan, m: ours, a filter on the plane, raw fixes; '
          'heading, deg')
    targets = []
    for name, what in (('usual', 'white and lingering errors'), ('white', 'white errors only')):
        raw_m = _plan_rms([item['raw'][name] for item in results])
        (ours_m, yaw_deg) = pooled(results, name)
        planar_m = _plan_rms([item['planar'][name] for item in results])
        print(f'  {what:<28}{ours_m:7.3f}{planar_m:7.3f}{raw_m:7.3f}   heading {yaw_deg:.3f}')
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
            told.share_above, 0.05, ''))
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
            share[name] = outage_row(name, ways_m, [
                outage_percent(item['runs'][name])[0] for item in results])
            whole = [outage_percent(item['runs'][name])[1] for item in results]
            outage_row('  with what it had before', ways_m, whole)
    outage_row('wheels along summed turn rates', ways_m, [
        100.0 * float(np.linalg.norm(item['reckoned'][-1])) / way_m
        for item, way_m in zip(results, ways_m, strict=True)])
    return [Target('outage with wheels, error added', share['outage'], 1.0, '%')]


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
