# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Where boxes are in an image, for labels that are only of what an image shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.geometry.boxes import corners

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D
    from mm_fusion_ros.geometry.projection import CameraModel

# Shares of the outline of a box that show its body if nothing is before it: medians of what is
# whole in simulated images. Bodies of the others are slimmer than their boxes.
_FILLED, _FILLED_BY_SLIM = 0.7, 0.38
_SLIM = (ObjectClass.CYCLIST, ObjectClass.PEDESTRIAN, ObjectClass.BARRIER)
_LEAST_PX = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class ImageView:
    """
    A camera, and where it is.

    Attributes
    ----------
    model : CameraModel
        Of the image.
    T_base_camera : (4, 4) float64
        From its optical frame to that of the boxes.

    """

    model: CameraModel
    T_base_camera: NDArray[np.float64]

    def shows(self, boxes: Boxes3D) -> NDArray[np.bool_]:
        """Tell whose centre is in the image (N,)."""
        T_camera_base = transforms.inverse(self.T_base_camera)
        return self.model.project(transforms.apply(T_camera_base, boxes.centers)).visible

    def outlines_px(self, boxes: Boxes3D) -> NDArray[np.float64]:
        """
        Enclose each box in the image.

        Returns
        -------
        (N, 4) float64
            Left, top, right, bottom, px, cut at the edges of the image, of the corners that are in
            front of the camera; all 0 if none is.

        """
        T_camera_base = transforms.inverse(self.T_base_camera)
        points = transforms.apply(T_camera_base, corners(boxes).reshape(-1, 3))
        pixels = self.model.project(points).pixels.reshape(-1, 8, 2)
        has_none = np.isnan(pixels).all(axis=(1, 2))
        pixels[has_none] = 0.0
        edges = np.concatenate([np.nanmin(pixels, axis=1), np.nanmax(pixels, axis=1)], axis=1)
        outlines: NDArray[np.float64] = np.clip(edges, 0.0, np.tile(
            np.array([self.model.width, self.model.height], np.float64), 2))
        return outlines


def covered_shares(
    outlines_px: NDArray[np.float64], rectangles_px: NDArray[np.float64]
) -> NDArray[np.float64]:
    """
    Tell how much of each outline the one of some rectangles covers that covers most.

    Parameters
    ----------
    outlines_px : (N, 4) float64
        Left, top, right, bottom.
    rectangles_px : (M, 4) float64
        The same.

    Returns
    -------
    (N,) float64
        Share of the outline's area, 0 to 1; 0 for an outline without area.

    """
    low = np.maximum(outlines_px[:, None, :2], rectangles_px[None, :, :2])
    high = np.minimum(outlines_px[:, None, 2:], rectangles_px[None, :, 2:])
    common = np.maximum(high - low, 0.0).prod(axis=2)  # (N, M)
    areas = (outlines_px[:, 2:] - outlines_px[:, :2]).prod(axis=1)
    largest = common.max(axis=1, initial=0.0)
    shares: NDArray[np.float64] = np.where(areas > 0.0, largest / np.maximum(areas, 1e-9), 0.0)
    return shares


def hidden_shares(
    boxes: Boxes3D, visible_px: NDArray[np.int32], views: Sequence[ImageView]
) -> NDArray[np.float32]:
    """
    Estimate how much of each object is hidden from the camera that sees most of it.

    Parameters
    ----------
    boxes : Boxes3D
        N objects.
    visible_px : (C, N) int32
        Pixels of each image that show each.
    views : sequence of ImageView
        The C cameras.

    Returns
    -------
    (N,) float32
        0 to 1: what is missing of the part of its outline that a body usually fills; NaN for what
        has less than 100 px in every image, hidden or not.

    """
    outlines = [view.outlines_px(boxes) for view in views]
    areas = np.array([(each[:, 2:] - each[:, :2]).prod(axis=1) for each in outlines])
    areas = areas.reshape(len(views), len(boxes))
    filled = np.where(np.isin(boxes.classes, _SLIM), _FILLED_BY_SLIM, _FILLED)
    seen = visible_px / (filled * np.maximum(areas, _LEAST_PX))
    seen = np.where(areas >= _LEAST_PX, seen, -np.inf).max(axis=0, initial=-np.inf)
    return np.where(np.isfinite(seen), np.clip(1.0 - seen, 0.0, 1.0), np.nan).astype(np.float32)
