# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The heads share what they know, and begin by seeing hardly anything."""

from __future__ import annotations

import torch

from mm_fusion_ros.model.heads import BOX, Heads, MAP_LAYERS


def test_each_head_has_its_channels_in_single_precision():
    heads = Heads(8, 6).to(torch.bfloat16)
    answer = heads(torch.rand(2, 8, 4, 4, dtype=torch.bfloat16))
    shapes = [tuple(head.shape[:2]) for head in answer]
    assert shapes == [(2, 6), (2, len(BOX)), (2, 2), (2, 1), (2, len(MAP_LAYERS))]
    assert {head.dtype for head in answer} == {torch.float32}


def test_before_training_centres_are_rare_and_nothing_else_leans_to_a_side():
    answer = Heads(8, 6).eval()(torch.zeros(1, 8, 4, 4))
    torch.testing.assert_close(answer.heat.sigmoid(), torch.full_like(answer.heat, 0.02))
    assert answer.box.abs().max() == answer.ground.abs().max() == 0.0
