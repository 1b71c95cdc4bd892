# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What was remembered moves as the world does past the vehicle."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mm_fusion_ros.geometry.transforms import from_euler, inverse
from mm_fusion_ros.model.grid import BevGrid
from mm_fusion_ros.model.memory import plane_motion, warped

GRID = BevGrid(reach_m=12.8)
SIZE = GRID.size


def motion(x_m=0.0, y_m=0.0, yaw=0.0):
    """Give T_previous_base (1, 3, 3) of a vehicle that went on by so much."""
    T = from_euler((x_m, y_m, 0.0), 0.0, 0.0, yaw)
    return plane_motion(torch.tensor(T[None], dtype=torch.float32))


def cells(seed=0):
    return torch.rand(1, 2, SIZE, SIZE, generator=torch.Generator().manual_seed(seed))


def test_what_is_remembered_falls_back_by_the_cells_that_the_vehicle_goes_ahead():
    features = cells()
    moved, inside = warped(features, motion(x_m=2 * GRID.cell_m), GRID)
    torch.testing.assert_close(moved[..., :-2], features[..., 2:], atol=1e-4, rtol=0.0)
    assert inside[0, :, :-2].all()
    assert not inside[0, :, -2:].any()
    assert moved[..., -1].abs().max() == 0.0


def test_what_is_remembered_goes_right_as_the_vehicle_goes_left():
    features = cells()
    moved, inside = warped(features, motion(y_m=3 * GRID.cell_m), GRID)
    torch.testing.assert_close(moved[:, :, :-3], features[:, :, 3:], atol=1e-4, rtol=0.0)
    assert inside[0, :-3].all()
    assert not inside[0, -3:].any()


@pytest.mark.parametrize('quarters', [1, 2, 3])
def test_what_is_remembered_turns_right_as_the_vehicle_turns_left(quarters):
    features = cells()
    moved, inside = warped(features, motion(yaw=quarters * np.pi / 2), GRID)
    # Rows go with y, so that np.rot90 from rows to columns is a turn to the right.
    expected = torch.rot90(features, -quarters, (3, 2))
    torch.testing.assert_close(moved, expected, atol=1e-4, rtol=0.0)
    assert inside.all()


def test_a_place_is_found_again_whatever_the_motion():
    x_m, y_m = 5.2, -2.8  # a middle of a cell, then
    features = torch.zeros(1, 1, SIZE, SIZE)
    features[0, 0, int((y_m + 12.8) / 0.8), int((x_m + 12.8) / 0.8)] = 1.0
    T = from_euler((1.3, -0.7, 0.1), 0.02, -0.01, 0.6)
    moved, _ = warped(features, plane_motion(torch.tensor(T[None], dtype=torch.float32)), GRID)
    weights = moved[0, 0].numpy()
    middles = (np.arange(SIZE) + 0.5) * 0.8 - 12.8
    seen = np.array([(weights.sum(0) * middles).sum(), (weights.sum(1) * middles).sum()])
    here = inverse(T) @ (x_m, y_m, 0.0, 1.0)
    np.testing.assert_allclose(seen / weights.sum(), here[:2], atol=0.15)


def test_frames_move_each_by_its_own_motion():
    features = torch.cat([cells(1), cells(2)])
    T = torch.cat([motion(), motion(x_m=GRID.cell_m)])
    moved, _ = warped(features, T, GRID)
    torch.testing.assert_close(moved[0], features[0], atol=1e-5, rtol=0.0)
    torch.testing.assert_close(moved[1, ..., :-1], features[1, ..., 1:], atol=1e-5, rtol=0.0)


def test_half_precision_moves_by_no_more_than_its_own_rounding():
    features = cells()
    T = motion(1.1, -0.4, 0.3)
    exact, rough = (warped(each, T, GRID)[0] for each in (features, features.half()))
    assert rough.dtype == torch.float16
    torch.testing.assert_close(rough.float(), exact, atol=1e-3, rtol=0.0)


def test_the_motion_in_the_plane_leaves_out_what_little_it_tilts():
    T = torch.tensor(from_euler((3.0, -1.0, 0.2), 0.03, -0.02, 2.5)[None])
    (flat,) = plane_motion(T)
    cosine, sine = np.cos(2.5), np.sin(2.5)
    np.testing.assert_allclose(
        flat, [[cosine, -sine, 3.0], [sine, cosine, -1.0], [0.0, 0.0, 1.0]], atol=1e-9)
