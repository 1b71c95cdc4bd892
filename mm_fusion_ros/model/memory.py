# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What was seen a moment ago, moved to where it is now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional as F

if TYPE_CHECKING:
    from mm_fusion_ros.model.grid import BevGrid


def warped(features: Tensor, T_previous_base: Tensor, grid: BevGrid) -> tuple[Tensor, Tensor]:
    """
    Move feature maps by the vehicle's own motion.

    Parameters
    ----------
    features : (B, C, H, W)
        Around where the vehicle was.
    T_previous_base : (B, 3, 3)
        Takes points (x, y, 1), m, of now's `base_link` to that of then.
    grid : BevGrid
        Of both.

    Returns
    -------
    tuple
        The features around where the vehicle is, and (B, H, W) whether there are any.

    """
    # In units of the reach a cell's centre is what grid_sample calls its place, x first.
    scaled = T_previous_base[:, :2].clone()
    scaled[:, :, 2] = scaled[:, :, 2] / grid.reach_m
    places = F.affine_grid(scaled, list(features.shape), align_corners=False)
    moved = F.grid_sample(features.float(), places, align_corners=False)  # not halves of cells
    return moved.to(features.dtype), (places.abs() <= 1.0).all(-1)


def plane_motion(T: Tensor) -> Tensor:
    """Give the part in the plane, (B, 3, 3), of transforms (B, 4, 4) that hardly tilt."""
    cosine, sine = T[:, 0, 0], T[:, 1, 0]
    norm = torch.hypot(cosine, sine).clamp(min=1e-6)
    flat = torch.zeros_like(T[:, :3, :3])
    flat[:, 0, 0] = flat[:, 1, 1] = cosine / norm
    flat[:, 1, 0], flat[:, 0, 1] = sine / norm, -sine / norm
    flat[:, :2, 2] = T[:, :2, 3]
    flat[:, 2, 2] = 1.0
    return flat
