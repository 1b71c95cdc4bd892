# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Perception over a bag: what its node does with each message, without a node.
"""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import StageTiming
from mm_fusion_ros.frame_assembler import FrameAssembler
from mm_fusion_ros.intake import InputType, reference_synchronizer, SensorIntake, TF_STATIC
from mm_fusion_ros.outputs import all_outputs, Answer
from mm_fusion_ros.pipeline import PerceptionPipeline
from mm_fusion_ros.stamps import NS_PER_MS
from mm_fusion_ros.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from mm_fusion_ros.intake import InputTopic, Received
    from mm_fusion_ros.offline_summary import WarningsOnce
    from mm_fusion_ros.offline_writer import OutputWriter
    from mm_fusion_ros.perception_config import PerceptionConfig
    from mm_fusion_ros.sync.match import Match

DATA_TYPES = (InputType.POINTS, InputType.IMAGE, InputType.COMPRESSED_IMAGE)


class BagPerception:
    """
    Answers what is read from a bag.

    Parameters
    ----------
    config : PerceptionConfig
        As the node would have it.
    writer : OutputWriter
        Is given the answers.
    warnings : WarningsOnce
        Told what is wrong.
    timer : callable
        Returns a monotonic time, ns.

    Attributes
    ----------
    timings : list of dict
        How long each stage of each answer took, ms.
    complete, boxes : int
        Answers with every sensor, and boxes in all answers.

    """

    def __init__(
        self,
        config: PerceptionConfig,
        writer: OutputWriter,
        warnings: WarningsOnce,
        timer: Callable[[], int],
    ) -> None:
        self._writer = writer
        self._warnings = warnings
        self._timer = timer
        self._assembler = FrameAssembler(config)
        self._pipeline = PerceptionPipeline(config, timer)
        self._outputs = all_outputs(config)
        self._intake = SensorIntake(
            config, reference_synchronizer(config), self._assembler, timer)
        self.timings: list[dict[str, float]] = []
        self.complete = self.boxes = 0

    @property
    def median_ms(self) -> tuple[StageTiming, ...]:
        """Median time of each stage."""
        return tuple(
            StageTiming(stage, float(np.median([row[stage] for row in self.timings])))
            for stage in (self.timings[0] if self.timings else ()))

    def advance(self, now_ns: int) -> None:
        """Answer what is due by now; what comes next must not be known to it."""
        self._answer_all(self._intake.poll(now_ns))

    def take(self, item: InputTopic, message: Any, arrival_ns: int) -> None:
        """Handle one message, as the node would on its arrival."""
        self.advance(arrival_ns)
        if item.type is InputType.TRANSFORMS:
            is_static = item.topic == TF_STATIC
            self._warnings.add(self._assembler.add_transforms(message, is_static=is_static))
            self._answer_all(self._intake.pose_arrived(arrival_ns))
        elif item.type is InputType.ODOMETRY:
            self._warnings.add(self._assembler.add_odometry(message))
            self._answer_all(self._intake.pose_arrived(arrival_ns))
        elif item.type is InputType.CAMERA_INFO:
            self._assembler.set_camera_info(item.sensor, message)
        else:
            self._answer_all(self._intake.receive(item.sensor, message, arrival_ns))

    def reject(self, item: InputTopic, problem: str) -> None:
        """Take note of a message that could not be read."""
        if item.type in DATA_TYPES:
            self._assembler.reject(item.sensor, problem)

    def finish(self) -> None:
        """Answer what is still open."""
        self._answer_all(self._intake.flush())

    def _answer_all(self, matches: list[Match[Received]]) -> None:
        for match in matches:
            stopwatch = Stopwatch(self._timer)
            frame = self._assembler.assemble(match)
            stopwatch.lap('convert')
            # Only the wait is told: it is of the bag's time, so the same in every run.
            waited = StageTiming('sync_wait', match.waited_ns / NS_PER_MS)
            answer = Answer(frame, self._pipeline.step(frame), (waited,))
            stopwatch.lap('perceive')
            stages = (*stopwatch.laps, *answer.result.timings_ms)
            self.timings.append({item.stage: item.elapsed_ms for item in stages})
            self._writer.finish()  # one answer's pictures at a time
            self._writer.write(self._outputs, answer, match.emitted_ns, self.timings[-1])
            self.complete += all(sensor.present for sensor in frame.sensors)
            self.boxes += len(answer.result.boxes)
            self._warnings.add(answer.result.warnings)
