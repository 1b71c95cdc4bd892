# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Builds vision_msgs/Detection3DArray."""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.messages.convert_out.common import header, upright_pose, vector

if TYPE_CHECKING:
    from mm_fusion_ros.data_types import Boxes3D
    from mm_fusion_ros.messages.message_types import MessageTypes


def from_boxes(boxes: Boxes3D, stamp_ns: int, frame_id: str, types: MessageTypes) -> Any:
    """
    Build a Detection3DArray.

    Consumers differ in where they look for the pose: it is in `bbox` and in `results`. The class
    goes by name; an id, where boxes have one, is a number as text.
    """
    head = header(stamp_ns, frame_id, types)
    detections = []
    for row in range(len(boxes)):
        pose = upright_pose(boxes.centers[row], boxes.yaws[row], types)
        hypothesis = types.ObjectHypothesis(
            class_id=ObjectClass(boxes.classes[row]).label, score=float(boxes.scores[row])
        )
        result = types.ObjectHypothesisWithPose(
            hypothesis=hypothesis, pose=types.PoseWithCovariance(pose=pose)
        )
        detections.append(
            types.Detection3D(
                header=head,
                results=[result],
                bbox=types.BoundingBox3D(center=pose, size=vector(boxes.sizes[row], types)),
                id='' if boxes.ids is None else str(boxes.ids[row]),
            )
        )
    return types.Detection3DArray(header=head, detections=detections)
