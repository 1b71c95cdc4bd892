# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Colors for the points of a frame: what a camera sees there, else what the point is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import PointLabel
from mm_fusion_ros.geometry import transforms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import CameraInput, LabelledPoints

_LABEL_COLORS = np.zeros((len(PointLabel), 3), np.uint8)  # RGB
_LABEL_COLORS[PointLabel.UNKNOWN] = (90, 90, 90)
_LABEL_COLORS[PointLabel.GROUND] = (110, 95, 80)
_LABEL_COLORS[PointLabel.OBSTACLE] = (120, 160, 220)
_LABEL_COLORS[PointLabel.BOX] = (255, 140, 0)


def label_colors(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Color labels (N,) by `PointLabel`: (N, 3) uint8 RGB."""
    return _LABEL_COLORS[labels]


def point_colors(points: LabelledPoints, cameras: tuple[CameraInput, ...]) -> NDArray[np.uint8]:
    """
    Color each point as the first camera that sees it does, else by its label.

    Parameters
    ----------
    points : LabelledPoints
        N points in the base frame.
    cameras : tuple of CameraInput
        Images of about the same instant.

    Returns
    -------
    (N, 3) uint8
        RGB. Points in boxes keep the color of their label: they are what one looks for.

    """
    colors = label_colors(points.labels)
    open_rows = np.flatnonzero(points.labels != PointLabel.BOX)
    for camera in cameras:
        T_camera_base = transforms.inverse(camera.T_base_camera)
        seen = camera.model.project(transforms.apply(T_camera_base, points.points[open_rows]))
        u, v = np.rint(seen.pixels[seen.visible]).astype(np.intp).T
        colors[open_rows[seen.visible]] = camera.image.pixels[v, u]
        open_rows = open_rows[~seen.visible]
    return colors
