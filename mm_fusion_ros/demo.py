# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The whole system on real DDS topics over a simulated or recorded drive.

Player, localization, perception and recorder run in processes of their own, and between them
what breaks sensors on purpose; then comes a table of what they did, and pictures of it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
import os
import time
from typing import TYPE_CHECKING

from mm_fusion_ros import share
from mm_fusion_ros.bags.datasets.names import TRUE_DETECTIONS, TRUE_ODOMETRY
from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.demo_figures import DemoFigures, PhaseFigures, TopicRate
from mm_fusion_ros.errors import BagError, MmFusionError
from mm_fusion_ros.evaluation.answered_frames import answered_frames, have_classes
from mm_fusion_ros.evaluation.answers import DETECTIONS, evaluate_answers
from mm_fusion_ros.evaluation.class_recall import class_recalls
from mm_fusion_ros.evaluation.recorded_trajectory import read_trajectory
from mm_fusion_ros.evaluation.reports import read_reports, summarise_reports
from mm_fusion_ros.evaluation.strict_json import strict_json
from mm_fusion_ros.evaluation.trajectory_association import align, Alignment, associate
from mm_fusion_ros.evaluation.trajectory_errors import trajectory_figures, TrajectoryFigures
from mm_fusion_ros.faults.spec import faulted_topics, load_faults
from mm_fusion_ros.intake import input_topics
from mm_fusion_ros.localization_config import load_localization_config
from mm_fusion_ros.localization_outputs import ODOMETRY
from mm_fusion_ros.localization_topics import localization_topics
from mm_fusion_ros.output import absolute_topic, OUTPUT_NAMESPACE
from mm_fusion_ros.perception_config import load_perception_config
from mm_fusion_ros.processes import NodeProcess
from mm_fusion_ros.report.run_pictures import write_pictures
from mm_fusion_ros.ros.dds import remove_stale_segments
from mm_fusion_ros.stamps import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mm_fusion_ros.data_types import FrameReport
    from mm_fusion_ros.evaluation.detection_frame import FrameDetections
    from mm_fusion_ros.faults.spec import Fault
    from mm_fusion_ros.perception_config import PerceptionConfig
    from mm_fusion_ros.processes import ProcessCost

_SEED, _DRIVE_S, _WEATHER = 2, 20.0, 'clear'  # of the drive without a bag
_POLL_S = 0.1
_SETTLE_S = 1.0  # for the last answers to be published and recorded
_LIMIT_FACTOR, _LIMIT_EXTRA_S = 3.0, 60.0


def demo(
    bag: Path, vehicle: str, faults: Path | None, folder: Path,
    progress: Callable[[int, int], None], *, has_localization: bool = True,
) -> DemoFigures:
    """
    Run the system over a bag in real time and write `folder`.

    Parameters
    ----------
    bag : Path
        What to replay.
    vehicle : str
        Name or path of the vehicle's parameter file.
    faults : Path, optional
        What to break meanwhile.
    folder : Path
        Gets `output` (bag), `pictures/`, `logs/` and `figures.json`.
    progress : callable
        Told (seconds done, seconds in all).
    has_localization : bool
        Whether the vehicle is located too, if the bag has anything that tells its motion.

    Raises
    ------
    MmFusionError
        If there is nothing to replay, or a process fails.

    """
    folder.mkdir(parents=True, exist_ok=True)
    vehicle_file = share.vehicle_file(vehicle)
    config = load_perception_config(share.perception_parameters(), vehicle_file)
    broken = load_faults(faults, config) if faults else ()
    with BagReader(bag) as reader:
        duration_s = reader.duration_ns / NS_PER_S
        topics = {info.name: info for info in reader.topics}
    motion = localization_topics(
        load_localization_config(share.localization_parameters(), vehicle_file))
    told = [item.topic for item in motion if item.topic in topics] if has_localization else []
    seen = [item.topic for item in input_topics(config) if item.topic in topics]
    costs = _run(
        _Plan(bag, vehicle_file, faults, faulted_topics(broken), folder, duration_s,
              [*seen, *told], has_localization=bool(told)),
        progress)
    output = folder / 'output'
    labels = bag if TRUE_DETECTIONS in topics else None
    answers = _Answers(
        output, labels, read_reports(output),
        answered_frames(output, DETECTIONS, labels) if labels else ())
    figures = DemoFigures(
        duration_s=duration_s,
        sets_expected=topics[_reference_topic(config)].count,
        inputs=_rates(bag, [t.topic for t in input_topics(config)]),
        outputs=_rates(output, None),
        reports=summarise_reports(answers.reports),
        match=evaluate_answers(output, labels) if labels else None,
        odometry=_odometry(bag, output) if told and TRUE_ODOMETRY in topics else None,
        costs=costs,
        phases=_phases(broken, bag, answers),
        classes=class_recalls(answers.frames) if have_classes(answers.frames) else (),
    )
    (folder / 'figures.json').write_text(strict_json(asdict(figures)), encoding='utf-8')
    write_pictures(output, labels, folder / 'pictures')
    return figures


def simulated_drive(folder: Path, progress: Callable[[int, int], None]) -> Path:
    """Simulate the drive of the demo into a folder, once; later runs find it."""
    # Replaying a bag must not need what the simulator needs.
    from mm_fusion_ros.sim.cache_key import cache_key
    from mm_fusion_ros.sim.rig import load_rig
    from mm_fusion_ros.sim.simulate import Scenario, simulate

    scenario = Scenario(_SEED, _DRIVE_S, load_rig('demo'), _WEATHER)
    bag = folder / f'drive_{cache_key(scenario)}'
    if not bag.exists():
        folder.mkdir(parents=True, exist_ok=True)
        simulate(scenario, bag, progress, workers=os.cpu_count() or 1)
    return bag


def _odometry(bag: Path, output: Path) -> TrajectoryFigures:
    truth = read_trajectory(bag, TRUE_ODOMETRY)
    pair = associate(truth, read_trajectory(output, absolute_topic(ODOMETRY)))
    return trajectory_figures(align(pair, Alignment.YAW))


@dataclass(frozen=True, slots=True)
class _Answers:
    """A recorded run, what it reports of itself, and its answers beside the labels if any."""

    output: Path
    labels: Path | None
    reports: list[FrameReport]
    frames: tuple[FrameDetections, ...]

    def between(self, name: str, since_begin_s: tuple[float, float], begin_ns: int
                ) -> PhaseFigures:
        """Measure those of a part of the run."""
        from_ns, to_ns = (begin_ns + round(each * NS_PER_S) for each in since_begin_s)
        own = [report for report in self.reports if from_ns <= report.stamp_ns < to_ns]
        frames = [frame for frame in self.frames if from_ns <= frame.stamp_ns < to_ns]
        return PhaseFigures(
            name, *since_begin_s, summarise_reports(own),
            evaluate_answers(self.output, self.labels, (from_ns, to_ns))
            if self.labels and own else None,
            class_recalls(frames) if have_classes(self.frames) else ())


def _phases(faults: tuple[Fault, ...], bag: Path, answers: _Answers) -> tuple[PhaseFigures, ...]:
    if not faults:
        return ()
    topics = {fault.topic for fault in faults}
    with BagReader(bag) as reader:
        end_ns = reader.start_ns + reader.duration_ns
        begin_ns = next((item.log_time_ns for item in reader.messages(topics)), reader.start_ns)
    length_s = (end_ns - begin_ns) / NS_PER_S
    start_s = min(*(fault.start_s for fault in faults), length_s)
    end_s = min(max(fault.end_s for fault in faults), length_s)
    parts = {'before': (0.0, start_s), 'during': (start_s, end_s), 'after': (end_s, length_s)}
    return tuple(answers.between(name, part, begin_ns) for name, part in parts.items())


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to play to whom: the player waits until the awaited topics are subscribed to."""

    bag: Path
    vehicle_file: Path
    faults: Path | None
    faulted: dict[str, str]  # topics that pass what breaks them, and where they come out
    folder: Path
    duration_s: float
    awaited: list[str]
    has_localization: bool


def _run(plan: _Plan, progress: Callable[[int, int], None]) -> dict[str, ProcessCost]:
    logs = plan.folder / 'logs'
    logs.mkdir(exist_ok=True)
    remove_stale_segments()  # of processes that were killed; each is as large as a segment
    environ = {'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST', **os.environ}

    def start(node: str, *arguments: str) -> NodeProcess:
        module = f'mm_fusion_ros.nodes.{node}'
        return NodeProcess(module, arguments, logs / f'{node}.log', environ)

    of_vehicle = (
        '--params-file', str(plan.vehicle_file), '-p', 'use_sim_time:=true',
        '-r', f'__ns:={OUTPUT_NAMESPACE}',
        *(word for pair in plan.faulted.items() for word in ('-r', ':='.join(pair))))
    perception = start(
        'perception_node', '--params-file', str(share.perception_parameters()), *of_vehicle)
    recorder = start(
        'recorder_node', '-p', f'bag:={plan.folder / "output"}', '-p', 'use_sim_time:=true',
        '-p', 'exclude:=image_overlay/[a-z_]+$|transition_event|parameter_events')
    player = start(
        'player_node', '-p', f'bag:={plan.bag}', '-p', 'progress:=false',
        '-p', f'wait_for_topics:=[{",".join(plan.awaited)}]')
    processes = {'perception': perception, 'recorder': recorder, 'player': player}
    if plan.has_localization:
        processes['localization'] = start(
            'localization_node', '--params-file', str(share.localization_parameters()),
            *of_vehicle)
    if plan.faults:
        processes['fault'] = start(
            'fault_node', '-p', f'faults:={plan.faults}', '-p', f'vehicle:={plan.vehicle_file}',
            '-p', 'use_sim_time:=true')
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

