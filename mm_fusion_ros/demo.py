# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The whole system on real DDS topics over a recorded drive.

Player, perception and recorder run in processes of their own; then comes a table of what they
did, and pictures of it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
import json
import os
import time
from typing import TYPE_CHECKING

from mm_fusion_ros import share
from mm_fusion_ros.bags.datasets.kitti_raw import convert_kitti_raw
from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.errors import BagError, MmFusionError
from mm_fusion_ros.evaluation.answers import AnswerFigures, evaluate_answers
from mm_fusion_ros.evaluation.reports import read_reports, ReportFigures, summarise_reports
from mm_fusion_ros.intake import input_topics
from mm_fusion_ros.outputs import OUTPUT_NAMESPACE
from mm_fusion_ros.perception_config import load_perception_config
from mm_fusion_ros.processes import NodeProcess
from mm_fusion_ros.report.run_pictures import write_pictures
from mm_fusion_ros.ros.dds import remove_stale_segments
from mm_fusion_ros.stamps import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mm_fusion_ros.perception_config import PerceptionConfig
    from mm_fusion_ros.processes import ProcessCost

_KITTI_DRIVE = 'kitti_raw/2011_09_26/2011_09_26_drive_0013_sync'
_POLL_S = 0.1
_SETTLE_S = 1.0  # for the last answers to be published and recorded
_LIMIT_FACTOR, _LIMIT_EXTRA_S = 3.0, 60.0


@dataclass(frozen=True, slots=True)
class TopicRate:
    """How many messages a topic carried, and how many a second."""

    topic: str
    messages: int
    rate_hz: float


@dataclass(frozen=True, slots=True)
class DemoFigures:
    """
    What one run of the demo showed.

    Attributes
    ----------
    sets_expected : int
        Sweeps of the reference sensor in the bag.
    inputs, outputs : tuple of TopicRate
        What was played and what was recorded.
    reports : ReportFigures
        Sets and latencies.
    match : AnswerFigures, optional
        Against the labels, if the bag has any.
    costs : dict of str to ProcessCost
        By process.

    """

    duration_s: float
    sets_expected: int
    inputs: tuple[TopicRate, ...]
    outputs: tuple[TopicRate, ...]
    reports: ReportFigures
    match: AnswerFigures | None
    costs: dict[str, ProcessCost]

    def __str__(self) -> str:
        """Draw the table."""
        rows = ['', 'topic                                          messages      Hz']
        rows += [f'{r.topic:<44} {r.messages:>10} {r.rate_hz:>7.1f}'
                 for r in (*self.inputs, *self.outputs)]
        lost = self.sets_expected - self.reports.answers
        rows += ['', f'sets     {self.sets_expected} expected: {self.reports.complete} complete, '
                     f'{self.reports.partial} partial, {lost} lost']
        rows += ['latency  ms                 p50     p90     p99']
        rows += [f'  {s.stage:<20} {s.p50_ms:>9.1f} {s.p90_ms:>7.1f} {s.p99_ms:>7.1f}'
                 for s in self.reports.stages]
        rows += ['CPU']
        rows += [f'  {name:<20} {cost.cpu_s / self.duration_s:>8.0%} of a core, '
                 f'peak {cost.peak_rss_mib:.0f} MiB' for name, cost in self.costs.items()]
        if self.match:
            rows += ['', str(self.match)]
        return '\n'.join(rows)


def demo(
    bag: Path | None, vehicle: str, folder: Path, progress: Callable[[int, int], None]
) -> DemoFigures:
    """
    Run the system over a bag in real time and write `folder`.

    Parameters
    ----------
    bag : Path, optional
        What to replay; the KITTI drive of the shared data if None.
    vehicle : str
        Name or path of the vehicle's parameter file.
    folder : Path
        Gets `output` (bag), `pictures/`, `logs/` and `figures.json`.
    progress : callable
        Told (seconds done, seconds in all).

    Raises
    ------
    MmFusionError
        If there is nothing to replay, or a process fails.

    """
    folder.mkdir(parents=True, exist_ok=True)
    vehicle_file = share.vehicle_file(vehicle)
    config = load_perception_config(share.perception_parameters(), vehicle_file)
    source = bag or _kitti_bag(folder)
    with BagReader(source) as reader:
        duration_s = reader.duration_ns / NS_PER_S
        topics = {info.name: info for info in reader.topics}
    awaited = [item.topic for item in input_topics(config) if item.topic in topics]
    costs = _run(_Plan(source, vehicle_file, folder, duration_s, awaited), progress)
    output = folder / 'output'
    has_labels = '/ground_truth/detections' in topics
    figures = DemoFigures(
        duration_s=duration_s,
        sets_expected=topics[_reference_topic(config)].count,
        inputs=_rates(source, [t.topic for t in input_topics(config)]),
        outputs=_rates(output, None),
        reports=summarise_reports(read_reports(output)),
        match=evaluate_answers(output, source) if has_labels else None,
        costs=costs,
    )
    (folder / 'figures.json').write_text(json.dumps(asdict(figures), indent=1), encoding='utf-8')
    write_pictures(output, source if has_labels else None, folder / 'pictures')
    return figures


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to play to whom: the player waits until the awaited topics are subscribed to."""

    bag: Path
    vehicle_file: Path
    folder: Path
    duration_s: float
    awaited: list[str]


def _run(plan: _Plan, progress: Callable[[int, int], None]) -> dict[str, ProcessCost]:
    logs = plan.folder / 'logs'
    logs.mkdir(exist_ok=True)
    remove_stale_segments()  # of processes that were killed; each is as large as a segment
    environ = {'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST', **os.environ}

    def start(node: str, *arguments: str) -> NodeProcess:
        module = f'mm_fusion_ros.nodes.{node}'
        return NodeProcess(module, arguments, logs / f'{node}.log', environ)

    perception = start(
        'perception_node', '--params-file', str(share.perception_parameters()),
        '--params-file', str(plan.vehicle_file), '-p', 'use_sim_time:=true',
        '-r', f'__ns:={OUTPUT_NAMESPACE}')
    recorder = start(
        'recorder_node', '-p', f'bag:={plan.folder / "output"}', '-p', 'use_sim_time:=true',
        '-p', 'exclude:=image_overlay/[a-z_]+$|transition_event|parameter_events')
    player = start(
        'player_node', '-p', f'bag:={plan.bag}', '-p', 'progress:=false',
        '-p', f'wait_for_topics:=[{",".join(plan.awaited)}]')
    processes = {'perception': perception, 'recorder': recorder, 'player': player}
    began_s = time.monotonic()
    limit_s = plan.duration_s * _LIMIT_FACTOR + _LIMIT_EXTRA_S
    try:
        while player.is_running and perception.is_running:
            elapsed_s = time.monotonic() - began_s
            if elapsed_s > limit_s:
                raise BagError('demo', f'an end within {limit_s:.0f} s', 'none')
            progress(min(int(elapsed_s), int(plan.duration_s)), int(plan.duration_s))
            time.sleep(_POLL_S)
        time.sleep(_SETTLE_S)
    finally:
        costs = {name: process.stop() for name, process in reversed(processes.items())}
    for name, cost in costs.items():
        if cost.exit_code != 0:
            text = (logs / f'{name}_node.log').read_text(encoding='utf-8').strip()
            actual = f'{cost.exit_code}: {text[-500:]}'
            raise MmFusionError(f'{name} process', 'exit code 0', actual)
    return costs


def _reference_topic(config: PerceptionConfig) -> str:
    sensors = config.sensors
    return sensors[config.sync.reference or next(iter(sensors))].topic


def _rates(bag: Path, wanted: list[str] | None) -> tuple[TopicRate, ...]:
    with BagReader(bag) as reader:
        duration_s = max(reader.duration_ns / NS_PER_S, 1e-9)
        return tuple(
            TopicRate(info.name, info.count, info.count / duration_s)
            for info in reader.topics
            if wanted is None or info.name in wanted
        )


def _kitti_bag(folder: Path) -> Path:
    """Convert the drive once; later runs find it."""
    bag = folder / 'kitti_drive'
    if not bag.exists():
        drive = share.data_dir() / _KITTI_DRIVE
        convert_kitti_raw(drive, bag, lambda done, total: None)
    return bag
