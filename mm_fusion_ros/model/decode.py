# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
From what the heads say of cells to boxes; all on the device, in shapes the data do not change.
"""

from __future__ import annotations

from typing import NamedTuple, TYPE_CHECKING

import torch
from torch.nn import functional as F

from mm_fusion_ros.model.rotated_nms import keep_best, SuppressionLimits

if TYPE_CHECKING:
    from torch import Tensor

    from mm_fusion_ros.model.grid import BevGrid
    from mm_fusion_ros.model.inputs import FusionOutput

_QUALITY_SHARE = 0.4  # of the score, as a power; the rest is the heat's
_LOG_SIZE = (-3.0, 3.5)  # 5 cm to 33 m


class DecodedBoxes(NamedTuple):
    """K candidates of each of B frames, the best first."""

    boxes: Tensor  # (B, K, 7) centre x, y, z, length, width, height, m; yaw, rad
    velocities: Tensor  # (B, K, 2) m/s
    scores: Tensor  # (B, K) 0 to 1; 0 for those that stand for no object
    classes: Tensor  # (B, K) int64 in the order of the network
    shares: Tensor  # (B, K, M) of MODALITIES where the centre is


def decode(
    output: FusionOutput, grid: BevGrid, limits: SuppressionLimits, candidates: int = 200
) -> DecodedBoxes:
    """
    Find the objects.

    Parameters
    ----------
    output : FusionOutput
        Of the network.
    grid : BevGrid
        Of the same.
    limits : SuppressionLimits
        From where on two boxes of a class are one object.
    candidates : int
        K, at most.

    """
    heads = output.heads
    H, W = heads.heat.shape[2:]
    heat = heads.heat.float().sigmoid()
    is_peak = heat == F.max_pool2d(heat, 3, stride=1, padding=1)
    peaks = torch.where(is_peak, heat, torch.zeros_like(heat)).flatten(1)
    scores, index = peaks.topk(min(candidates, peaks.shape[1]), dim=1)
    label, cell = index // (H * W), index % (H * W)

    def at(values: Tensor) -> Tensor:
        """Read (B, C, H, W) at the cells: (B, K, C)."""
        flat = values.float().flatten(2)
        return flat.gather(2, cell[:, None].expand(-1, flat.shape[1], -1)).transpose(1, 2)

    box = at(heads.box)
    column, row = cell % W, cell // W
    x = (column + 0.5 + box[..., 0]) * grid.cell_m - grid.reach_m
    y = (row + 0.5 + box[..., 1]) * grid.cell_m - grid.reach_m
    sizes = box[..., 3:6].clamp(*_LOG_SIZE).exp()
    yaw = torch.atan2(box[..., 6], box[..., 7])
    boxes = torch.cat([torch.stack([x, y, box[..., 2]], -1), sizes, yaw[..., None]], -1)
    quality = at(heads.quality)[..., 0].sigmoid()
    scores = scores**(1.0 - _QUALITY_SHARE) * quality**_QUALITY_SHARE
    rectangles = torch.cat([boxes[..., :2], boxes[..., 3:5], boxes[..., 6:]], -1)
    kept = keep_best(rectangles, scores, label, limits)
    scores = torch.where(kept, scores, torch.zeros_like(scores))
    scores, order = scores.sort(dim=1, descending=True, stable=True)

    def sorted_by_score(values: Tensor) -> Tensor:
        return values.gather(1, order[..., None].expand_as(values))

    return DecodedBoxes(
        sorted_by_score(boxes), sorted_by_score(at(heads.velocity)), scores,
        label.gather(1, order), sorted_by_score(at(output.shares)))
