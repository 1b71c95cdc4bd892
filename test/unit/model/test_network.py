# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""One network for every subset of sensors: what is absent changes nothing, whatever it holds."""

from __future__ import annotations

import numpy as np
import pytest
from support.small_network import GRID, small_network, some_input
import torch
from torch.utils.flop_counter import FlopCounterMode

from mm_fusion_ros.model.grid import BevGrid
from mm_fusion_ros.model.inputs import Memory
from mm_fusion_ros.model.network import FusionNetwork
from mm_fusion_ros.model.settings import NetworkSettings

BOTH = pytest.mark.parametrize('fusion', ['attention', 'concat'])


def memory_of(frames: int, seed: int = 5, *, known: bool = True) -> Memory:
    torch.manual_seed(seed)
    T = torch.eye(3).repeat(frames, 1, 1)
    T[:, 0, 2] = 1.3
    return Memory(torch.rand(frames, 8, GRID.size, GRID.size), T,
                  torch.full((frames,), known))


def assert_close(a, b, tolerance=1e-4):
    for name in a.heads._fields:
        torch.testing.assert_close(
            getattr(a.heads, name), getattr(b.heads, name), atol=tolerance, rtol=tolerance)
    torch.testing.assert_close(a.shares, b.shares, atol=tolerance, rtol=tolerance)


@BOTH
@torch.no_grad()
def test_garbage_in_absent_slots_changes_nothing(fusion):
    network, given = small_network(fusion=fusion), some_input()
    absent = given._replace(
        has_lidar=torch.tensor([True, False]),
        has_camera=torch.tensor([[True, False, True], [True, True, False]]))
    garbage_images = absent.images.clone()
    garbage_images[~absent.has_camera] = 255
    garbage_places = absent.projections.clone()
    garbage_places[~absent.has_camera] = torch.nan
    garbage_points = absent.points.clone()
    garbage_points[300:] = torch.nan
    garbage = absent._replace(
        images=garbage_images, projections=garbage_places, points=garbage_points)
    assert_close(network(absent), network(garbage), 0.0)
    lost = memory_of(2, known=False)
    nonsense = lost._replace(features=torch.full_like(lost.features, torch.nan))
    assert_close(network(absent, lost), network(absent, nonsense), 0.0)
    unmoved = absent._replace(ego=torch.zeros(2, 4))
    odd = absent._replace(ego=torch.tensor([[torch.nan, 9.0, torch.inf, 0.0]] * 2))
    assert_close(network(unmoved), network(odd), 0.0)


@BOTH
@torch.no_grad()
def test_every_sensor_changes_the_answer(fusion):
    network, given = small_network(fusion=fusion), some_input()
    whole = network(given, memory_of(2)).heads.heat
    for less in (
        network(given._replace(has_lidar=torch.zeros(2, dtype=torch.bool)), memory_of(2)),
        network(given._replace(has_camera=torch.zeros(2, 3, dtype=torch.bool)), memory_of(2)),
        network(given),
        network(given._replace(ego=torch.zeros(2, 4)), memory_of(2)),
    ):
        assert (less.heads.heat - whole).abs().max() > 1e-3


@BOTH
@torch.no_grad()
def test_a_batch_answers_as_its_frames_do_alone(fusion):
    network, given = small_network(fusion=fusion), some_input()
    given = given._replace(
        has_lidar=torch.tensor([True, False]),
        has_camera=torch.tensor([[True, True, False], [True, True, True]]))
    memory = memory_of(2)
    together = network(given, memory)
    for index in range(2):
        own = given.point_frames == index
        alone = network(
            type(given)(
                given.points[own], torch.zeros(int(own.sum()), dtype=torch.long),
                *(column[index:index + 1] for column in given[2:])),
            Memory(*(column[index:index + 1] for column in memory)))
        torch.testing.assert_close(
            alone.heads.heat[0], together.heads.heat[index], atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(
            alone.heads.box[0], together.heads.box[index], atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_the_order_of_cameras_and_points_changes_nothing():
    network, given = small_network(), some_input()
    order = [2, 0, 1]
    shuffled = torch.randperm(len(given.points), generator=torch.Generator().manual_seed(1))
    turned = given._replace(
        images=given.images[:, order], projections=given.projections[:, order],
        points=given.points[shuffled], point_frames=given.point_frames[shuffled])
    assert_close(network(given), network(turned))


@torch.no_grad()
def test_shares_tell_who_stands_behind_a_cell():
    network, given = small_network(), some_input()
    lidar_alone = network(given._replace(has_camera=torch.zeros(2, 3, dtype=torch.bool))).shares
    torch.testing.assert_close(lidar_alone[:, 0], torch.ones_like(lidar_alone[:, 0]))
    assert lidar_alone[:, 1:].abs().max() == 0.0
    both = network(given).shares
    assert (both[:, :2] > 0.01).all(1).any()
    torch.testing.assert_close(both.sum(1), torch.ones_like(both[:, 0]))


@pytest.mark.parametrize('changes', [
    {'uses_cameras': False}, {'uses_lidar': False}, {'uses_depth': False},
])
@torch.no_grad()
def test_a_branch_can_be_left_out(changes):
    network, given = small_network(**changes), some_input()
    answer = network(given)
    assert torch.isfinite(answer.heads.heat).all()
    if 'uses_cameras' in changes:
        assert_close(answer, network(given._replace(images=255 - given.images)), 0.0)
    if 'uses_lidar' in changes:
        assert_close(answer, network(given._replace(points=given.points + 1.0)), 0.0)


@torch.no_grad()
def test_no_points_no_cameras_and_no_slots_for_cameras_are_answered():
    network, given = small_network(), some_input()
    empty = given._replace(
        points=given.points[:0], point_frames=given.point_frames[:0],
        images=given.images[:, :0], projections=given.projections[:, :0],
        has_camera=given.has_camera[:, :0])
    assert torch.isfinite(network(empty).heads.heat).all()
    blind = empty._replace(has_lidar=torch.zeros(2, dtype=torch.bool))
    assert torch.isfinite(network(blind).heads.box).all()


@BOTH
def test_gradients_are_finite_whatever_is_there(fusion):
    network, given = small_network(fusion=fusion).train(), some_input()
    given = given._replace(
        has_lidar=torch.tensor([True, False]),
        has_camera=torch.tensor([[False, False, False], [True, True, False]]))
    answer = network(given, memory_of(2))
    sum(head.square().mean() for head in answer.heads).backward()
    for name, parameter in network.named_parameters():
        if parameter.grad is not None:
            assert torch.isfinite(parameter.grad).all(), name
    assert network.camera.backbone.stem.weight.grad.abs().max() > 0.0
    assert network.lidar.mix[0].weight.grad.abs().max() > 0.0


@BOTH
@pytest.mark.parametrize(('dtype', 'tolerance'), [
    (torch.bfloat16, 0.15), (torch.float16, 0.02)])
@torch.no_grad()
def test_half_precision_says_about_the_same(fusion, dtype, tolerance):
    network, given = small_network(fusion=fusion), some_input()
    exact = network(given, memory_of(2))
    rough = network.to(dtype)(given, memory_of(2))
    for name in ('heat', 'box', 'ground'):
        a, b = getattr(exact.heads, name), getattr(rough.heads, name)
        assert (a - b).abs().max() < tolerance * (1.0 + a.abs().max()), name


@torch.no_grad()
def test_tiny_takes_up_to_three_billion_multiplications():
    network = FusionNetwork(NetworkSettings(), BevGrid(), 6, (640, 192)).eval()
    given = some_input(1, 1)
    given = given._replace(images=torch.zeros(1, 1, 3, 192, 640, dtype=torch.uint8))
    with FlopCounterMode(display=False) as counter:
        network(given)
    assert 2e9 < counter.get_total_flops() / 2 <= 3e9


def test_a_grid_has_whole_cells():
    with pytest.raises(Exception, match=r'grid.reach_m: expected whole steps of 3.2 m, got 10 m'):
        BevGrid(reach_m=10.0)
    assert np.isclose(BevGrid().size, 128)
