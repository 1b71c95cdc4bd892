# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Where modalities meet: one set of weights for whichever of them are there.

Both kinds take M feature maps of the same shape, and which of them each cell has. What is absent
is set to zero before anything reads it, so whatever its slot holds changes nothing. Both give
the shares that the modalities have in each cell.
"""

from __future__ import annotations

import math

import torch
from torch import nn, Tensor
from torch.nn import functional as F

from mm_fusion_ros.model.layers import convolution


class ConcatFusion(nn.Module):
    """
    Fully connected over the features of all modalities of a cell: o = f(W x + b).
    """

    def __init__(self, modalities: int, channels: int) -> None:
        super().__init__()
        self.mix = convolution(modalities * (channels + 1), channels, kernel=1)
        self._channels = channels

    def forward(self, features: Tensor, present: Tensor) -> tuple[Tensor, Tensor]:
        """
        Fuse.

        Parameters
        ----------
        features : (B, M, C, H, W)
            Of each modality.
        present : (B, M, H, W)
            1 where the modality tells something about the cell, 0 where not.

        Returns
        -------
        tuple
            (B, C, H, W) fused, and shares (B, M, H, W) that sum to 1 wherever there is anything.

        """
        B, M, C, H, W = features.shape
        masked = _masked(features, present)
        joint = torch.cat([masked.flatten(1, 2), present.to(features.dtype)], dim=1)
        shares = []
        weight = self.mix[0].weight[:, :M * C]
        for index in range(M):
            part = F.conv2d(masked[:, index], weight[:, index * C:(index + 1) * C])
            shares.append(part.abs().mean(1))
        share = torch.stack(shares, 1)
        return self.mix(joint), share / share.sum(1, keepdim=True).clamp(min=1e-6)


class AttentionFusion(nn.Module):
    """
    Attention of each cell over one token a modality: softmax(Q K^T / sqrt(d)) V.

    The question is asked by the sum of what is there; several heads weigh for themselves.

    Source: Vaswani et al., "Attention Is All You Need" (2017), eq. 1.
    """

    def __init__(self, modalities: int, channels: int, heads: int = 4) -> None:
        super().__init__()
        self.kind = nn.Parameter(torch.zeros(modalities, channels, 1, 1))
        self.norms = nn.ModuleList(nn.BatchNorm2d(channels) for _ in range(modalities))
        self.query = nn.Conv2d(channels, channels, 1)
        self.key = nn.Conv2d(channels, channels, 1)
        self.value = nn.Conv2d(channels, channels, 1)
        self.out = nn.Sequential(
            nn.Conv2d(channels, channels, 1, bias=False), nn.BatchNorm2d(channels))
        self._heads = heads

    def forward(self, features: Tensor, present: Tensor) -> tuple[Tensor, Tensor]:
        """Fuse as `ConcatFusion.forward` does."""
        B, M, C, H, W = features.shape
        masked = _masked(features, present)
        tokens = torch.stack([
            norm(masked[:, index]) for index, norm in enumerate(self.norms)], dim=1) + self.kind
        tokens = _masked(tokens, present)
        total = tokens.sum(1)
        flat = tokens.flatten(0, 1)
        query = self.query(total).view(B, 1, self._heads, -1, H, W)
        key = self.key(flat).view(B, M, self._heads, -1, H, W)
        value = self.value(flat).view(B, M, self._heads, -1, H, W)
        match = (query * key).sum(3) / math.sqrt(C / self._heads)  # (B, M, heads, H, W)
        match = match.masked_fill(present[:, :, None] == 0, -1e4)
        weight = match.float().softmax(1).to(value.dtype) * present[:, :, None].to(value.dtype)
        mixed = (weight[:, :, :, None] * value).sum(1).reshape(B, C, H, W)
        return F.relu(total + self.out(mixed)), weight.mean(2)


def _masked(features: Tensor, present: Tensor) -> Tensor:
    return torch.where(present[:, :, None] > 0, features, torch.zeros_like(features))
