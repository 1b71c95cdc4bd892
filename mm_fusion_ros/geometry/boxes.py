# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Geometry of upright boxes: corners, change of frame, and which points lie inside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.geometry import transforms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D

# Anticlockwise seen from above: front left, rear left, rear right, front right.
_BEV_SIGNS = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)]) / 2.0


def bev_corners(boxes: Boxes3D) -> NDArray[np.float64]:
    """Give the footprints (N, 4, 2), m: front left, rear left, rear right, front right."""
    local = _BEV_SIGNS * boxes.sizes[:, None, :2]  # (N, 4, 2)
    c, s = np.cos(boxes.yaws), np.sin(boxes.yaws)
    rotations = np.stack([c, s, -s, c], axis=-1).reshape(-1, 2, 2)  # transposed: acts on rows
    footprints: NDArray[np.float64] = local @ rotations + boxes.centers[:, None, :2]
    return footprints


def corners(boxes: Boxes3D) -> NDArray[np.float64]:
    """Give the corners (N, 8, 3), m: the footprint at the bottom, then the same at the top."""
    half_height = boxes.sizes[:, None, 2:] / 2.0
    bottom = np.broadcast_to(boxes.centers[:, None, 2:] - half_height, (len(boxes), 4, 1))
    footprint = bev_corners(boxes)
    return np.concatenate(
        [
            np.concatenate([footprint, bottom], axis=-1),
            np.concatenate([footprint, bottom + 2.0 * half_height], axis=-1),
        ],
        axis=1,
    )


def transform_boxes(T_target_source: NDArray[np.float64], boxes: Boxes3D) -> Boxes3D:
    """
    Express boxes in another frame.

    Boxes stay upright: only the heading of the rotated x axis is kept, so a tilt between the
    frames is lost. Velocities are rotated; the frames' relative motion is not added.
    """
    R = T_target_source[:3, :3]
    headings = R[:2, :2] @ np.stack([np.cos(boxes.yaws), np.sin(boxes.yaws)])  # (2, N)
    velocities = boxes.velocities
    if velocities is not None:
        velocities = velocities @ R.T.astype(np.float32)
    return replace(
        boxes,
        centers=transforms.apply(T_target_source, boxes.centers),
        yaws=transforms.wrap_angle(np.arctan2(headings[1], headings[0])),
        velocities=velocities,
    )


def points_in_boxes(points: NDArray[Any], boxes: Boxes3D) -> NDArray[np.int32]:
    """Find the first box, surface included, around each point (M, 3), or -1: (M,) int32."""
    holder = np.full(len(points), -1, np.int32)
    for box, inside in reversed(list(enumerate(_inside_each(points, boxes)))):
        holder[inside] = box
    return holder


def count_points(points: NDArray[Any], boxes: Boxes3D) -> NDArray[np.int32]:
    """Count the points (M, 3) in each box: (N,) int32; a point may count for several."""
    counts = (len(inside) for inside in _inside_each(points, boxes))
    return np.fromiter(counts, np.int32, len(boxes))


def _inside_each(points: NDArray[Any], boxes: Boxes3D) -> Iterator[NDArray[np.intp]]:
    """Give the indices of the points in each box; it rotates only those in its x range."""
    x = points[:, 0].astype(np.float64)
    footprints = bev_corners(boxes)[..., 0]
    bounds = np.stack([footprints.min(axis=1), footprints.max(axis=1)], axis=1)
    bounds += (-1e-6, 1e-6)  # rounding of the corners
    halves = boxes.sizes / 2.0
    for center, half, yaw, (low, high) in zip(
        boxes.centers, halves, boxes.yaws, bounds, strict=True
    ):
        near = np.flatnonzero((x >= low) & (x <= high))
        offset = points.take(near, axis=0) - center
        c, s = np.cos(yaw), np.sin(yaw)
        ahead = c * offset[:, 0] + s * offset[:, 1]
        left = c * offset[:, 1] - s * offset[:, 0]
        yield near[
            (np.abs(ahead) <= half[0])
            & (np.abs(left) <= half[1])
            & (np.abs(offset[:, 2]) <= half[2])
        ]
