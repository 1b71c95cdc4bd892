# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What the lift takes from images: features at an eighth of the size, and how far away each is.
"""

from __future__ import annotations

from typing import NamedTuple, TYPE_CHECKING

from torch import nn, Tensor
from torch.nn import functional as F

from mm_fusion_ros.model import image_backbone
from mm_fusion_ros.model.layers import convolution

if TYPE_CHECKING:
    from mm_fusion_ros.model.settings import NetworkSettings


class ImageFeatures(NamedTuple):
    """Of I images, at an eighth of their size."""

    context: Tensor  # (I, C, h, w)
    depth: Tensor | None  # (I, D, h, w) logits over the bins of `depth_bins`


class ImageNeck(nn.Module):
    """
    Joins the two sizes of the backbone's features.
    """

    def __init__(self, settings: NetworkSettings) -> None:
        super().__init__()
        fine, coarse = image_backbone.CHANNELS
        width = settings.image_channels
        self.fine = nn.Conv2d(fine, width, 1, bias=False)
        self.coarse = convolution(coarse, width)
        self.norm = nn.BatchNorm2d(width)
        self.smooth = convolution(width, width)
        self.context = nn.Conv2d(width, settings.lifted_channels, 1)
        self.depth = nn.Sequential(
            convolution(width, width), nn.Conv2d(width, settings.depth_bins, 1),
        ) if settings.uses_depth else None

    def forward(self, fine: Tensor, coarse: Tensor) -> ImageFeatures:
        """Join (I, 40, h, w) and (I, 112, h / 2, w / 2)."""
        up = F.interpolate(self.coarse(coarse), size=fine.shape[-2:], mode='bilinear')
        joint = self.smooth(F.relu(self.norm(self.fine(fine)) + up))
        depth = None if self.depth is None else self.depth(joint)
        return ImageFeatures(self.context(joint), depth)
