# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Points to a picture of pillars: what stands in each, and a few learned features of it.

Nothing here loops over points, and no result depends on their order. Statistics are scattered
rather than learned features: with 120 k points the maximum of learned ones costs a CPU 20 ms
forward and 130 ms backward, these a tenth, and what is occupied says little of how many beams
the sensor has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn, Tensor

from mm_fusion_ros.model.layers import convolution

if TYPE_CHECKING:
    from mm_fusion_ros.model.grid import BevGrid

_PILLARS = 2  # along each side of a cell
_PARTS = 2  # along each side of a pillar
_STATISTICS = 5
_NEVER = -1e4


def pillar_channels(grid: BevGrid) -> int:
    """Count the channels of `pillar_picture`."""
    return _PARTS**2 * grid.layers + _STATISTICS


def pillar_picture(points: Tensor, frames: Tensor, count: int, grid: BevGrid) -> Tensor:
    """
    Draw points into pillars, two along each side of a cell of the grid.

    Parameters
    ----------
    points : (P, 5) float32
        x, y, z in `base_link`, m; intensity, 0 to 1; whether that is known, 0 or 1.
    frames : (P,) int64
        Which frame each is of; -1 for none.
    count : int
        B frames.
    grid : BevGrid
        Where the pillars stand. Points beyond it are left out.

    Returns
    -------
    (B, `pillar_channels`, 2 H, 2 W) float32
        Which parts of the pillar are occupied, in layers of height and quarters; then its
        greatest and least height, how many points it holds (log), their mean intensity, and
        whether that is known.

    """
    side = grid.size * _PILLARS
    part_m = grid.cell_m / (_PILLARS * _PARTS)
    fine = torch.floor((points[:, :2] + grid.reach_m) / part_m).long()
    layer = torch.floor((points[:, 2] - grid.z_min_m) / grid.z_step_m).long()
    inside = (
        (fine >= 0).all(1) & (fine < side * _PARTS).all(1)
        & (layer >= 0) & (layer < grid.layers) & (frames >= 0))
    column, row = (fine // _PARTS).unbind(1)
    part = (fine[:, 1] % _PARTS) * _PARTS + fine[:, 0] % _PARTS
    pillars = count * side * side
    # One place past the end takes what is outside, so that no shape depends on the data.
    pillar = torch.where(inside, (frames * side + row) * side + column, pillars)

    width = _PARTS**2 * grid.layers
    picture = points.new_zeros(pillars + 1, width + _STATISTICS)
    flat = picture.view(-1)
    place = pillar * (width + _STATISTICS)
    flat[torch.where(inside, place + part * grid.layers + layer, len(flat) - 1)] = 1.0
    columns = points.new_full((2, pillars + 1), _NEVER)
    columns.scatter_reduce_(
        1, pillar.expand(2, -1), torch.stack([points[:, 2], -points[:, 2]]), 'amax')
    sums = points.new_zeros(3, pillars + 1)
    ones = torch.ones_like(points[:, 0])
    sums.scatter_add_(1, pillar.expand(3, -1), torch.stack([
        ones, points[:, 3] * points[:, 4], points[:, 4]]))
    number, intensity, known = sums
    is_hit = number > 0.0
    picture[:, width:] = torch.stack([
        torch.where(is_hit, columns[0], 0.0),
        torch.where(is_hit, -columns[1], 0.0),
        torch.log1p(number) / 4.0,
        intensity / known.clamp(min=1.0),
        (known > 0.0).to(points.dtype),
    ], dim=1)
    return picture[:-1].view(count, side, side, -1).permute(0, 3, 1, 2)


class PillarEncoder(nn.Module):
    """
    Features of the cells from a picture of pillars: (B, P, 2 H, 2 W) to (B, C, H, W).
    """

    def __init__(self, grid: BevGrid, pillar_features: int, channels: int) -> None:
        super().__init__()
        self.mix = convolution(pillar_channels(grid), pillar_features, kernel=1)
        self.reduce = convolution(pillar_features, channels, stride=_PILLARS)

    def forward(self, picture: Tensor) -> Tensor:
        """Encode."""
        features: Tensor = self.reduce(self.mix(picture))
        return features
