# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The perception node: wiring between subscriptions, the core, and publishers. No maths here."""

from __future__ import annotations

from contextlib import suppress
import os
import sys
import time
import traceback
from typing import TYPE_CHECKING

import cv2
from rclpy.executors import SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation as _rclpy
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.logging import get_logger

from mm_fusion_ros.errors import MmFusionError
from mm_fusion_ros.frame_assembler import FrameAssembler
from mm_fusion_ros.latency import AnswerLatency
from mm_fusion_ros.outputs import Answer
from mm_fusion_ros.perception_config import NODE_NAME
from mm_fusion_ros.pipeline import PerceptionPipeline
from mm_fusion_ros.ros.lifetime import ros_process
from mm_fusion_ros.ros.params import PerceptionParameters
from mm_fusion_ros.ros.publishers import Publishers
from mm_fusion_ros.ros.sync_input import SyncInput
from mm_fusion_ros.ros.throttled_warnings import ThrottledWarnings
from mm_fusion_ros.ros.watchdog import Watchdog
from mm_fusion_ros.runtime import Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from mm_fusion_ros.intake import Received
    from mm_fusion_ros.sync.match import Match

_SUCCESS = TransitionCallbackReturn.SUCCESS
_FAILURE = TransitionCallbackReturn.FAILURE


class PerceptionNode(LifecycleNode):
    """
    Cameras and LiDARs in, perception out.

    The executor's thread only appends to buffers; one worker thread converts, infers, publishes.
    """

    def __init__(self, **node_arguments: object) -> None:
        """Declare the parameters; nothing else happens before `configure`."""
        super().__init__(NODE_NAME, **node_arguments)
        self._now_ns = time.monotonic_ns
        self._warn = ThrottledWarnings(self.get_logger(), self._now_ns)
        self._failed_frames = self._answered_frames = 0
        self._declared = PerceptionParameters(self)

    @property
    def autostart(self) -> bool:
        """Whether to configure and activate without being told to."""
        return bool(self.get_parameter('autostart').value)

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Read the parameters and make ready what does not need data."""
        del state
        return self._reporting(self._configure)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Begin to listen and to answer."""
        result = self._reporting(self._activate)
        return super().on_activate(state) if result is _SUCCESS else result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop listening; finish the answer at hand."""
        self._stop()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Take down what `configure` made."""
        del state
        self._outputs.destroy()
        return _SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """End from any state."""
        if state.label == 'active':
            self._stop()
        return _SUCCESS

    def _reporting(self, transition: Callable[[], None]) -> TransitionCallbackReturn:
        """Run a transition; rclpy itself would not say why one failed."""
        try:
            transition()
        except MmFusionError as err:
            self.get_logger().error(str(err))
            return _FAILURE
        except Exception:
            self.get_logger().fatal(traceback.format_exc().rstrip())
            raise
        return _SUCCESS

    def _configure(self) -> None:
        self._config = self._declared.read()
        self._assembler = FrameAssembler(self._config)
        self._pipeline = PerceptionPipeline(self._config, self._now_ns)
        self._pipeline.warm_up()
        self._outputs = Publishers(self, self._config)

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
    cv2.setNumThreads(max((os.cpu_count() or 2) - 1, 1))  # one core is the executor's
    with ros_process(args):
        try:
            node = PerceptionNode()
        except MmFusionError as err:
            get_logger(NODE_NAME).error(str(err))
            return 1
        try:
            return _run(node)
        except KeyboardInterrupt:
            return 0
        finally:
            with suppress(_rclpy.RCLError):  # somebody shut it down before
                node.trigger_shutdown()
            node.destroy_node()


def _run(node: PerceptionNode) -> int:
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    if node.autostart:
        for transition in (node.trigger_configure, node.trigger_activate):
            if transition() is not _SUCCESS:
                return 1
    while True:  # a wait without end would not notice an interrupt
        executor.spin_once(timeout_sec=0.2)


if __name__ == '__main__':
    sys.exit(main())
