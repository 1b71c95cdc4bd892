# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Where modalities meet: what is not there does not speak, and who speaks is told."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional as F

from mm_fusion_ros.model.fusion import AttentionFusion, ConcatFusion

M, C, B, SIZE = 3, 8, 2, 5


def fusion_of(kind):
    torch.manual_seed(0)
    fusion = kind(M, C)
    for parameter in fusion.parameters():
        torch.nn.init.uniform_(parameter, -0.5, 0.5)
    for module in fusion.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.5, 0.5)
            module.running_var.uniform_(0.5, 2.0)
    return fusion.eval()


def maps(seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(B, C, SIZE, SIZE, generator=generator) for _ in range(M)]


def known(*parts):
    """Give (B, 1, H, W) of each: 1, 0, or half of the cells."""
    halves = torch.zeros(B, 1, SIZE, SIZE)
    halves[..., :2] = 1.0
    return [halves if part == 0.5 else torch.full_like(halves, part) for part in parts]


BOTH = pytest.mark.parametrize('fusion', [fusion_of(ConcatFusion), fusion_of(AttentionFusion)])


@BOTH
@torch.no_grad()
def test_what_is_not_known_changes_nothing(fusion):
    features = maps()
    here = known(1.0, 0.5, 0.0)
    fused, shares = fusion(features, here)
    other = [features[0], features[1].clone(), 7.0 * features[2]]
    other[1][..., 2:] = 99.0
    again, same = fusion(other, here)
    torch.testing.assert_close(fused, again, atol=0.0, rtol=0.0)
    torch.testing.assert_close(shares, same, atol=0.0, rtol=0.0)


@BOTH
@torch.no_grad()
def test_a_branch_that_is_not_there_is_one_that_knows_nothing(fusion):
    features = maps()
    here = known(1.0, 0.0, 0.5)
    given, shares = fusion(features, here)
    none, same = fusion([features[0], None, features[2]], here)
    torch.testing.assert_close(given, none)
    torch.testing.assert_close(shares, same)


@BOTH
@torch.no_grad()
def test_shares_sum_to_one_where_there_is_anything(fusion):
    _, shares = fusion(maps(), known(0.0, 0.5, 0.0))
    assert shares.shape == (B, M, SIZE, SIZE)
    torch.testing.assert_close(shares[:, 1, :, :2], torch.ones(B, SIZE, 2))
    assert shares[..., 2:].abs().max() == 0.0
    _, shares = fusion(maps(), known(1.0, 1.0, 1.0))
    torch.testing.assert_close(shares.sum(1), torch.ones(B, SIZE, SIZE))
    assert shares.min() > 0.0


@BOTH
@torch.no_grad()
def test_cells_do_not_look_at_each_other(fusion):
    features, here = maps(), known(1.0, 1.0, 1.0)
    before, _ = fusion(features, here)
    features[0][:, :, 2, 3] += 5.0
    after, _ = fusion(features, here)
    changed = (before != after).any(1)
    assert changed[:, 2, 3].all()
    assert changed.sum() == B


@torch.no_grad()
def test_attention_is_that_of_the_paper():
    fusion, features = fusion_of(AttentionFusion), maps()
    fused, shares = fusion(features, known(1.0, 1.0, 1.0))
    tokens = torch.stack([
        fusion.norms[m](features[m])[:, :, 1, 4] + fusion.kinds[m, :, 0, 0] for m in range(M)], 1)

    def linear(layer, inputs):
        return F.linear(inputs, layer.weight[:, :, 0, 0], layer.bias)

    total = tokens.sum(1)
    query = linear(fusion.query, total).view(B, 4, 1, C // 4)
    key, value = (each.view(B, M, 4, C // 4).transpose(1, 2)
                  for each in linear(fusion.key_value, tokens).chunk(2, dim=2))
    weights = (query @ key.transpose(2, 3) / math.sqrt(C / 4)).softmax(-1)
    mixed = (weights @ value).reshape(B, C)
    out, norm = fusion.out
    result = norm(linear(out, mixed)[:, :, None, None])[:, :, 0, 0]
    torch.testing.assert_close(fused[:, :, 1, 4], F.relu(total + result))
    torch.testing.assert_close(shares[:, :, 1, 4], weights[:, :, 0].mean(1))


@torch.no_grad()
def test_concat_is_fully_connected_over_all_features():
    fusion, features = fusion_of(ConcatFusion), maps()
    fused, _ = fusion(features, known(1.0, 1.0, 1.0))
    weight = torch.cat([part.weight for part in fusion.parts], dim=1)
    bias = sum(part.bias for part in fusion.parts)
    whole = F.conv2d(torch.cat(features, dim=1), weight, bias)
    torch.testing.assert_close(fused, F.relu(fusion.norm(whole)))
