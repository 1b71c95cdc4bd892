# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
From what the sensors saw at one instant to what is around the vehicle.

The same object serves the node and `process`; it reads no clock but the timer given to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import Boxes3D, LabelledPoints, SensorFrame, StepResult
from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.obstacles.detector import ObstacleDetector
from mm_fusion_ros.obstacles.ego_box import on_ego
from mm_fusion_ros.obstacles.unexplained import is_unexplained, joined, relabelled
from mm_fusion_ros.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mm_fusion_ros.detection.detections import Detections
    from mm_fusion_ros.detection.detector import FusionDetector
    from mm_fusion_ros.obstacles.detector import Obstacles
    from mm_fusion_ros.perception_config import PerceptionConfig

_OF_OBSTACLES = ('lidar',)


class PerceptionPipeline:
    """
    Answers one frame at a time.

    Parameters
    ----------
    config : PerceptionConfig
        What to do.
    timer : callable
        Returns a monotonic time, ns; only `StepResult.timings_ms` depends on it.

    Raises
    ------
    ConfigError
        If there is no such model, or it cannot run as configured.
    CheckpointError
        If its weights are missing, damaged, or of another network.

    """

    def __init__(self, config: PerceptionConfig, timer: Callable[[], int]) -> None:
        self._obstacles = ObstacleDetector(config.obstacles)
        self._ego_box = config.obstacles.ego_box
        self._publishes_unexplained = config.obstacles.publish_unexplained
        self._timer = timer
        self._detector = _detector(config, timer)
        self._last_ns: int | None = None

    def warm_up(self) -> None:
        """Answer an empty frame, so that the first real one pays for no imports or caches."""
        if self._detector is not None:
            self._detector.warm_up()
        self.step(SensorFrame(stamp_ns=0, frame_id=''))
        self.reset()

    def reset(self) -> None:
        """Forget what was seen before, as after time began anew."""
        self._last_ns = None
        if self._detector is not None:
            self._detector.reset()

    def step(self, frame: SensorFrame) -> StepResult:
        """
        Answer one frame; no sensors at all is an answer too, with a warning.

        A frame that is older than the one before it begins anew: a bag that starts again is
        answered as it was the first time.

        Parameters
        ----------
        frame : SensorFrame
            Converted messages that belong together.

        Returns
        -------
        StepResult
            Boxes and points in the frame's base frame.

        """
        if self._last_ns is not None and frame.stamp_ns < self._last_ns:
            self.reset()
        self._last_ns = frame.stamp_ns
        found = None if self._detector is None else self._detector.detect(frame)
        stopwatch = Stopwatch(self._timer)
        points = _points_in_base(frame)
        stopwatch.lap('merge')
        origin = frame.lidars[0].T_base_lidar[:3, 3] if frame.lidars else None
        obstacles = self._obstacles.detect(points, origin)
        stopwatch.lap('obstacles')
        boxes, labels, shares = self._together(points, found, obstacles)
        if found is not None:
            stopwatch.lap('join')
        return StepResult(
            stamp_ns=frame.stamp_ns,
            frame_id=frame.frame_id,
            boxes=boxes,
            points=LabelledPoints(points, labels),
            timings_ms=(*(found.timings_ms if found else ()), *stopwatch.laps),
            warnings=(
                *frame.warnings, *(found.warnings if found else ()),
                *self._coverage_warnings(frame)),
            shares=shares,
            looks_at=self._looks_at,
        )

    @property
    def _looks_at(self) -> tuple[str, ...]:
        network = () if self._detector is None else self._detector.looks_at
        return tuple(dict.fromkeys((*_OF_OBSTACLES, *network)))

    def _coverage_warnings(self, frame: SensorFrame) -> tuple[str, ...]:
        """Say what this answer could not know, so that no boxes is not read as a free road."""
        if frame.lidars:
            return ()
        if self._detector is None:
            return ('no LiDAR sweep in this frame: obstacles were not looked for',)
        if frame.cameras and 'camera' in self._looks_at:
            return ('no LiDAR sweep in this frame: boxes come from cameras alone',)
        return ()  # the detector says that it sees nothing

    def _together(
        self, points: NDArray[np.float32], found: Detections | None, obstacles: Obstacles
    ) -> tuple[Boxes3D, NDArray[np.uint8], NDArray[np.float32] | None]:
        """Give boxes, labels of points and shares of what both detectors found."""
        if found is None:
            if self._publishes_unexplained:
                return obstacles.boxes, obstacles.labels, None
            nothing = Boxes3D.empty()
            return nothing, relabelled(points, obstacles.labels, nothing), None
        # Nothing else can be where the vehicle is itself, whatever hits on it look like.
        kept = ~on_ego(found.boxes.centers.astype(np.float32), self._ego_box)
        boxes, shares = found.boxes[kept], found.shares[kept]
        others = obstacles.boxes[is_unexplained(obstacles.boxes, boxes)]
        if not self._publishes_unexplained:
            others = Boxes3D.empty()
        boxes = joined(boxes, others)
        unknown = np.full((len(others), shares.shape[1]), np.nan, np.float32)
        return (
            boxes, relabelled(points, obstacles.labels, boxes), np.concatenate([shares, unknown]))


def _detector(config: PerceptionConfig, timer: Callable[[], int]) -> FusionDetector | None:
    if not config.detector.model:
        return None
    # Whoever does without a network does not wait for torch either.
    from mm_fusion_ros.detection.detector import FusionDetector
    from mm_fusion_ros.model.card import load_card

    card = load_card(config.detector.model)
    return FusionDetector(config.detector, card, len(config.cameras), timer)


def _points_in_base(frame: SensorFrame) -> NDArray[np.float32]:
    clouds = [
        transforms.apply(lidar.T_base_lidar, lidar.sweep.points) for lidar in frame.lidars
    ]
    if len(clouds) == 1:
        return clouds[0]
    return np.concatenate([np.empty((0, 3), np.float32), *clouds])
