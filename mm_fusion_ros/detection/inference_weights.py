# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Makes the weights of a trained network cheaper without changing what it says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn, Tensor
from torch.nn.utils.fusion import fuse_conv_bn_weights

from mm_fusion_ros.model.bev_backbone import BevBackbone
from mm_fusion_ros.model.image_neck import ImageNeck

if TYPE_CHECKING:
    from mm_fusion_ros.model.network import FusionNetwork


def prepare_weights(
    network: FusionNetwork, device: torch.device, dtype: torch.dtype
) -> FusionNetwork:
    """
    Make a network ready to answer: in place, and for ever.

    Convolutions hold their weights as `dtype`; what has to be exact, such as where cells are,
    stays as it is. So with fewer bits it has to be called under `torch.autocast`.
    """
    network.eval().requires_grad_(False)
    fold_normalisations(network)
    network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            module.to(dtype)
    return network


def fold_normalisations(network: nn.Module) -> None:
    """
    Put normalisations that follow a convolution into its weights.

    Those of the fusion stay: they are of what is masked, or masked themselves.
    """
    for module in list(network.modules()):
        if isinstance(module, nn.Sequential):
            for index in range(len(module) - 1):
                convolution, norm = module[index], module[index + 1]
                if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                    _fold(convolution, norm)
                    module[index + 1] = nn.Identity()
        elif isinstance(module, ImageNeck):
            _fold(module.fine, module.norm)
            module.norm = nn.Identity()  # type: ignore[assignment]
        elif isinstance(module, BevBackbone):
            for index, side in enumerate(module.sides):
                _fold(side, module.norm, is_shifted=index == 0)  # their sum is normalised
            module.norm = nn.Identity()  # type: ignore[assignment]


def _fold(convolution: nn.Module, norm: nn.Module, *, is_shifted: bool = True) -> None:
    assert isinstance(convolution, nn.Conv2d)
    assert isinstance(norm, nn.BatchNorm2d)
    assert norm.running_mean is not None
    assert norm.running_var is not None
    mean: Tensor = norm.running_mean
    bias: Tensor = norm.bias
    if not is_shifted:
        mean, bias = torch.zeros_like(mean), torch.zeros_like(bias)
    weight, shift = fuse_conv_bn_weights(
        convolution.weight, convolution.bias, mean, norm.running_var, norm.eps, norm.weight, bias)
    convolution.weight = nn.Parameter(weight.detach(), requires_grad=False)
    convolution.bias = nn.Parameter(shift.detach(), requires_grad=False)
