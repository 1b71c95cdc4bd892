# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A frame seen from above: points by label, boxes found, boxes of the truth."""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

import cv2
import numpy as np

from mm_fusion_ros.geometry.boxes import bev_corners
from mm_fusion_ros.report.point_colors import label_colors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D, LabelledPoints
    from mm_fusion_ros.sim.truth import MapTruth

_FOUND = (255, 160, 40)
_TRUTH = (60, 230, 90)
_RING = (55, 60, 70)
_DRIVABLE, _CROSSWALK, _LANE_LINE = (44, 44, 50), (96, 84, 60), (92, 96, 104)
_TEXT = (200, 205, 210)
_RING_STEP_M = 10.0


class BevCanvas:
    """
    An image of the ground around the vehicle, forward up, left to the left.

    Parameters
    ----------
    x_range_m, y_range_m : (float, float)
        What part of the base frame is shown, m.
    px_per_m : float
        Scale.

    """

    def __init__(
        self,
        x_range_m: tuple[float, float] = (-20.0, 60.0),
        y_range_m: tuple[float, float] = (-30.0, 30.0),
        px_per_m: float = 10.0,
    ) -> None:
        self._x_max, self._y_max, self._scale = x_range_m[1], y_range_m[1], px_per_m
        height = round((x_range_m[1] - x_range_m[0]) * px_per_m)
        width = round((y_range_m[1] - y_range_m[0]) * px_per_m)
        self.pixels: NDArray[np.uint8] = np.full((height, width, 3), 18, np.uint8)  # RGB
        self._draw_rings()

    def draw_points(self, points: LabelledPoints) -> None:
        """Mark each point in the color of its label."""
        height, width, _ = self.pixels.shape
        pixels = self._to_pixels(points.points[:, :2]).astype(np.intp)
        u, v = pixels.T
        shown = (u >= 0) & (u < width) & (v >= 0) & (v < height)
        order = np.argsort(points.labels[shown], kind='stable')  # boxes' points on top
        colors = label_colors(points.labels[shown][order])
        self.pixels[v[shown][order], u[shown][order]] = colors

    def draw_map(self, ground: MapTruth) -> None:
        """Tint what a map in the base frame says: drivable ground, crosswalks, lines of lanes."""
        height, width, _ = self.pixels.shape
        v, u = np.mgrid[:height, :width]
        x, y = self._x_max - v / self._scale, self._y_max - u / self._scale
        row = ((y + ground.reach_m) / ground.cell_m).astype(np.intp)
        column = ((x + ground.reach_m) / ground.cell_m).astype(np.intp)
        rows, columns = ground.is_drivable.shape
        known = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        layers = ((ground.is_drivable, _DRIVABLE), (ground.is_crosswalk, _CROSSWALK),
                  (ground.is_lane_line, _LANE_LINE))
        for layer, color in layers:
            marked = known.copy()
            marked[known] = layer[row[known], column[known]]
            self.pixels[marked] = color

    def draw_boxes(self, boxes: Boxes3D, *, is_truth: bool = False) -> None:
        """Outline boxes, with a line from the centre to the front."""
        color = _TRUTH if is_truth else _FOUND
        outlines = self._to_pixels(bev_corners(boxes))  # (N, 4, 2)
        centers = self._to_pixels(boxes.centers[:, :2])
        fronts = (outlines[:, 0] + outlines[:, 3]) / 2.0
        headings = np.stack([centers, fronts], axis=1)
        for lines, closed in ((outlines, True), (headings, False)):
            fixed_point = np.rint(lines * 16).astype(np.int32)
            cv2.polylines(
                self.pixels, list(fixed_point), closed, color, 1 + is_truth, cv2.LINE_AA, 4)

    def _draw_rings(self) -> None:
        center = tuple(int(c) for c in self._to_pixels(np.zeros((1, 2)))[0])
        reach = float(np.hypot(self._x_max, self._y_max))
        for radius in np.arange(_RING_STEP_M, reach, _RING_STEP_M):
            size = round(radius * self._scale)
            cv2.circle(self.pixels, center, size, _RING, 1, cv2.LINE_AA)
            at = (center[0] + 4, center[1] - size - 4)
            cv2.putText(
                self.pixels, f'{radius:.0f} m', at, cv2.FONT_HERSHEY_SIMPLEX, 0.4, _TEXT, 1,
                cv2.LINE_AA)

    def _to_pixels(self, xy: NDArray[Any]) -> NDArray[np.float64]:
        u = (self._y_max - xy[..., 1]) * self._scale
        v = (self._x_max - xy[..., 0]) * self._scale
        return np.stack([u, v], axis=-1)
