# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Bins of depth, evenly spaced in its logarithm.

What an image shows tells how large a thing appears. How far away that is depends on the focal
length, so bins are of depth at a common one: images of any camera share them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor

_NEAREST_M, _FARTHEST_M = 2.0, 70.0
_FOCAL_PX = 355.0  # 84 deg over 640 px


def depth_position(depth_m: Tensor, focal_px: Tensor, bins: int) -> Tensor:
    """
    Give where depths lie between the middles of the bins, 0 to bins - 1 and beyond.

    Parameters
    ----------
    depth_m : Tensor
        Along the axis of the camera, m; what is not above 0 is taken for the nearest there is.
    focal_px : Tensor
        Focal length, px, of a shape that broadcasts.
    bins : int
        How many there are.

    """
    common = (depth_m * (_FOCAL_PX / focal_px)).clamp(min=1e-3)
    octave = torch.log(common / _NEAREST_M) / math.log(_FARTHEST_M / _NEAREST_M)
    return octave * (bins - 1)


def focal_lengths(projections: Tensor) -> Tensor:
    """Give the focal length, px, of projections (..., 3, 4) from m to px, whatever their pose."""
    right, forward = projections[..., 0, :3], projections[..., 2, :3]
    lengths: torch.Tensor = torch.linalg.cross(right, forward).square().sum(-1).sqrt()
    return lengths
