# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""How much every answer is like every true box: overlap from above, overlap in space, nearness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import cdist
import torch

from mm_fusion_ros.model.rotated_iou import paired_iou

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D


def bev_ious(answers: Boxes3D, truth: Boxes3D) -> NDArray[np.float64]:
    """Give the intersection over union (M, N) of footprints, exact to about 1e-6."""
    ious = np.zeros((len(answers), len(truth)))
    reaches = [np.linalg.norm(boxes.sizes[:, :2], axis=1) / 2.0 for boxes in (answers, truth)]
    touch = -nearness(answers, truth) < np.add.outer(*reaches)
    rows, columns = np.nonzero(touch)
    # Of centres only the difference matters, and it is what float32 holds exactly enough.
    apart = answers.centers[rows, :2] - truth.centers[columns, :2]
    one = np.column_stack([apart, answers.sizes[rows, :2], answers.yaws[rows]])
    other = np.column_stack([0.0 * apart, truth.sizes[columns, :2], truth.yaws[columns]])
    ious[touch] = paired_iou(torch.from_numpy(one), torch.from_numpy(other)).numpy()
    return ious


def box_ious(answers: Boxes3D, truth: Boxes3D) -> NDArray[np.float64]:
    """Give the intersection over union (M, N) of upright boxes."""
    footprints = bev_ious(answers, truth)
    areas = np.add.outer(*(boxes.sizes[:, :2].prod(axis=1) for boxes in (answers, truth)))
    common_area = footprints / (1.0 + footprints) * areas
    bottoms = [boxes.centers[:, 2] - boxes.sizes[:, 2] / 2.0 for boxes in (answers, truth)]
    tops = [boxes.centers[:, 2] + boxes.sizes[:, 2] / 2.0 for boxes in (answers, truth)]
    common_height = np.minimum.outer(*tops) - np.maximum.outer(*bottoms)
    common = common_area * np.maximum(common_height, 0.0)
    volumes = np.add.outer(*(boxes.sizes.prod(axis=1) for boxes in (answers, truth)))
    ious: NDArray[np.float64] = common / (volumes - common)
    return ious


def nearness(answers: Boxes3D, truth: Boxes3D) -> NDArray[np.float64]:
    """Give minus the distance (M, N) of centres seen from above, m."""
    distances: NDArray[np.float64] = cdist(answers.centers[:, :2], truth.centers[:, :2])
    return -distances
