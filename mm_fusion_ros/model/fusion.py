# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Where modalities meet: one set of weights for whichever of them are there.

Both kinds take a feature map of each modality, or None, and which cells it knows. Both give the
shares that the modalities have in each cell. What is not known counts as zero: features have to
be finite there, and are read by nothing.
"""

from __future__ import annotations

from itertools import compress
import math
from typing import TYPE_CHECKING

import torch
from torch import nn, Tensor
from torch.nn import functional as F

if TYPE_CHECKING:
    from collections.abc import Sequence


class ConcatFusion(nn.Module):
    """
    Fully connected over the features of all modalities of a cell: o = f(W x + b).
    """

    def __init__(self, modalities: int, channels: int) -> None:
        super().__init__()
        # The columns of W by modality: what is absent costs nothing.
        self.parts = nn.ModuleList(nn.Conv2d(channels, channels, 1) for _ in range(modalities))
        self.norm = nn.BatchNorm2d(channels)

    def forward(
        self, features: Sequence[Tensor | None], known: Sequence[Tensor]
    ) -> tuple[Tensor, Tensor]:
        """
        Fuse.

        Parameters
        ----------
        features : M tensors (B, C, H, W), or None
            Of each modality; one at least.
        known : M tensors (B, 1, H, W)
            1 where the modality tells something about the cell, 0 where not.

        Returns
        -------
        tuple
            (B, C, H, W) fused, and shares (B, M, H, W) that sum to 1 wherever there is anything.

        """
        parts = [
            None if given is None else part(given) * here
            for part, given, here in zip(self.parts, features, known, strict=True)]
        share = torch.cat([
            here if part is None else part.detach().abs().mean(1, keepdim=True)
            for part, here in zip(parts, known, strict=True)], dim=1).float()
        fused = F.relu(self.norm(_total(parts)))
        return fused, share / share.sum(1, keepdim=True).clamp(min=1e-6)


class AttentionFusion(nn.Module):
    """
    Attention of each cell over one token a modality: softmax(Q K^T / sqrt(d)) V.

    The question is asked by the sum of what is there; several heads weigh for themselves.

    Source: Vaswani et al., "Attention Is All You Need" (2017), eq. 1.
    """

    def __init__(self, modalities: int, channels: int, heads: int = 4) -> None:
        super().__init__()
        self.kinds = nn.Parameter(torch.zeros(modalities, channels, 1, 1))
        self.norms = nn.ModuleList(nn.BatchNorm2d(channels) for _ in range(modalities))
        self.query = nn.Conv2d(channels, channels, 1)
        self.key_value = nn.Conv2d(channels, 2 * channels, 1)
        self.out = nn.Sequential(
            nn.Conv2d(channels, channels, 1, bias=False), nn.BatchNorm2d(channels))
        self._heads = heads
        self._scale = 1.0 / math.sqrt(channels / heads)

    def forward(
        self, features: Sequence[Tensor | None], known: Sequence[Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Fuse as `ConcatFusion.forward` does."""
        is_given = [given is not None for given in features]
        tokens = [
            (norm(given) + kind) * here
            for given, norm, kind, here in zip(
                features, self.norms, self.kinds, known, strict=True) if given is not None]
        total = _total(tokens)
        query = self.query(total) * self._scale
        matches, values = [], []
        for token, here in zip(tokens, compress(known, is_given), strict=True):
            key, value = self.key_value(token).chunk(2, dim=1)
            match = self._by_head(query * key).sum(2).float()  # (B, heads, H, W)
            matches.append(match.masked_fill(here == 0, -1e4))
            values.append(value)
        weights = torch.stack(matches).softmax(0)  # (given, B, heads, H, W)
        mixed = _total([
            (self._by_head(value) * (weight * here)[:, :, None].to(value.dtype)).flatten(1, 2)
            for value, weight, here in zip(
                values, weights, compress(known, is_given), strict=True)])
        found = iter(weights.detach().mean(2))
        shares = torch.stack([
            next(found) * here[:, 0] if given else here[:, 0]
            for given, here in zip(is_given, known, strict=True)], dim=1)
        return F.relu(total + self.out(mixed)), shares

    def _by_head(self, features: Tensor) -> Tensor:
        B, _, H, W = features.shape
        return features.view(B, self._heads, -1, H, W)


def _total(parts: Sequence[Tensor | None]) -> Tensor:
    """Add up what there is."""
    first, *others = (part for part in parts if part is not None)
    for part in others:
        first = first + part
    return first
