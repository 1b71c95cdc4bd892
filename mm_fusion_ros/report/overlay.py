# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Draws boxes into the image of a camera.

Edges are cut at the camera's plane, so that a box partly behind the camera shows what is in front.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from mm_fusion_ros.class_colors import CLASS_COLORS
from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.geometry.boxes import corners
from mm_fusion_ros.geometry.transforms import apply

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D
    from mm_fusion_ros.geometry.projection import CameraModel

# Pairs of corners: bottom, top, uprights, and a cross on the front that shows the heading.
_EDGES = np.array(
    [
        *((0, 1), (1, 2), (2, 3), (3, 0)),
        *((4, 5), (5, 6), (6, 7), (7, 4)),
        *((0, 4), (1, 5), (2, 6), (3, 7)),
        *((0, 7), (3, 4)),
    ]
)
_NEAR_M = 0.1
_PIECES_OF_BENT_EDGE = 16


def draw_boxes(
    pixels: NDArray[np.uint8],
    model: CameraModel,
    T_camera_source: NDArray[np.float64],
    boxes: Boxes3D,
    thickness_px: int = 2,
) -> NDArray[np.uint8]:
    """
    Draw the edges of boxes, colored by class, and a cross on their front.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        RGB; not changed.
    model : CameraModel
        Of the camera that took it.
    T_camera_source : (4, 4) float64
        From the frame of the boxes into the camera's optical frame.
    boxes : Boxes3D
        What to draw.
    thickness_px : int
        Of the lines.

    Returns
    -------
    (H, W, 3) uint8
        A copy with lines.

    """
    image = np.array(pixels, order='C')
    lines, box_indices = project_edges(model, T_camera_source, boxes)
    for line, index in zip(np.rint(lines).astype(np.int64).tolist(), box_indices, strict=True):
        color = CLASS_COLORS[ObjectClass(int(boxes.classes[index]))]
        cv2.line(image, line[0], line[1], color, thickness_px, cv2.LINE_AA)
    return image


def project_edges(
    model: CameraModel, T_camera_source: NDArray[np.float64], boxes: Boxes3D
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """
    Project the edges of boxes, in pieces where the lens bends them.

    Returns
    -------
    (M, 2, 2) float64
        Ends u, v of each piece that has an image and touches the picture, px.
    (M,) int
        Which box each piece is of.

    """
    in_camera = apply(T_camera_source, corners(boxes).reshape(-1, 3)).reshape(-1, 8, 3)
    ends = in_camera[:, _EDGES].reshape(-1, 2, 3)
    box_of_edge = np.repeat(np.arange(len(boxes)), len(_EDGES))
    is_in_front = (ends[:, :, 2] > _NEAR_M).any(axis=1)
    ends, box_of_edge = _cut_at_near_plane(ends[is_in_front]), box_of_edge[is_in_front]
    count = 1 if model.distortion_model == 'none' else _PIECES_OF_BENT_EDGE
    fractions = np.linspace(0.0, 1.0, count + 1)[:, None]
    joints = ends[:, None, 0] + fractions * (ends[:, None, 1] - ends[:, None, 0])
    projected = model.project(joints.reshape(-1, 3)).pixels.reshape(-1, count + 1, 2)
    pieces = np.stack([projected[:, :-1], projected[:, 1:]], axis=2).reshape(-1, 2, 2)
    low, high = pieces.min(axis=1), pieces.max(axis=1)  # NaN where there is no image
    size = (model.width, model.height)
    is_shown = (high >= 0.0).all(axis=1) & (low <= size).all(axis=1)
    return pieces[is_shown], np.repeat(box_of_edge, count)[is_shown]


def _cut_at_near_plane(ends: NDArray[np.float64]) -> NDArray[np.float64]:
    """Move the ends (N, 2, 3) that are behind the near plane along their edge onto it."""
    depths = ends[:, :, 2]
    with np.errstate(all='ignore'):  # edges parallel to the plane are not cut
        to_plane = (_NEAR_M - depths) / (depths[:, ::-1] - depths)
        cut = ends + to_plane[:, :, None] * (ends[:, ::-1] - ends)
    return np.where(depths[:, :, None] < _NEAR_M, cut, ends)
