# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Answers a bag in lock-step, as fast as it goes: the same bag gives the same bytes every time.

How long things took is written beside the output, never into it.
"""

from __future__ import annotations

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
import json
import re
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.bags.read_ahead import read_ahead
from mm_fusion_ros.bags.write import BagWriter
from mm_fusion_ros.data_types import StageTiming
from mm_fusion_ros.errors import BagError, InvalidMessageError
from mm_fusion_ros.faults.bag import broken, problems_of
from mm_fusion_ros.faults.injector import FaultInjector
from mm_fusion_ros.faults.spec import check_recorded
from mm_fusion_ros.frame_assembler import FrameAssembler
from mm_fusion_ros.intake import (
    input_topics,
    InputType,
    reference_synchronizer,
    SensorIntake,
    TF_STATIC,
)
from mm_fusion_ros.output import OUTPUT_NAMESPACE
from mm_fusion_ros.outputs import all_outputs, Answer
from mm_fusion_ros.pipeline import PerceptionPipeline
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S
from mm_fusion_ros.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from mm_fusion_ros.bags.read import BagMessage
    from mm_fusion_ros.faults.spec import Fault
    from mm_fusion_ros.intake import InputTopic, Received
    from mm_fusion_ros.perception_config import PerceptionConfig
    from mm_fusion_ros.sync.match import Match


@dataclass(frozen=True, slots=True)
class ProcessSummary:
    """
    What one run over a bag did.

    Attributes
    ----------
    answers, complete : int
        Answers written, and those with every sensor.
    boxes : int
        Boxes in all answers.
    bag_s, elapsed_s : float
        Length of the bag, and how long the run took, s.
    median_ms : tuple of StageTiming
        Median of each stage.
    warnings : tuple of str
        Each kind of warning once.

    """

    answers: int
    complete: int
    boxes: int
    bag_s: float
    elapsed_s: float
    median_ms: tuple[StageTiming, ...]
    warnings: tuple[str, ...]

    def __str__(self) -> str:
        """Say it in a few lines."""
        stages = ', '.join(f'{item.stage} {item.elapsed_ms:.1f}' for item in self.median_ms)
        lines = [
            f'answers {self.answers} (complete {self.complete}), boxes {self.boxes}',
            f'{self.bag_s:.1f} s of bag in {self.elapsed_s:.1f} s: '
            f'{self.bag_s / self.elapsed_s:.1f}x real time',
            f'median ms: {stages}',
            *(f'warning: {text}' for text in self.warnings),
        ]
        return '\n'.join(lines)


def process(  # noqa: PLR0913  what a run is made of
    bag: Path,
    config: PerceptionConfig,
    output: Path,
    timer: Callable[[], int],
    progress: Callable[[int, int], None],
    *,
    faults: Sequence[Fault] = (),
    overwrite: bool = False,
) -> ProcessSummary:
    """
    Answer every frame of a bag and write every output as a topic of another.

    Parameters
    ----------
    bag, output : Path
        What to read, and where to write; `output` with the suffix `.timings.json` is written too.
    config : PerceptionConfig
        As the node would have it.
    timer : callable
        Returns a monotonic time, ns; only the timings depend on it.
    progress : callable
        Told (messages done, messages in all).
    faults : sequence of Fault
        What breaks on the way from the bag to perception.
    overwrite : bool
        Replace an existing output.

    Raises
    ------
    BagError
        If the bag cannot be read, or has none of the sensors' topics.
    ConfigError
        If the configuration cannot be used without ROS, or a fault not with this bag.

    """
    injector = FaultInjector(faults)
    begin_ns = timer()
    with BagReader(bag) as reader:
        inputs = _inputs_in(reader, config)
        check_recorded(faults, {info.name: info.type for info in reader.topics})
        wanted = inputs.keys() | injector.topics
        total = sum(info.count for info in reader.topics if info.name in wanted)
        with (
            BagWriter(output, overwrite=overwrite) as writer,
            ThreadPoolExecutor(max_workers=1) as background,
        ):
            run = _Run(config, writer, background, timer)
            run.warn(reader.warnings)
            with closing(read_ahead(reader.messages(wanted))) as messages:
                for done, recorded in enumerate(broken(messages, injector), 1):
                    if recorded.topic in inputs:
                        run.take(inputs[recorded.topic], recorded)
                    progress(min(done, total), total)
            run.finish()
            run.warn(problems_of(injector))
        summary = run.summary(reader.duration_ns / NS_PER_S, (timer() - begin_ns) / NS_PER_S)
    output.with_name(f'{output.name}.timings.json').write_text(
        json.dumps(run.timings, indent=1), encoding='utf-8')
    return summary


def _inputs_in(reader: BagReader, config: PerceptionConfig) -> dict[str, InputTopic]:
    recorded = {info.name: info.type for info in reader.topics}
    wanted = {_resolved(item.topic): item for item in input_topics(config)}
    for topic, item in wanted.items():
        if recorded.get(topic, item.type.value) != item.type.value:
            raise BagError(f'topic {topic} of {reader.path}', item.type.value, recorded[topic])
    found = {topic: item for topic, item in wanted.items() if topic in recorded}
    if not any(item.type in _DATA for item in found.values()):
        names = ', '.join(topic for topic, item in wanted.items() if item.type in _DATA)
        raise BagError(f'bag {reader.path}', f'a sensor topic ({names})',
                       ', '.join(recorded) or 'no topics')
    return found


def _resolved(topic: str) -> str:
    """Give the absolute name that the node would listen to."""
    return topic if topic.startswith('/') else f'{OUTPUT_NAMESPACE}/{topic}'


_NUMBER = re.compile(r'-?\d+(\.\d+)?')
_DATA = (InputType.POINTS, InputType.IMAGE, InputType.COMPRESSED_IMAGE)


class _Run:
    """One pass over a bag."""

    def __init__(
        self,
        config: PerceptionConfig,
        writer: BagWriter,
        background: Executor,
        timer: Callable[[], int],
    ) -> None:
        self._writer = writer
        self._background = background
        self._writing: Future[float] | None = None
        self._timer = timer
        self._assembler = FrameAssembler(config)
        self._pipeline = PerceptionPipeline(config, timer)
        self._outputs = all_outputs(config)
        self._intake = SensorIntake(
            config, reference_synchronizer(config), self._assembler, timer)
        self._warnings: dict[str, str] = {}  # the first text of each kind
        self._complete = self._boxes = 0
        self.timings: list[dict[str, float]] = []

    def take(self, item: InputTopic, recorded: BagMessage) -> None:
        """Handle one recorded message, as the node would on its arrival."""
        # What was due before it came must not know of it.
        self._answer_all(self._intake.poll(recorded.log_time_ns))
        try:
            message = recorded.message
        except InvalidMessageError as err:
            self.warn((str(err),))
            if item.type in _DATA:
                self._assembler.reject(item.sensor, str(err))
            return
        if item.type is InputType.TRANSFORMS:
            is_static = item.topic == TF_STATIC
            self.warn(self._assembler.add_transforms(message, is_static=is_static))
            self._answer_all(self._intake.pose_arrived(recorded.log_time_ns))
        elif item.type is InputType.ODOMETRY:
            self.take_pose(message, recorded.log_time_ns)
        elif item.type is InputType.CAMERA_INFO:
            self._assembler.set_camera_info(item.sensor, message)
        else:
            self._answer_all(self._intake.receive(item.sensor, message, recorded.log_time_ns))

    def take_pose(self, message: Any, arrival_ns: int) -> None:
        """Handle an Odometry, recorded or of a localisation that runs in lock-step."""
        self._answer_all(self._intake.poll(arrival_ns))
        self.warn(self._assembler.add_odometry(message))
        self._answer_all(self._intake.pose_arrived(arrival_ns))

    def finish(self) -> None:
        """Answer what is still open."""
        self._answer_all(self._intake.flush())
        self._finish_writing()

    def summary(self, bag_s: float, elapsed_s: float) -> ProcessSummary:
        """Sum the run up."""
        stages = list(self.timings[0]) if self.timings else []
        medians = tuple(
            StageTiming(stage, float(np.median([row[stage] for row in self.timings])))
            for stage in stages
        )
        return ProcessSummary(
            answers=len(self.timings), complete=self._complete, boxes=self._boxes, bag_s=bag_s,
            elapsed_s=elapsed_s, median_ms=medians, warnings=tuple(self._warnings.values()))

    def _answer_all(self, matches: list[Match[Received]]) -> None:
        for match in matches:
            stopwatch = Stopwatch(self._timer)
            frame = self._assembler.assemble(match)
            stopwatch.lap('convert')
            # Only the wait is told: it is of the bag's time, so the same in every run.
            waited = StageTiming('sync_wait', match.waited_ns / NS_PER_MS)
            answer = Answer(frame, self._pipeline.step(frame), (waited,))
            stopwatch.lap('perceive')
            self._finish_writing()
            # Compression is half of the work, and needs neither the core nor its lock.
            self._writing = self._background.submit(self._write, answer, match.emitted_ns)
            stages = (*stopwatch.laps, *answer.result.timings_ms)
            self.timings.append({item.stage: item.elapsed_ms for item in stages})
            self._complete += all(sensor.present for sensor in frame.sensors)
            self._boxes += len(answer.result.boxes)
            self.warn(answer.result.warnings)

    def _finish_writing(self) -> None:
        if self._writing is not None:
            self.timings[-1]['write'] = self._writing.result()
            self._writing = None

    def _write(self, answer: Answer, log_time_ns: int) -> float:
        begin_ns = self._timer()
        for output in self._outputs:
            message = output.build(answer, BAG_TYPES)
            if message is not None:
                self._writer.write(f'{OUTPUT_NAMESPACE}/{output.topic}', message, log_time_ns)
        return (self._timer() - begin_ns) / NS_PER_MS

    def warn(self, texts: tuple[str, ...]) -> None:
        """Remember what to tell; the same complaint with another number is no news."""
        for text in texts:
            self._warnings.setdefault(_NUMBER.sub('#', text), text)
