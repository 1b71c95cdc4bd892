# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What surrounds a cell: three resolutions of the grid, joined again at the finest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn, Tensor
from torch.nn import functional as F

from mm_fusion_ros.model.layers import convolution, ResidualBlock

if TYPE_CHECKING:
    from mm_fusion_ros.model.settings import NetworkSettings


class BevBackbone(nn.Module):
    """
    Fused features (B, C, H, W) to features of the same shape that know what is around.
    """

    def __init__(self, settings: NetworkSettings) -> None:
        super().__init__()
        widths = (settings.bev_channels, settings.middle_channels, settings.deep_channels)
        self.stages = nn.ModuleList()
        for index, (width, blocks) in enumerate(zip(widths, settings.blocks, strict=True)):
            first = [convolution(widths[index - 1], width, stride=2)] if index else []
            self.stages.append(nn.Sequential(
                *first, *(ResidualBlock(width) for _ in range(blocks))))
        self.sides = nn.ModuleList(
            nn.Conv2d(width, widths[0], 1, bias=False) for width in widths)
        self.norm = nn.BatchNorm2d(widths[0])

    def forward(self, fused: Tensor) -> Tensor:
        """Look around."""
        features, joint = fused, torch.zeros_like(fused)
        for stage, side in zip(self.stages, self.sides, strict=True):
            features = stage(features)
            seen = side(features)
            if seen.shape[-1] != fused.shape[-1]:
                seen = F.interpolate(seen, size=fused.shape[-2:], mode='bilinear')
            joint = joint + seen
        return F.relu(self.norm(joint))
