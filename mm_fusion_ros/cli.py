# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The command line: one function a verb, each importing only what it needs.

Exit code 0 on success, 2 on bad input with one clear line on stderr.
"""

from __future__ import annotations

import argparse
from contextlib import contextmanager
import json
import os
from pathlib import Path
import runpy
import sys
import time
from typing import TYPE_CHECKING

from tqdm import tqdm

from mm_fusion_ros import share
from mm_fusion_ros.errors import ConfigError, MmFusionError
from mm_fusion_ros.memory import keep_large_buffers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mm_fusion_ros.evaluation.detection_frame import FrameDetections
    from mm_fusion_ros.evaluation.score_table import ScoreTable
    from mm_fusion_ros.localization_config import LocalizationConfig
    from mm_fusion_ros.perception_config import PerceptionConfig


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code."""
    arguments = _parser().parse_args(argv)
    keep_large_buffers()
    try:
        return int(arguments.run(arguments) or 0)
    except MmFusionError as err:
        sys.stderr.write(f'mm_fusion: {err}\n')
        return 2
    except OSError as err:
        sys.stderr.write(f'mm_fusion: {err}\n')
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='mm_fusion', description='Multi-modal sensor fusion on ROS 2, and without it.')
    verbs = parser.add_subparsers(required=True, metavar='VERB')
    _add_demo(verbs)
    _add_convert(verbs)
    _add_simulate(verbs)
    _add_process(verbs)
    _add_break(verbs)
    _add_replay(verbs)
    _add_doctor(verbs)
    _add_evaluate(verbs)
    _add_train(verbs)
    _add_benchmark(verbs)
    return parser


if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]


def _add_convert(verbs: Verbs) -> None:
    parser = verbs.add_parser('convert', help='turn a data set into a bag')
    parser.add_argument('format', choices=('kitti-raw', 'kitti-object', 'nuscenes', 'comma2k19'))
    parser.add_argument('folder', type=Path, help='drive, split, sample or segment folder')
    parser.add_argument('-o', '--output', type=Path, required=True, metavar='BAG')
    parser.set_defaults(run=_convert)


def _convert(arguments: argparse.Namespace) -> None:
    from mm_fusion_ros.bags.datasets.comma2k19 import convert_comma2k19
    from mm_fusion_ros.bags.datasets.kitti_object import convert_kitti_object
    from mm_fusion_ros.bags.datasets.kitti_raw import convert_kitti_raw
    from mm_fusion_ros.bags.datasets.nuscenes import convert_nuscenes

    convert = {
        'kitti-raw': convert_kitti_raw,
        'kitti-object': convert_kitti_object,
        'nuscenes': convert_nuscenes,
        'comma2k19': convert_comma2k19,
    }[arguments.format]
    with _progress('convert') as progress:
        summary = convert(arguments.folder, arguments.output, progress)
    print(summary)


def _add_simulate(verbs: Verbs) -> None:
    parser = verbs.add_parser('simulate', help='record a simulated drive, with the truth')
    parser.add_argument('-o', '--output', type=Path, required=True, metavar='BAG')
    parser.add_argument('--seed', type=int, default=0, help='the same seed, the same bytes')
    parser.add_argument('--seconds', type=float, default=20.0)
    parser.add_argument(
        '--rig', default='demo', metavar='NAME|PATH', help='sensors: a name in config/rigs')
    parser.add_argument(
        '--vary-mounting', action='store_true',
        help='sensors a little higher or lower and pitched, as the seed gives')
    parser.add_argument('--weather', default='', help='default: what the seed gives')
    parser.add_argument('--depth', action='store_true', help='record the true depth of images')
    parser.add_argument(
        '--preview', type=Path, metavar='DIR', help='draw pictures of the drive there')
    parser.add_argument('--workers', type=int, default=os.cpu_count() or 1, metavar='N')
    parser.add_argument('--overwrite', action='store_true', help='replace an existing output')
    parser.set_defaults(run=_simulate)


def _simulate(arguments: argparse.Namespace) -> None:
    from mm_fusion_ros.sim.preview import drive_frames, write_sheet
    from mm_fusion_ros.sim.rig import load_rig
    from mm_fusion_ros.sim.simulate import Scenario, simulate

    rig = load_rig(arguments.rig, arguments.seed if arguments.vary_mounting else None)
    scenario = Scenario(
        arguments.seed, arguments.seconds, rig, arguments.weather, arguments.depth)
    with _progress('simulate') as progress:
        summary = simulate(scenario, arguments.output, progress, workers=arguments.workers,
                           overwrite=arguments.overwrite)
    print(summary)
    if arguments.preview:
        sheet = arguments.preview / 'contact_sheet.jpg'
        write_sheet(drive_frames(scenario), sheet)
        print(sheet)


def _add_process(verbs: Verbs) -> None:
    parser = verbs.add_parser('process', help='answer a bag offline, as fast as it goes')
    parser.add_argument('bag', type=Path)
    _add_vehicle(parser)
    parser.add_argument('-o', '--output', type=Path, required=True, metavar='BAG')
    parser.add_argument('--faults', type=Path, metavar='YAML', help='break sensors on the way')
    parser.add_argument(
        '--no-localization', action='store_true',
        help='leave the localization out, though the bag has IMU, GNSS or wheels')
    parser.add_argument(
        '--lidar-odometry', default='', metavar='LIDAR',
        help='tell the localization the motion of this LiDAR too; needs kiss-icp, and time')
    parser.add_argument('--overwrite', action='store_true', help='replace an existing output')
    parser.set_defaults(run=_process)


def _process(arguments: argparse.Namespace) -> None:
    from mm_fusion_ros.faults.spec import load_faults
    from mm_fusion_ros.offline import process

    config = _config(arguments)
    faults = load_faults(arguments.faults, config) if arguments.faults else ()
    with _progress('process') as progress:
        summary = process(
            arguments.bag, config, arguments.output, time.perf_counter_ns, progress,
            localization=None if arguments.no_localization else _localization(arguments),
            odometry_lidar=arguments.lidar_odometry, faults=faults,
            overwrite=arguments.overwrite)
    print(summary)


def _add_break(verbs: Verbs) -> None:
    parser = verbs.add_parser('break', help='write a bag with broken sensors')
    parser.add_argument('bag', type=Path)
    parser.add_argument('--faults', type=Path, required=True, metavar='YAML')
    parser.add_argument(
        '--vehicle', metavar='NAME|PATH', help='names the LiDARs and cameras that faults name')
    parser.add_argument('-o', '--output', type=Path, required=True, metavar='BAG')
    parser.add_argument('--overwrite', action='store_true', help='replace an existing output')
    parser.set_defaults(run=_break)


def _break(arguments: argparse.Namespace) -> None:
    from mm_fusion_ros.faults.bag import break_bag
    from mm_fusion_ros.faults.spec import load_faults

    config = _config(arguments) if arguments.vehicle else None
    faults = load_faults(arguments.faults, config)
    with _progress('break') as progress:
        problems = break_bag(arguments.bag, arguments.output, faults, progress,
                             overwrite=arguments.overwrite)
    print(*problems, sep='\n', end='\n' if problems else '')


def _add_replay(verbs: Verbs) -> None:
    parser = verbs.add_parser('replay', help='play a bag onto topics, with /clock')
    parser.add_argument('bag', type=Path)
    parser.add_argument('--rate', type=float, default=1.0, help='speed, 1 is real time')
    parser.add_argument('--loop', action='store_true', help='start again at the end')
    parser.add_argument('--start', type=float, default=0.0, metavar='S', help='skip so many s')
    parser.set_defaults(run=_replay)


def _replay(arguments: argparse.Namespace) -> int:
    from mm_fusion_ros.nodes import player_node

    return int(player_node.main([
        '--ros-args',
        '-p', f'bag:={json.dumps(str(arguments.bag))}',
        '-p', f'rate:={arguments.rate}',
        '-p', f'loop:={str(arguments.loop).lower()}',
        '-p', f'start_offset_s:={arguments.start}',
    ]))


def _add_doctor(verbs: Verbs) -> None:
    parser = verbs.add_parser('doctor', help='say what is in a bag and what would go wrong')
    parser.add_argument('bag', type=Path)
    parser.add_argument('--vehicle', metavar='NAME|PATH', help='check this vehicle file too')
    parser.add_argument(
        '-o', '--output', type=Path, metavar='YAML', help='write a vehicle file to start from')
    parser.set_defaults(run=_doctor)


def _doctor(arguments: argparse.Namespace) -> None:
    from mm_fusion_ros.doctor import examine, render, vehicle_yaml

    config = _config(arguments) if arguments.vehicle else None
    localization = _localization(arguments) if arguments.vehicle else None
    with _progress('doctor') as progress:
        examination = examine(arguments.bag, config, progress, localization)
    print(render(examination))
    if arguments.output:
        arguments.output.write_text(vehicle_yaml(examination), encoding='utf-8')


def _add_evaluate(verbs: Verbs) -> None:
    parser = verbs.add_parser('evaluate', help='compare answers with the truth')
    parser.add_argument('output', type=Path, metavar='OUT', help='bag of answers')
    parser.add_argument('--labels', type=Path, required=True, metavar='BAG', help='bag of truth')
    parser.add_argument(
        '--camera', default='', metavar='NAME',
        help='labels are only of what this camera shows, as those of KITTI')
    parser.add_argument('--json', type=Path, help='write the figures here')
    parser.add_argument('--plots', type=Path, metavar='DIR', help='draw those of classes there')
    parser.set_defaults(run=_evaluate)


def _evaluate(arguments: argparse.Namespace) -> None:
    from mm_fusion_ros.evaluation.answered_frames import answered_frames, have_classes
    from mm_fusion_ros.evaluation.answers import DETECTIONS, evaluate_answers
    from mm_fusion_ros.evaluation.score_table import score_slices, ScoreTable
    from mm_fusion_ros.evaluation.strict_json import strict_json

    figures = evaluate_answers(arguments.output, arguments.labels)
    print(figures)
    content = figures.as_dict()
    frames = answered_frames(arguments.output, DETECTIONS, arguments.labels, arguments.camera)
    if have_classes(frames):
        table = ScoreTable(score_slices('as answered', frames))
        print(table.rows[0].scores, table, sep='\n')
        content['detection'] = table.as_dict()['rows']
        if arguments.plots:
            _plot_scores(frames, table, arguments.plots)
    if arguments.json:
        arguments.json.write_text(strict_json(content), encoding='utf-8')


def _plot_scores(
    frames: Sequence[FrameDetections], table: ScoreTable, folder: Path
) -> None:
    from mm_fusion_ros.evaluation.detection_matching import match_frames
    from mm_fusion_ros.report.detection_plots import draw_precision, draw_slices

    draw_precision(match_frames(frames), folder / 'precision.png')
    draw_slices(table, folder / 'slices.png')


def _add_train(verbs: Verbs) -> None:
    parser = verbs.add_parser('train', help='train the network, or go on with it')
    parser.add_argument('recipe', metavar='NAME|PATH', help='a name in config/training, or a file')
    parser.add_argument('-o', '--output', type=Path, required=True, metavar='DIR',
                        help='weights, card and curves; a run goes on from what is there')
    parser.add_argument('--set', action='append', default=[], metavar='NAME=VALUE', dest='changes',
                        help='change a value of the recipe, as schedule.steps=100')
    parser.add_argument('--cache', type=Path, default=Path('out/frames'), metavar='DIR',
                        help='where rendered frames are kept')
    parser.add_argument('--device', default='auto', choices=('auto', 'cpu', 'cuda'))
    parser.add_argument('--workers', type=int, default=os.cpu_count() or 1, metavar='N')
    parser.add_argument('--minutes', type=float, default=float('inf'), metavar='M',
                        help='stop after so long; the next call goes on')
    parser.set_defaults(run=_train)


def _train(arguments: argparse.Namespace) -> None:
    from mm_fusion_ros.training.command import train_segment

    with _progress('train', 'steps') as progress:
        summary = train_segment(arguments, progress)
    if summary.state.sha256:  # of several processes the first one, which wrote it, tells
        print(summary)


def _add_demo(verbs: Verbs) -> None:
    parser = verbs.add_parser('demo', help='the whole system on real topics over a drive')
    parser.add_argument('--bag', type=Path, help='drive to replay; default: a simulated one')
    _add_vehicle(parser, default='sim')
    parser.add_argument(
        '--faults', type=Path, metavar='FILE',
        help='what to break meanwhile; default: the camera of the simulated drive')
    parser.add_argument('-o', '--output', type=Path, default=Path('out/demo'), metavar='DIR')
    parser.set_defaults(run=_demo)


def _demo(arguments: argparse.Namespace) -> None:
    from mm_fusion_ros.demo import demo, simulated_drive

    bag, faults = arguments.bag, arguments.faults
    if bag is None:
        with _progress('simulate') as progress:
            bag = simulated_drive(arguments.output, progress)
        faults = faults or share.fault_file('demo')
    with _progress('demo', 's') as progress:
        table = demo(bag, arguments.vehicle, faults, arguments.output, progress)
    print(table)


def _add_benchmark(verbs: Verbs) -> None:
    parser = verbs.add_parser('benchmark', help='measure beside what else one could use')
    parser.add_argument('names', nargs='*', metavar='NAME', help='default: all')
    parser.set_defaults(run=_benchmark)


def _benchmark(arguments: argparse.Namespace) -> int:
    folder = share.share_dir() / 'benchmarks'
    known = sorted(path.stem for path in folder.glob('[a-z]*.py'))
    for name in arguments.names:
        if name not in known:
            raise ConfigError('benchmark', f'one of {", ".join(known)}', repr(name))
    sys.path.insert(0, str(folder))  # for what some of them have in common
    return max(
        (runpy.run_path(str(folder / f'{name}.py'))['main']([]) for name in
         arguments.names or known), default=0)


def _add_vehicle(parser: argparse.ArgumentParser, default: str | None = None) -> None:
    parser.add_argument(
        '--vehicle', required=default is None, default=default, metavar='NAME|PATH',
        help='parameter file laid over the defaults: a name in config/vehicles, or a path')


def _config(arguments: argparse.Namespace) -> PerceptionConfig:
    from mm_fusion_ros.perception_config import load_perception_config

    return load_perception_config(
        share.perception_parameters(), share.vehicle_file(arguments.vehicle))


def _localization(arguments: argparse.Namespace) -> LocalizationConfig:
    from mm_fusion_ros.localization_config import load_localization_config

    return load_localization_config(
        share.localization_parameters(), share.vehicle_file(arguments.vehicle))


@contextmanager
def _progress(verb: str, unit: str = 'messages') -> Iterator[Callable[[int, int], None]]:
    """Show a bar that is told (done, total)."""
    with tqdm(desc=verb, leave=False, unit=f' {unit}', delay=0.5, disable=None) as bar:
        def update(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield update
