# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Keeps the best of the boxes that stand for one object, for many frames at once.

Exactly the greedy suppression, in shapes that the data do not change: on a GPU nothing is
read back, so that a CUDA graph can hold it.
"""

from __future__ import annotations

from typing import NamedTuple, TYPE_CHECKING

import torch

from mm_fusion_ros.model.rotated_iou import pairwise_iou

if TYPE_CHECKING:
    from torch import Tensor


class SuppressionLimits(NamedTuple):
    """
    From where on two boxes of a class are one object, by either measure.

    A box can overlap by no more than 1 and lie no nearer than 0: such limits never suppress.
    Centres serve where true boxes are too small to overlap: pedestrians, barriers.
    """

    iou: Tensor  # (C,) float: boxes that overlap by more are one
    distance_m: Tensor  # (C,) float: boxes whose centres are nearer are one


def keep_best(
    rectangles: Tensor, scores: Tensor, classes: Tensor, limits: SuppressionLimits
) -> Tensor:
    """
    Keep each box that no kept box of its class with a higher score suppresses.

    Parameters
    ----------
    rectangles : (B, K, 5) tensor
        Centre x, y, length, width, m; heading, rad; in any order.
    scores : (B, K) tensor
        Equal ones rank in the order given.
    classes : (B, K) int64 tensor
        Index into the limits.
    limits : SuppressionLimits
        On the same device.

    Returns
    -------
    (B, K) bool tensor
        In the order given.

    """
    K = scores.shape[1]
    order = torch.arange(K, device=scores.device)
    is_above = scores[:, :, None] > scores[:, None, :]  # (B, K, K): row ranks above column
    is_level = scores[:, :, None] == scores[:, None, :]
    is_above |= is_level & (order[:, None] < order)
    is_above &= classes[:, :, None] == classes[:, None, :]
    return _settle(is_above & _are_one(rectangles, classes, limits))


def _are_one(rectangles: Tensor, classes: Tensor, limits: SuppressionLimits) -> Tensor:
    """Find pairs beyond either limit of the row's class: (B, K, K) bool."""
    centers = rectangles[..., :2].float()
    apart = centers[:, :, None] - centers[:, None]  # (B, K, K, 2)
    squared_m2 = apart.square().sum(-1)
    overlap = pairwise_iou(rectangles, rectangles)
    return (overlap > limits.iou[classes][..., None]) | (
        squared_m2 < limits.distance_m[classes][..., None].square())


def _settle(suppresses: Tensor) -> Tensor:
    """
    Find the one set of boxes that none of the set suppresses and that suppresses all others.

    Each round is right about one more link of every chain of suppression, so that K rounds
    always do; a few do nearly always, which only the CPU looks for: elsewhere it would wait.

    Parameters
    ----------
    suppresses : (B, K, K) bool tensor
        The row the column; never in a circle.

    Returns
    -------
    (B, K) bool tensor

    """
    B, K, _ = suppresses.shape
    weights = -suppresses.float()
    ones = weights.new_ones(B, 1, K)
    keep = ones
    for _ in range(K):
        before = keep
        keep = torch.baddbmm(ones, before, weights).relu_()  # 1 where nothing kept suppresses
        if keep.device.type == 'cpu' and torch.equal(keep, before):
            break
    return keep[:, 0] > 0.5
