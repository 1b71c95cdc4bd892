# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Losses vanish for a perfect answer, and each part of it that is wrong is felt in its own."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mm_fusion_ros.data_types import Boxes3D, SensorFrame
from mm_fusion_ros.model.depth_bins import depth_position
from mm_fusion_ros.model.grid import BevGrid
from mm_fusion_ros.model.heads import HeadOutput
from mm_fusion_ros.sim.truth import MapTruth
from mm_fusion_ros.training.batch import BatchTargets
from mm_fusion_ros.training.losses import box_fit, depth_loss, Losses, losses
from mm_fusion_ros.training.sample import TrainingSample
from mm_fusion_ros.training.targets import grid_targets, GridTargets

GRID = BevGrid(reach_m=12.8)
BINS = 16
DEPTHS_M = torch.tensor([[[4.0, 20.0], [0.0, torch.inf]], [[6.0, 30.0], [60.0, 500.0]]])
FOCAL_PX = torch.tensor([355.0, 300.0])


def targets_of(*frames) -> BatchTargets:
    """Make targets of frames of boxes x, y, yaw, class; a road ahead in all of them."""
    road = np.zeros((64, 64), np.bool_)
    road[20:44] = True
    grids = []
    for rows in frames:
        table = np.array(rows, np.float64).reshape(-1, 4)
        N = len(table)
        boxes = Boxes3D(
            np.column_stack([table[:, :2], np.full(N, 0.75)]), np.tile((4.0, 2.0, 1.5), (N, 1)),
            table[:, 2], np.ones(N, np.float32), table[:, 3].astype(np.int8),
            np.tile(np.float32((3.0, -1.0, 0.0)), (N, 1)))
        sample = TrainingSample(
            SensorFrame(0, 'base_link'), boxes, np.zeros(N, np.bool_),
            ground=MapTruth(0.4, 12.8, road, np.zeros_like(road), np.zeros_like(road)))
        grids.append(grid_targets(sample, GRID, (1, 2, 3, 4, 5, 6)))
    return BatchTargets(
        GridTargets(*map(torch.stack, zip(*grids, strict=True))), DEPTHS_M, FOCAL_PX)


TARGETS = targets_of(
    [(4.1, 2.9, 0.7, 1), (-5.0, -3.0, -2.0, 5), (5.0, -6.0, 1.0, 6)], [(0.3, 8.0, 3.0, 2)])


def perfect(targets: BatchTargets) -> HeadOutput:
    grids = targets.grids
    return HeadOutput(
        torch.where(grids.heat >= 1.0, 12.0, -12.0), grids.box.clone(), grids.velocity.clone(),
        torch.full_like(grids.box_weight, 12.0), 24.0 * grids.ground - 12.0)


def sure_depth() -> torch.Tensor:
    position = depth_position(DEPTHS_M, FOCAL_PX[:, None, None], BINS)
    label = position.nan_to_num(0.0, 0.0, 0.0).round().clamp(0, BINS - 1).long()
    return 30.0 * torch.nn.functional.one_hot(label, BINS).permute(0, 3, 1, 2).float()


def losses_of(heads=None, depth=None, targets=TARGETS) -> Losses:
    return losses(
        perfect(targets) if heads is None else heads, sure_depth() if depth is None else depth,
        targets, GRID.cell_m)


def test_a_perfect_answer_is_hardly_wrong():
    found = losses_of()
    assert all(0.0 <= each < 0.01 for each in found)
    assert found.total == pytest.approx(sum(found).item())


def changed(**parts) -> HeadOutput:
    return perfect(TARGETS)._replace(**parts)


PERFECT = perfect(TARGETS)


@pytest.mark.parametrize(('name', 'heads'), [
    ('heat', {'heat': torch.full_like(PERFECT.heat, -12.0)}),
    ('heat', {'heat': PERFECT.heat.roll(1, 1)}),
    ('heat', {'heat': torch.where(TARGETS.grids.heat > 0.0, PERFECT.heat, 2.0)}),
    ('box', {'box': PERFECT.box + 0.3}),
    ('velocity', {'velocity': PERFECT.velocity - 2.0}),
    ('quality', {'quality': -PERFECT.quality}),
    ('ground', {'ground': -PERFECT.ground}),
    ('ground', {'ground': torch.full_like(PERFECT.ground, -12.0)}),
])
def test_what_is_wrong_is_felt_in_its_own_part(name, heads):
    good, bad = losses_of(), losses_of(changed(**heads))
    for part in Losses._fields:
        if part == name:
            assert getattr(bad, part) > getattr(good, part) + 0.05
        elif (part, name) != ('quality', 'box'):
            assert getattr(bad, part) == getattr(good, part)


def test_wrong_depth_is_felt_where_it_is_known_and_within_the_bins():
    sure = sure_depth()
    assert losses_of(depth=sure.roll(1, 1)).depth > 1.0
    moved = sure.clone()
    moved[0, :, 1] = sure[0, :, 1].roll(3, 0)  # unknown, and the sky
    moved[1, :, 1, 1] = sure[1, :, 1, 1].roll(3, 0)  # beyond
    torch.testing.assert_close(losses_of(depth=moved).depth, losses_of(depth=sure).depth)
    assert depth_loss(None, DEPTHS_M, FOCAL_PX) == 0.0
    assert depth_loss(sure[:0], DEPTHS_M[:0], FOCAL_PX[:0]) == 0.0


def test_nothing_is_learned_where_nothing_is_known():
    grids = TARGETS.grids
    area = torch.zeros_like(grids.heat_weight)
    area[..., :16, :] = 1.0
    hidden = TARGETS._replace(grids=grids._replace(
        heat=torch.zeros_like(grids.heat), heat_weight=area,
        box_weight=torch.zeros_like(grids.box_weight),
        velocity_weight=torch.zeros_like(grids.velocity_weight),
        ground_weight=area.clone()))
    heads = HeadOutput(*(
        torch.randn(head.shape, generator=torch.Generator().manual_seed(0)).requires_grad_()
        for head in PERFECT))
    losses_of(heads, targets=hidden).total.backward()
    for head in (heads.heat, heads.ground):
        assert head.grad[..., 16:, :].abs().max() == 0.0
        assert head.grad[..., :16, :].abs().min() > 0.0
    for head in (heads.box, heads.velocity, heads.quality):
        assert head.grad.abs().max() == 0.0


def test_a_centre_is_learned_even_where_background_is_unknown():
    blank = TARGETS._replace(grids=TARGETS.grids._replace(
        heat_weight=torch.zeros_like(TARGETS.grids.heat_weight)))
    missed = changed(heat=torch.full_like(PERFECT.heat, -12.0))
    assert losses_of(missed, targets=blank).heat > 1.0


@pytest.mark.parametrize(('kind', 'is_wrong'), [(6, False), (1, True)])
def test_a_barrier_may_be_turned_round_and_a_car_may_not(kind, is_wrong):
    targets = targets_of([(4.1, 2.9, 0.7, kind)])
    targets = targets._replace(depth_m=DEPTHS_M[:0], focal_px=FOCAL_PX[:0])
    heads = perfect(targets)
    turned = heads.box.clone()
    turned[:, 6:] *= -1.0
    wrong = losses(heads._replace(box=turned), None, targets, GRID.cell_m).box
    assert (wrong > 0.1) == is_wrong


def test_a_hair_from_perfect_costs_about_the_same_on_either_side_of_a_barriers_heading():
    targets = targets_of([(4.1, 2.9, 0.7, 6)])
    targets = targets._replace(depth_m=DEPTHS_M[:0], focal_px=FOCAL_PX[:0])
    heads = perfect(targets)
    costs = []
    for sign in (1.0, -1.0):
        box = heads.box.clone()
        box[:, 6:] = sign * box[:, 6:] + 0.01 * sign
        costs.append(losses(heads._replace(box=box), None, targets, GRID.cell_m).box.item())
    assert costs[0] == pytest.approx(costs[1])


def test_fit_is_the_overlap_of_boxes_along_the_true_heading():
    target = torch.zeros(1, 8, 1, 3)
    target[:, 3:6] = torch.tensor([4.0, 2.0, 1.5]).log()[None, :, None, None]
    target[:, 6:] = torch.tensor([np.sin(0.6), np.cos(0.6)])[None, :, None, None]
    box = target.clone()
    # Half a length along the heading, then twice as wide.
    box[0, :2, 0, 1] += 2.0 / 0.8 * torch.tensor([np.cos(0.6), np.sin(0.6)])
    box[0, 4, 0, 2] += np.log(2.0)
    np.testing.assert_allclose(box_fit(box, target, 0.8)[0, 0, 0], (1.0, 1 / 3, 0.5), atol=1e-5)
    away = target.clone()
    away[:, 0] += 99.0
    assert box_fit(away, target, 0.8).max() == 0.0


def test_frames_without_anything_are_finite():
    targets = targets_of([], [])
    targets = targets._replace(depth_m=DEPTHS_M[:0], focal_px=FOCAL_PX[:0], grids=targets.grids
                               ._replace(ground_weight=torch.zeros(2, 1, 32, 32)))
    heads = HeadOutput(*(torch.zeros_like(head).requires_grad_() for head in perfect(targets)))
    found = losses(heads, None, targets, GRID.cell_m)
    assert torch.isfinite(torch.stack(found)).all()
    assert found.box == found.velocity == found.quality == found.ground == found.depth == 0.0
    found.total.backward()
    assert torch.isfinite(heads.heat.grad).all()
