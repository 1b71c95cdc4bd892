# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What the network is given, and what it gives.
"""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

from mm_fusion_ros.model.heads import HeadOutput

MODALITIES = ('lidar', 'camera', 'memory')


class FusionInput(NamedTuple):
    """B frames. What is absent has a slot all the same: whatever that holds changes nothing."""

    points: Tensor  # (P, 5) float32 x, y, z in base_link, m; intensity 0 to 1; is that known
    point_frames: Tensor  # (P,) int64 which frame each point is of; -1 for none
    has_lidar: Tensor  # (B,) bool
    images: Tensor  # (B, C, 3, H, W) uint8 RGB
    projections: Tensor  # (B, C, 3, 4) float32 from base_link, m, to px of the images
    has_camera: Tensor  # (B, C) bool
    ego: Tensor  # (B, 4) float32 speed, m/s; yaw rate, rad/s; acceleration, m/s^2; is that known


class Memory(NamedTuple):
    """What was around B vehicles a moment ago."""

    features: Tensor  # (B, C, H, W) as in FusionOutput
    T_previous_base: Tensor  # (B, 3, 3) float32 plane motion: from now's base_link to that of then
    is_known: Tensor  # (B,) bool


class FusionOutput(NamedTuple):
    """Of B frames."""

    heads: HeadOutput
    shares: Tensor  # (B, 3, H, W) of MODALITIES in each cell
    features: Tensor  # (B, C, H, W) to be remembered
    # (I, D, h, w) logits for the images that are there, in their order; not of a GPU's answers,
    # but in training.
    depth: Tensor | None
