# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The perception node: wiring between subscriptions, the core, and publishers. No maths here."""

from __future__ import annotations

import os
import sys
import traceback
from typing import TYPE_CHECKING

import cv2

from mm_fusion_ros.frame_assembler import FrameAssembler
from mm_fusion_ros.latency import AnswerLatency
from mm_fusion_ros.outputs import Answer
from mm_fusion_ros.perception_config import (
    declared_parameters,
    NODE_NAME,
    perception_config,
    sensor_names,
)
from mm_fusion_ros.pipeline import PerceptionPipeline
from mm_fusion_ros.ros.managed_node import ManagedNode, run_managed
from mm_fusion_ros.ros.publishers import Publishers
from mm_fusion_ros.ros.sync_input import SyncInput
from mm_fusion_ros.ros.watchdog import Watchdog
from mm_fusion_ros.runtime import Worker

if TYPE_CHECKING:
    from mm_fusion_ros.intake import Received
    from mm_fusion_ros.perception_config import PerceptionConfig
    from mm_fusion_ros.sync.match import Match


class PerceptionNode(ManagedNode):
    """
    Cameras and LiDARs in, perception out.

    The executor's thread only appends to buffers; one worker thread converts, infers, publishes.
    """

    def __init__(self, **node_arguments: object) -> None:
        """Declare the parameters; nothing else happens before `configure`."""
        super().__init__(
            NODE_NAME, lambda values: declared_parameters(*sensor_names(values)),
            perception_config, **node_arguments)
        self._failed_frames = self._answered_frames = 0

    def _configure(self, config: PerceptionConfig) -> None:
        self._config = config
        self._assembler = FrameAssembler(self._config)
        self._pipeline = PerceptionPipeline(self._config, self._now_ns)
        self._pipeline.warm_up()
        self._outputs = Publishers(self, self._config)

    def _clean_up(self) -> None:
        self._outputs.destroy()

    def _activate(self) -> None:
        self._worker = Worker(self._answer, self._on_failure)
        self._input = SyncInput(
            self, self._config, self._assembler, self._now_ns,
            on_match=self._on_match, on_problem=self._warn)
        self._watchdog = Watchdog(
            self, self._config, self._input, self._assembler,
            warn=self._warn, counts=self._counts)
        self._worker.start()

    def _stop(self) -> None:
        self._watchdog.destroy()
        self._input.destroy()
        self._worker.stop()

    def _on_match(self, match: Match[Received]) -> None:
        self._worker.submit((match, self._now_ns()))

    def _answer(self, pending: tuple[Match[Received], int]) -> None:
        match, emitted_ns = pending
        latency = AnswerLatency(match, emitted_ns, self._now_ns)
        frame = self._assembler.assemble(match)
        latency.lap('convert')
        result = self._pipeline.step(frame)
        latency.lap('perceive')
        self._outputs.publish_results(Answer(frame, result))
        latency.published()
        if not self._worker.is_behind:  # the next answer is worth more than pictures of this one
            self._outputs.publish_views(Answer(frame, result))
            latency.lap('views')
        self._outputs.publish_report(Answer(frame, result, latency.stages(result.timings_ms)))
        self._answered_frames += 1
        self._warn.all(result.warnings)

    def _counts(self) -> tuple[int, int, int]:
        return self._worker.skipped, self._failed_frames, self._answered_frames

    def _on_failure(self, error: Exception) -> None:
        self._failed_frames += 1
        where = ''.join(traceback.format_exception(error)).rstrip()
        self._warn(f'one frame was lost to an error inside perception: {where}')


def main(args: list[str] | None = None) -> int:
    """Run until told to stop; non-zero if it cannot be configured."""
    sys.setswitchinterval(0.0005)
    # Threads of torch that wait for each other must not keep other processes off the cores: on
    # busy ones they would wait for what they displace. Read when torch is loaded, at configure.
    os.environ.setdefault('OMP_WAIT_POLICY', 'passive')
    cv2.setNumThreads(max((os.cpu_count() or 2) - 1, 1))  # one core is the executor's
    return run_managed(PerceptionNode, NODE_NAME, args)


if __name__ == '__main__':
    sys.exit(main())
