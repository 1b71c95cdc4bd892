# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""An answer drawn into one camera's image: LiDAR points by distance, boxes on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from mm_fusion_ros.data_types import PointLabel
from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.report.overlay import draw_boxes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D, CameraInput, LabelledPoints

_FAR_M = 50.0
_POINTS_ACROSS = 600  # so many drawn points would fill a line of the image
_RAMP = cv2.applyColorMap(np.arange(256, dtype=np.uint8)[:, None], cv2.COLORMAP_TURBO)
_RAMP_RGB = np.ascontiguousarray(_RAMP[::-1, 0, ::-1])  # near is red, far is blue


def camera_overlay(
    camera: CameraInput, boxes: Boxes3D, points: LabelledPoints | None
) -> NDArray[np.uint8]:
    """
    Draw boxes, and what stands above the ground, into an image.

    Parameters
    ----------
    camera : CameraInput
        Image, model and pose.
    boxes : Boxes3D
        In the base frame.
    points : LabelledPoints, optional
        In the base frame; ground is left out, so that the road stays visible.

    Returns
    -------
    (H, W, 3) uint8
        RGB, a new image.

    """
    T_camera_base = transforms.inverse(camera.T_base_camera)
    image = np.array(camera.image.pixels, order='C')
    if points is not None:
        standing = points.points[points.labels >= PointLabel.OBSTACLE]
        seen = camera.model.project(transforms.apply(T_camera_base, standing))
        u, v = np.rint(seen.pixels[seen.visible]).astype(np.intp).T
        nearness = np.clip(seen.depths[seen.visible] / _FAR_M, 0.0, 1.0) * 255.0
        colors = _RAMP_RGB[nearness.astype(np.uint8)]
        size = max(2, round(camera.model.width / _POINTS_ACROSS))
        for down, right in np.ndindex(size, size):
            rows = np.minimum(v + down, camera.model.height - 1)
            image[rows, np.minimum(u + right, camera.model.width - 1)] = colors
    return draw_boxes(image, camera.model, T_camera_base, boxes)
