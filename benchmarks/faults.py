# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Every kind of fault on a simulated drive: what is still answered, said, and when all is back.

Faults of cameras and LiDARs as perception meets them, those of IMU, GNSS and wheels as the
localization does, on a longer drive. Also a picture of each, of what it does to the sensor.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
import json
import os
from pathlib import Path
import time
from typing import Any, TYPE_CHECKING

import _motion_faults as motion

from mm_fusion_ros import share
from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.faults import kinds
from mm_fusion_ros.faults.kinds import FaultKind
from mm_fusion_ros.faults.spec import load_faults
from mm_fusion_ros.localization_config import load_localization_config
from mm_fusion_ros.messages.convert_in import to_frame_report
from mm_fusion_ros.offline import process
from mm_fusion_ros.output import OUTPUT_NAMESPACE
from mm_fusion_ros.outputs import FRAME_REPORT
from mm_fusion_ros.perception_config import load_perception_config
from mm_fusion_ros.report.fault_pictures import draw_fault
from mm_fusion_ros.sim.rig import load_rig
from mm_fusion_ros.sim.simulate import Scenario, simulate
from mm_fusion_ros.stamps import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mm_fusion_ros.data_types import FrameReport
    from mm_fusion_ros.faults.spec import Fault
    from mm_fusion_ros.perception_config import PerceptionConfig

SEED, DRIVE_S = 2, 8.0
START_S, END_S = 3.0, 6.0
MAX_BACK_S = 0.5  # after the end of a fault until an answer with every sensor
SENSORS = {'front': (kinds.IMAGE, kinds.CAMERA_INFO), 'top': (kinds.POINTS,)}


@dataclass(frozen=True, slots=True)
class Row:
    """
    What one fault did.

    Attributes
    ----------
    answers, complete : int
        While it lasted, by when they came.
    expected : int
        Answers of the same time without it.
    named : int
        Of the answers, those that name the sensor.
    said : str
        The first thing said of it.
    back_s : float
        From its end to the next answer with every sensor; NaN if there is none.

    """

    kind: str
    sensor: str
    answers: int
    expected: int
    complete: int
    named: int
    said: str
    back_s: float

    def __str__(self) -> str:
        """Draw a row."""
        return (f'{self.kind:<20}{self.sensor:<8}{self.answers:4d}/{self.expected:<4d}'
                f'{self.complete:8d}{self.named:7d}{self.back_s:8.2f}  {self.said[:110]}')


def fault_of(
    kind: FaultKind, sensor: str, config: PerceptionConfig, folder: Path,
    during_s: tuple[float, float] = (START_S, END_S),
) -> Fault:
    """Write a file of one fault, as a user would, and read it."""
    path = folder / 'fault.yaml'
    start_s, end_s = during_s
    entry = {'sensor': sensor, 'kind': kind.label, 'start_s': start_s, 'end_s': end_s}
    path.write_text(json.dumps({'faults': [entry]}), encoding='utf-8')
    return load_faults(path, config)[0]


def reports(bag: Path, config: PerceptionConfig, output: Path, faults: Sequence[Fault]) -> Any:
    """Process a bag with faults; give the time and the report of each answer."""
    process(bag, config, output, time.perf_counter_ns, lambda *_: None, faults=faults,
            overwrite=True)
    with BagReader(output) as reader:
        return [(item.log_time_ns, to_frame_report(item.message))
                for item in reader.messages([f'{OUTPUT_NAMESPACE}/{FRAME_REPORT}'])]


def row(
    kind: FaultKind, sensor: str, start_ns: int, healthy: list[tuple[int, FrameReport]],
    found: list[tuple[int, FrameReport]],
) -> Row:
    """Sum up what was answered while a fault lasted, and after."""
    begin_ns, end_ns = (start_ns + round(t * NS_PER_S) for t in (START_S, END_S))
    during = [report for at_ns, report in found if begin_ns <= at_ns < end_ns]
    said = [[text for text in report.warnings if text.startswith(f'{sensor}:')]
            for report in during]
    back = [at_ns for at_ns, report in found if at_ns >= end_ns and not report.is_partial]
    return Row(
        kind.label, sensor,
        answers=len(during),
        expected=sum(begin_ns <= at_ns < end_ns for at_ns, _ in healthy),
        complete=sum(not report.is_partial for report in during),
        named=sum(map(bool, said)),
        said=next((texts[0].removeprefix(f'{sensor}: ') for texts in said if texts), ''),
        back_s=(back[0] - end_ns) / NS_PER_S if back else float('nan'))


def cases() -> list[tuple[FaultKind, str]]:
    """Name every kind, with each sensor of perception that it fits."""
    return [(kind, name) for kind in FaultKind for name, types in SENSORS.items()
            if set(types) & set(kind.value.fits)]


def perceived(config: PerceptionConfig, folder: Path, labels: Sequence[str]) -> list[Row]:
    """Break cameras and LiDARs, and print what perception makes of it."""
    bag = folder / 'drive'
    simulate(Scenario(SEED, DRIVE_S, load_rig('demo'), 'clear'), bag, lambda *_: None,
             workers=os.cpu_count() or 1, overwrite=True)
    with BagReader(bag) as reader:
        start_ns = min(next(reader.messages([topic])).log_time_ns for topic in
                       (config.lidar[0].topic, config.camera[0].topic))
    healthy = reports(bag, config, folder / 'output', ())
    warned = sum(bool(report.warnings) for _, report in healthy)
    print(f'{len(healthy)} answers without a fault, {warned} of them with a warning; '
          f'each fault lasts from {START_S:g} to {END_S:g} s')
    print(f'{"kind":<20}{"sensor":<8}{"answers":>9}{"complete":>8}{"named":>7}{"back s":>8}  said')
    rows = []
    for kind, sensor in cases():
        if kind.label in labels:
            fault = fault_of(kind, sensor, config, folder)
            found = reports(bag, config, folder / 'output', [fault])
            rows.append(row(kind, sensor, start_ns, healthy, found))
            print(rows[-1], flush=True)
            draw_fault(bag, fault, config, folder / f'{kind.label}_{sensor}.png')
    return rows


def located_through(
    config: PerceptionConfig, folder: Path, labels: Sequence[str]
) -> list[motion.MotionRow]:
    """Break IMU, GNSS and wheels, and print what the localization makes of it."""
    localization = load_localization_config(
        share.localization_parameters(), share.vehicle_file('sim'))
    bag, output = folder / 'motion', folder / 'output'
    motion.record(bag)
    healthy = motion.located(bag, config, localization, output, ())
    print(f'\n{len(healthy.stamps_ns)} poses without a fault; each fault lasts from '
          f'{motion.START_S:g} to {motion.END_S:g} s of {motion.DRIVE_S:g}')
    print(motion.HEADING)
    rows = []
    for kind, sensor in motion.motion_cases():
        if kind.label in labels:
            fault = fault_of(kind, sensor, config, folder, (motion.START_S, motion.END_S))
            found = motion.located(bag, config, localization, output, [fault])
            rows.append(motion.motion_row(kind, sensor, healthy, found))
            print(rows[-1], flush=True)
    return rows


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark."""
    known = [kind.label for kind in FaultKind]
    parser = argparse.ArgumentParser(description='Perception while sensors are broken.')
    parser.add_argument('--output', type=Path, default=Path('out/faults'), metavar='DIR')
    parser.add_argument('--kinds', nargs='+', metavar='KIND', help='default: all', choices=known,
                        default=known)
    parser.add_argument('--part', choices=('perception', 'localization'), help='default: both')
    parser.add_argument('--json', type=Path, metavar='FILE', help='also write the figures here')
    arguments = parser.parse_args(argv)
    folder: Path = arguments.output
    folder.mkdir(parents=True, exist_ok=True)
    config = load_perception_config(share.perception_parameters(), share.vehicle_file('sim'))
    rows, motion_rows = [], []
    if arguments.part != 'localization':
        rows = perceived(config, folder, arguments.kinds)
    if arguments.part != 'perception':
        motion_rows = located_through(config, folder, arguments.kinds)
    late = [item for item in rows if not item.back_s <= MAX_BACK_S]
    astray = [item for item in motion_rows if not item.back_s <= motion.MAX_BACK_S]
    print(f'{len(rows)} faults of perception, {sum(item.named > 0 for item in rows)} named, '
          f'{len(late)} not back within {MAX_BACK_S} s; pictures in {folder}')
    named = sum(bool(item.said) for item in motion_rows)
    print(f'{len(motion_rows)} faults of localization, {named} named, {len(astray)} not back '
          f'within {motion.MAX_BACK_S} s')
    if arguments.json:
        arguments.json.write_text(
            json.dumps([asdict(item) for item in (*rows, *motion_rows)], indent=1),
            encoding='utf-8')
    return len(late) > 0


if __name__ == '__main__':
    raise SystemExit(main())
