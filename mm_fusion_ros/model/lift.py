# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Looks up the images at points of a volume above the grid.

Each point asks one camera: the one in whose image it is the farthest from the edges. So the
work does not grow with the number of cameras, and their order changes nothing.
"""

from __future__ import annotations

from typing import NamedTuple, TYPE_CHECKING

import torch
from torch import nn, Tensor
from torch.nn import functional as F

from mm_fusion_ros.model import image_backbone
from mm_fusion_ros.model.depth_bins import depth_position, focal_lengths

if TYPE_CHECKING:
    from mm_fusion_ros.model.grid import BevGrid
    from mm_fusion_ros.model.image_neck import ImageFeatures

_NEAR_M = 0.5


class Lifted(NamedTuple):
    """What cameras tell about the cells of B frames."""

    features: Tensor  # (B, Z C, H, W)
    coverage: Tensor  # (B, 1, H, W) share of the heights that some camera sees


class Lift(nn.Module):
    """
    Samples image features at points of a volume, weighted by how likely they are that far away.
    """

    points_mm: Tensor  # (4, V) int32: whole numbers keep their precision in any network

    def __init__(self, grid: BevGrid, heights_m: tuple[float, ...], image_px: tuple[int, int]
                 ) -> None:
        super().__init__()
        across = (torch.arange(grid.size) + 0.5) * grid.cell_m - grid.reach_m
        z, y, x = torch.meshgrid(torch.tensor(heights_m), across, across, indexing='ij')
        points = torch.stack([x, y, z, torch.ones_like(x)]).reshape(4, -1)
        self.register_buffer(
            'points_mm', (1e3 * points).round().to(torch.int32), persistent=False)
        self.shape = (len(heights_m), grid.size, grid.size)
        self.width_px, self.height_px = image_px

    def forward(self, images: ImageFeatures, projections: Tensor, present: Tensor) -> Lifted:
        """
        Lift.

        Parameters
        ----------
        images : ImageFeatures
            Of B x C cameras, those that are absent too.
        projections : (B, C, 3, 4) float32
            From `base_link`, m, to px of the image.
        present : (B, C) bool
            Which cameras there are.

        """
        B, C = present.shape
        _, F_, h, w = images.context.shape
        u, v, depth = self._pixels(projections)
        inward = torch.minimum(
            torch.minimum(u + 0.5, self.width_px - 0.5 - u) / self.width_px,
            torch.minimum(v + 0.5, self.height_px - 0.5 - v) / self.height_px)
        inward = torch.where((depth > _NEAR_M) & present[..., None], inward, -1.0)
        margin, camera = inward.max(dim=1, keepdim=True)  # (B, 1, V)
        seen = (margin > 0.0).float()
        u, v, depth = (each.gather(1, camera)[:, 0] for each in (u, v, depth))
        column = ((u - image_backbone.OFFSET_PX) / image_backbone.STRIDE).clamp(0.0, w - 1.0)
        row = ((v - image_backbone.OFFSET_PX) / image_backbone.STRIDE).clamp(0.0, h - 1.0)
        # Images of a frame are stacked below each other, and each point reads within one.
        stacked_row = row + camera[:, 0] * h
        across = 2.0 * column / max(w - 1, 1) - 1.0
        down = 2.0 * stacked_row / max(C * h - 1, 1) - 1.0
        # Half precision would not tell pixels apart.
        context = _stacked(images.context.float(), B)
        place = torch.stack([across, down], -1)[:, None]
        features = F.grid_sample(context, place, align_corners=True)[:, :, 0]  # (B, F, V)
        weight = seen
        if images.depth is not None:
            focal = focal_lengths(projections).gather(1, camera[:, 0])
            weight = seen * self._likelihood(images.depth, B, (across, down), (depth, focal))
        Z, H, W = self.shape
        lifted = (features * weight).to(images.context.dtype).view(B, F_, Z, H, W)
        lifted = lifted.transpose(1, 2).reshape(B, -1, H, W)
        return Lifted(lifted, seen.view(B, Z, H, W).mean(1, keepdim=True))

    def _pixels(self, projections: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Give u, v, px, and depth, m, of all points, each (B, C, V)."""
        right, below, depth = (projections @ (self.points_mm * 1e-3)).unbind(2)
        ahead = depth.clamp(min=_NEAR_M)
        return right / ahead, below / ahead, depth

    @staticmethod
    def _likelihood(
        logits: Tensor, frames: int, place: tuple[Tensor, Tensor], far: tuple[Tensor, Tensor],
    ) -> Tensor:
        """Give how likely something is at the depth of each point, (B, 1, V)."""
        bins = logits.shape[1]
        position = depth_position(*far, bins)
        within = ((position >= -0.5) & (position <= bins - 0.5)).float()
        deep = 2.0 * position.clamp(0.0, bins - 1.0) / (bins - 1) - 1.0
        volume = _stacked(logits.float().softmax(1), frames)[:, None]  # (B, 1, D, C h, w)
        at = torch.stack([*place, deep], -1)[:, None, None]
        likely = F.grid_sample(volume, at, align_corners=True)[:, :, 0, 0]  # (B, 1, V)
        return within[:, None] * likely


def _stacked(features: Tensor, frames: int) -> Tensor:
    """Put the images of each frame below each other: (B C, F, h, w) to (B, F, C h, w)."""
    _, F_, h, w = features.shape
    return features.view(frames, -1, F_, h, w).transpose(1, 2).reshape(frames, F_, -1, w)
