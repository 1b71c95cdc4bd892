# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Builds sensor_msgs/CameraInfo."""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.messages.convert_out.common import header

if TYPE_CHECKING:
    from mm_fusion_ros.geometry.projection import CameraModel
    from mm_fusion_ros.messages.message_types import MessageTypes


def from_camera_model(
    model: CameraModel, stamp_ns: int, frame_id: str, types: MessageTypes
) -> Any:
    """
    Build a CameraInfo.

    K and D are those of the model and P its projection, so that a model of rectified images is
    read back by P, and one of raw images by K and D. Without distortion, D is five zeros.
    """
    is_ideal = model.distortion_model == 'none'
    return types.CameraInfo(
        header=header(stamp_ns, frame_id, types),
        height=model.height,
        width=model.width,
        distortion_model='plumb_bob' if is_ideal else model.distortion_model,
        d=np.zeros(5) if is_ideal else model.distortion,
        k=model.matrix.reshape(-1),
        r=np.eye(3).reshape(-1),
        p=model.projection.reshape(-1),
    )
