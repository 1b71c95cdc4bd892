# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Everything perception publishes, in one list: the node, `process` and the documents read it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
import math
from typing import Any, TYPE_CHECKING

from mm_fusion_ros.data_types import FrameReport, ObjectClass
from mm_fusion_ros.messages.convert_out import (
    compressed_from_pixels,
    from_boxes,
    from_frame_report,
    from_labelled_points,
    from_pixels,
    markers_from_boxes,
)
from mm_fusion_ros.output import Output
from mm_fusion_ros.report.camera_overlay import camera_overlay
from mm_fusion_ros.report.point_colors import point_colors

if TYPE_CHECKING:
    from mm_fusion_ros.data_types import (
        Boxes3D,
        CameraInput,
        SensorFrame,
        StageTiming,
        StepResult,
    )
    from mm_fusion_ros.messages.message_types import MessageTypes
    from mm_fusion_ros.perception_config import OutputConfig, PerceptionConfig

DETECTIONS = 'detections'
POINTS_FUSED = 'points_fused'
FRAME_REPORT = 'frame_report'


@dataclass(frozen=True, slots=True)
class Answer:
    """
    One answer with what it was made from.

    Attributes
    ----------
    frame : SensorFrame
        What was seen.
    result : StepResult
        What was made of it.
    stages : tuple of StageTiming
        Where the time went, for the report.

    """

    frame: SensorFrame
    result: StepResult
    stages: tuple[StageTiming, ...] = ()

    @property
    def report(self) -> FrameReport:
        """What stood behind the answer."""
        result = self.result
        return FrameReport(
            stamp_ns=result.stamp_ns,
            frame_id=result.frame_id,
            sensors=self.frame.sensors,
            stages=self.stages,
            num_boxes=len(result.boxes),
            warnings=result.warnings,
            looks_at=result.looks_at,
            counts=_counts(result.boxes),
            shares=None if result.shares is None else tuple(map(_known, result.shares.tolist())),
        )


def result_outputs() -> tuple[Output[Answer], ...]:
    """List what others act on; it is published first."""
    return (Output(DETECTIONS, 'vision_msgs/msg/Detection3DArray', _detections),)


def view_outputs(config: PerceptionConfig) -> tuple[Output[Answer], ...]:
    """List what people look at."""
    lifetime_s = config.output.marker_lifetime_s
    outputs = [
        Output('markers', 'visualization_msgs/msg/MarkerArray', partial(_markers, lifetime_s)),
        Output(POINTS_FUSED, 'sensor_msgs/msg/PointCloud2', _points_fused),
    ]
    for name in config.cameras:
        topic = f'image_overlay/{name}'
        overlay = _Overlay(name, config.output)
        outputs += [
            Output(topic, 'sensor_msgs/msg/Image', overlay.image),
            Output(f'{topic}/compressed', 'sensor_msgs/msg/CompressedImage', overlay.jpeg),
        ]
    return tuple(outputs)


def report_output() -> Output[Answer]:
    """Give the report: it tells what the others took, so it comes last."""
    return Output(FRAME_REPORT, 'diagnostic_msgs/msg/DiagnosticArray', _frame_report)


def all_outputs(config: PerceptionConfig) -> tuple[Output[Answer], ...]:
    """List everything, in the order of publication."""
    return (*result_outputs(), *view_outputs(config), report_output())


def _counts(boxes: Boxes3D) -> tuple[tuple[str, int], ...]:
    numbers = Counter(boxes.classes.tolist())
    return tuple((each.label, numbers[each]) for each in ObjectClass if numbers[each])


def _known(shares: list[float]) -> tuple[float, ...]:
    return () if any(map(math.isnan, shares)) else tuple(shares)


def _detections(answer: Answer, types: MessageTypes) -> Any:
    result = answer.result
    return from_boxes(result.boxes, result.stamp_ns, result.frame_id, types)


def _markers(lifetime_s: float, answer: Answer, types: MessageTypes) -> Any:
    result = answer.result
    return markers_from_boxes(result.boxes, result.stamp_ns, result.frame_id, lifetime_s, types)


def _points_fused(answer: Answer, types: MessageTypes) -> Any:
    result = answer.result
    colors = point_colors(result.points, answer.frame.cameras)
    return from_labelled_points(result.points, colors, result.stamp_ns, result.frame_id, types)


def _frame_report(answer: Answer, types: MessageTypes) -> Any:
    return from_frame_report(answer.report, types)


class _Overlay:
    """The overlay of one camera, drawn once for both of its topics."""

    def __init__(self, camera: str, config: OutputConfig) -> None:
        self._camera = camera
        self._config = config
        self._drawn: tuple[Answer, Any] | None = None

    def image(self, answer: Answer, types: MessageTypes) -> Any:
        """Build the Image."""
        camera = self._find(answer)
        if camera is None:
            return None
        image = camera.image
        return from_pixels(self._draw(answer, camera), image.stamp_ns, image.frame_id, types)

    def jpeg(self, answer: Answer, types: MessageTypes) -> Any:
        """Build the CompressedImage."""
        camera = self._find(answer)
        if camera is None:
            return None
        image = camera.image
        return compressed_from_pixels(
            self._draw(answer, camera), image.stamp_ns, image.frame_id,
            self._config.jpeg_quality, types)

    def _find(self, answer: Answer) -> CameraInput | None:
        return next((c for c in answer.frame.cameras if c.name == self._camera), None)

    def _draw(self, answer: Answer, camera: CameraInput) -> Any:
        if self._drawn is None or self._drawn[0] is not answer:
            points = answer.result.points if self._config.overlay_points else None
            self._drawn = answer, camera_overlay(camera, answer.result.boxes, points)
        return self._drawn[1]
