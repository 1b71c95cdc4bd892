# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What the network says of each cell: which objects have their centre there, and what it is part of.

Source: Yin, Zhou and Krahenbuhl, "Center-based 3D Object Detection and Tracking" (2021).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from torch import nn, Tensor

from mm_fusion_ros.model.layers import convolution

MAP_LAYERS = ('drivable', 'lane_line', 'crosswalk')
_RARE = math.log(0.02 / 0.98)  # before training, a centre is in one of 50 cells


class HeadOutput(NamedTuple):
    """For each cell of B grids, in cells, m, rad and m/s; logits where 0 to 1 is meant."""

    heat: Tensor  # (B, K, H, W) logits: the centre of an object of each class is here
    box: Tensor  # (B, 8, H, W): columns of BOX
    velocity: Tensor  # (B, 2, H, W) m/s, along x and y
    quality: Tensor  # (B, 1, H, W) logits: how well the box fits
    ground: Tensor  # (B, 3, H, W) logits: layers of MAP_LAYERS


# Offset of the centre from that of the cell along x and y, cells; height of the centre, m;
# logarithms of length, width and height, m; sine and cosine of the yaw.
BOX = ('dx', 'dy', 'z', 'log_length', 'log_width', 'log_height', 'sin_yaw', 'cos_yaw')


class Heads(nn.Module):
    """
    Features (B, C, H, W) to a `HeadOutput`.
    """

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self._parts = (classes, len(BOX), 2, 1, len(MAP_LAYERS))
        self.shared = convolution(channels, channels)
        self.out = nn.Conv2d(channels, sum(self._parts), 1)
        assert self.out.bias is not None
        nn.init.zeros_(self.out.bias)
        nn.init.constant_(self.out.bias[:classes], _RARE)

    def forward(self, features: Tensor) -> HeadOutput:
        """Say it."""
        return HeadOutput(*self.out(self.shared(features)).float().split(self._parts, dim=1))
