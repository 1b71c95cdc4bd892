# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
How wrong the network is, part by part.
"""

from __future__ import annotations

from typing import NamedTuple, TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional as F

from mm_fusion_ros.model.depth_bins import depth_position

if TYPE_CHECKING:
    from mm_fusion_ros.model.heads import HeadOutput
    from mm_fusion_ros.training.batch import BatchTargets

_SAME = 1.0 - 1e-4  # heat of the cell of a centre


class Losses(NamedTuple):
    """Scalars, weighted as they are summed."""

    heat: Tensor
    box: Tensor
    velocity: Tensor
    quality: Tensor
    ground: Tensor
    depth: Tensor

    @property
    def total(self) -> Tensor:
        """Their sum."""
        return torch.stack(self).sum()


def losses(
    heads: HeadOutput, depth: Tensor | None, targets: BatchTargets, cell_m: float
) -> Losses:
    """
    Compare B frames with their truth.

    Parameters
    ----------
    heads : HeadOutput
        Of the network.
    depth : (I, D, h, w), optional
        Logits for the images that are there.
    targets : BatchTargets
        Of the same frames.
    cell_m : float
        Of the grid, m.

    """
    grids = targets.grids
    weight = grids.box_weight
    total = weight.sum().clamp(min=1.0)
    error = box_error(heads.box, grids.box, grids.is_symmetric)
    velocity = (heads.velocity - grids.velocity).abs() * grids.velocity_weight
    fit = box_fit(heads.box.detach(), grids.box, cell_m)
    quality = F.binary_cross_entropy_with_logits(heads.quality, fit, reduction='none') * weight
    return Losses(
        heat=heat_loss(heads.heat, grids.heat, grids.heat_weight),
        box=2.0 * (error * weight).sum() / total,
        velocity=0.1 * velocity.sum() / total,
        quality=0.3 * quality.sum() / total,
        ground=ground_loss(heads.ground, grids.ground, grids.ground_weight),
        depth=0.2 * depth_loss(depth, targets.depth_m, targets.focal_px),
    )


def heat_loss(logits: Tensor, heat: Tensor, weight: Tensor) -> Tensor:
    """
    Focal loss for centres, less for the cells near one.

    Source: Zhou et al., "Objects as Points" (2019), eq. 1.
    """
    likely = logits.sigmoid()
    is_center = heat >= _SAME
    hit = F.logsigmoid(logits) * (1.0 - likely)**2
    miss = F.logsigmoid(-logits) * likely**2 * (1.0 - heat)**4
    # A centre is learned wherever it is; background only where it is known to be.
    loss = -torch.where(is_center, hit, miss * weight)
    return loss.sum() / is_center.sum().clamp(min=1)


def box_error(box: Tensor, target: Tensor, is_symmetric: Tensor) -> Tensor:
    """Give the mean absolute error (B, 1, H, W) over the columns of BOX."""
    error = (box - target).abs()
    turned = (box[:, 6:] + target[:, 6:]).abs().sum(1, keepdim=True)
    heading = error[:, 6:].sum(1, keepdim=True)
    heading = torch.where(is_symmetric, torch.minimum(heading, turned), heading)
    return (error[:, :6].sum(1, keepdim=True) + heading) / box.shape[1]


def box_fit(box: Tensor, target: Tensor, cell_m: float) -> Tensor:
    """
    Give how well boxes fit (B, 1, H, W), 0 to 1: their overlap by volume as if aligned.

    Source: Hu et al., "AFDetV2: Rethinking the Necessity of the Second Stage" (2021), for
    learning it beside the class and scoring by both.
    """
    size, true_size = box[:, 3:6].clamp(-3.0, 4.0).exp(), target[:, 3:6].exp()
    sine, cosine = target[:, 6], target[:, 7]
    shift = (box[:, :3] - target[:, :3]) * box.new_tensor([cell_m, cell_m, 1.0])[:, None, None]
    ahead = cosine * shift[:, 0] + sine * shift[:, 1]
    left = cosine * shift[:, 1] - sine * shift[:, 0]
    apart = torch.stack([ahead, left, shift[:, 2]], 1).abs()
    common = ((size + true_size) / 2.0 - apart).clamp(min=0.0)
    common = torch.minimum(common, torch.minimum(size, true_size)).prod(1)
    union = size.prod(1) + true_size.prod(1) - common
    heading = F.normalize(box[:, 6:], dim=1)
    aligned = (heading * target[:, 6:]).sum(1).abs()
    return (common / union.clamp(min=1e-6) * aligned)[:, None]


def ground_loss(logits: Tensor, ground: Tensor, weight: Tensor) -> Tensor:
    """
    Give cross entropy and Dice loss of the layers of the map.

    Source: Milletari et al., "V-Net" (2016), eq. 3, for the latter: thin lines weigh as roads do.
    """
    weight = weight.expand_as(ground)
    total = weight.sum().clamp(min=1.0)
    entropy = F.binary_cross_entropy_with_logits(logits, ground, reduction='none')
    likely = logits.sigmoid() * weight
    both = (likely * ground).sum((0, 2, 3))
    either = likely.sum((0, 2, 3)) + (ground * weight).sum((0, 2, 3))
    dice = 1.0 - (2.0 * both + 1.0) / (either + 1.0)
    return (entropy * weight).sum() / total + 0.3 * dice.mean() * (weight.sum() > 0)


def depth_loss(logits: Tensor | None, depth_m: Tensor, focal_px: Tensor) -> Tensor:
    """
    Give the cross entropy of the depth, where it is known and within the bins.

    Source: Li et al., "BEVDepth" (2022).
    """
    if logits is None or not len(logits):
        return depth_m.new_zeros(())
    bins = logits.shape[1]
    position = depth_position(depth_m, focal_px[:, None, None], bins)
    known = (depth_m > 0.0) & torch.isfinite(depth_m) & (position < bins - 0.5)
    label = torch.where(known, position, torch.zeros_like(position)).round().clamp(min=0).long()
    entropy = F.cross_entropy(logits.float(), label, reduction='none')
    return (entropy * known).sum() / known.sum().clamp(min=1)
