# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What surrounds a cell is taken into account, far and near."""

from __future__ import annotations

from support.small_network import small_settings
import torch

from mm_fusion_ros.model.bev_backbone import BevBackbone


def backbone(**changes):
    torch.manual_seed(0)
    return BevBackbone(small_settings(**changes)).eval()


@torch.no_grad()
def test_a_cell_sees_far_and_its_features_keep_their_place():
    network = backbone()
    plain = torch.zeros(1, 8, 32, 32)
    marked = plain.clone()
    marked[0, :, 10, 20] = 3.0
    assert network(plain).shape == plain.shape
    change = (network(marked) - network(plain)).abs().sum(1)[0]
    rows, columns = (change > 1e-7).nonzero(as_tuple=True)
    assert rows.min() <= 5
    assert columns.max() >= 25
    strongest = divmod(int(change.argmax()), 32)
    assert abs(strongest[0] - 10) <= 1
    assert abs(strongest[1] - 20) <= 1


def test_each_stage_has_as_many_blocks_as_are_asked_for():
    network = backbone(blocks=(0, 2, 1))
    assert [len(stage) for stage in network.stages] == [0, 3, 2]
    network.train()(torch.rand(2, 8, 16, 16)).sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())
