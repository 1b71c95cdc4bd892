# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Which obstacles stand where the network sees nothing, and how they are reported beside its boxes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import Boxes3D, PointLabel
from mm_fusion_ros.geometry.boxes import points_in_boxes

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MARGIN_M = 0.5  # that a centre may lie outside the box that explains it
_LEAST_COVERED = 0.3  # of the footprint of an obstacle that is explained
_SAMPLES = 5  # along each side of a footprint
_WORTH = 0.5  # of the score of a box with a class: nobody has said what it is


def is_unexplained(obstacles: Boxes3D, found: Boxes3D) -> NDArray[np.bool_]:
    """
    Mark the obstacles (N,) that no found box accounts for, seen from above.

    A box does for what has its centre inside or near by, and for what lies under it for a good
    part.
    """
    if not len(obstacles) or not len(found):
        return np.ones(len(obstacles), np.bool_)
    across = (np.arange(_SAMPLES) + 0.5) / _SAMPLES - 0.5
    local = np.stack(np.meshgrid(across, across), axis=-1).reshape(-1, 2)
    offsets = _turned(local * obstacles.sizes[:, None, :2], obstacles.yaws[:, None])
    samples = obstacles.centers[:, None, :2] + offsets  # (N, S, 2)
    is_covered = _is_inside(samples, found, 0.0).any(axis=2)  # (N, S)
    has_center = _is_inside(obstacles.centers[:, None, :2], found, _MARGIN_M).any(axis=(1, 2))
    return np.asarray(~has_center & (is_covered.mean(axis=1) < _LEAST_COVERED))


def joined(found: Boxes3D, obstacles: Boxes3D) -> Boxes3D:
    """Give found boxes, then obstacles, their scores lowered: velocities are unknown of these."""
    N = len(obstacles)
    velocities = np.full((len(found), 3), np.nan, np.float32)
    if found.velocities is not None:
        velocities = found.velocities
    return Boxes3D(
        centers=np.concatenate([found.centers, obstacles.centers]),
        sizes=np.concatenate([found.sizes, obstacles.sizes]),
        yaws=np.concatenate([found.yaws, obstacles.yaws]),
        scores=np.concatenate([found.scores, obstacles.scores * np.float32(_WORTH)]),
        classes=np.concatenate([found.classes, obstacles.classes]),
        velocities=np.concatenate([velocities, np.full((N, 3), np.nan, np.float32)]),
    )


def relabelled(
    points: NDArray[np.float32], labels: NDArray[np.uint8], boxes: Boxes3D
) -> NDArray[np.uint8]:
    """Label what stands above the ground by whether it is in one of the boxes: (N,) uint8."""
    standing = np.flatnonzero((labels == PointLabel.OBSTACLE) | (labels == PointLabel.BOX))
    is_boxed = points_in_boxes(points[standing], boxes) >= 0
    labels = labels.copy()
    labels[standing] = np.where(is_boxed, PointLabel.BOX, PointLabel.OBSTACLE)
    return labels


def _is_inside(
    places: NDArray[np.float64], boxes: Boxes3D, margin_m: float
) -> NDArray[np.bool_]:
    """Tell which of (N, S, 2) places lie in each of M boxes: (N, S, M)."""
    offsets = _turned(places[:, :, None] - boxes.centers[:, :2], -boxes.yaws)
    return np.asarray((np.abs(offsets) <= boxes.sizes[:, :2] / 2.0 + margin_m).all(axis=-1))


def _turned(
    offsets: NDArray[np.float64], angles: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Turn offsets (..., 2) by angles (...), anticlockwise."""
    c, s = np.cos(angles), np.sin(angles)
    x, y = offsets[..., 0], offsets[..., 1]
    return np.stack([c * x - s * y, s * x + c * y], axis=-1)
