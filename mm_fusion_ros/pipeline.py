# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
From what the sensors saw at one instant to what is around the vehicle.

The same object serves the node and `process`; it reads no clock but the timer given to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import LabelledPoints, SensorFrame, StepResult
from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.obstacles.detector import ObstacleDetector
from mm_fusion_ros.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mm_fusion_ros.perception_config import PerceptionConfig


class PerceptionPipeline:
    """
    Answers one frame at a time.

    Parameters
    ----------
    config : PerceptionConfig
        What to do.
    timer : callable
        Returns a monotonic time, ns; only `StepResult.timings_ms` depends on it.

    """

    def __init__(self, config: PerceptionConfig, timer: Callable[[], int]) -> None:
        self._obstacles = ObstacleDetector(config.obstacles)
        self._timer = timer

    def warm_up(self) -> None:
        """Answer an empty frame, so that the first real one pays for no imports or caches."""
        self.step(SensorFrame(stamp_ns=0, frame_id=''))

    def step(self, frame: SensorFrame) -> StepResult:
        """
        Answer one frame; no sensors at all is an answer too, with a warning.

        Parameters
        ----------
        frame : SensorFrame
            Converted messages that belong together.

        Returns
        -------
        StepResult
            Boxes and points in the frame's base frame.

        """
        stopwatch = Stopwatch(self._timer)
        points = _points_in_base(frame)
        stopwatch.lap('merge')
        origin = frame.lidars[0].T_base_lidar[:3, 3] if frame.lidars else None
        obstacles = self._obstacles.detect(points, origin)
        stopwatch.lap('obstacles')
        return StepResult(
            stamp_ns=frame.stamp_ns,
            frame_id=frame.frame_id,
            boxes=obstacles.boxes,
            points=LabelledPoints(points, obstacles.labels),
            timings_ms=stopwatch.laps,
            warnings=(*frame.warnings, *_coverage_warnings(frame)),
        )


def _points_in_base(frame: SensorFrame) -> NDArray[np.float32]:
    clouds = [
        transforms.apply(lidar.T_base_lidar, lidar.sweep.points) for lidar in frame.lidars
    ]
    if len(clouds) == 1:
        return clouds[0]
    return np.concatenate([np.empty((0, 3), np.float32), *clouds])


def _coverage_warnings(frame: SensorFrame) -> tuple[str, ...]:
    """Say what this answer could not know, so that no boxes is not read as a free road."""
    if frame.lidars:
        return ()
    return ('no LiDAR sweep in this frame: obstacles were not looked for',)
