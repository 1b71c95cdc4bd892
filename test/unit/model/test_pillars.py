# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The picture of pillars is what a loop over the points would draw."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import torch

from mm_fusion_ros.model.grid import BevGrid
from mm_fusion_ros.model.pillars import pillar_channels, pillar_picture, PillarEncoder

GRID = BevGrid(reach_m=6.4, z_min_m=-1.6, z_max_m=2.4, z_step_m=0.8)
SIDE = 2 * GRID.size
LAYERS = GRID.layers
GREATEST, LEAST, COUNT, INTENSITY, KNOWN = range(4 * LAYERS, 4 * LAYERS + 5)


def cloud(seed: int, count: int = 400, frames: int = 2):
    """Draw points (P, 5), some of them outside, and which frame each is of."""
    rng = np.random.default_rng(seed)
    points = np.column_stack([
        rng.uniform(-7, 7, (count, 2)), rng.uniform(-2, 3, count), rng.random(count),
        rng.integers(0, 2, count)])
    points[::7, :2] = points[0, :2]  # some of them in one pillar
    return (torch.tensor(points, dtype=torch.float32),
            torch.tensor(rng.integers(-1, frames, count), dtype=torch.int64))


def looped(points, frames, count):
    """Draw one point after the other."""
    picture = np.zeros((count, pillar_channels(GRID), SIDE, SIDE), np.float32)
    held = {}
    for (x, y, z, intensity, known), frame in zip(points.tolist(), frames.tolist(), strict=True):
        column, row = int(np.floor((x + 6.4) / 0.4)), int(np.floor((y + 6.4) / 0.4))
        layer = int(np.floor((z + 1.6) / 0.8))
        if frame < 0 or not (0 <= column < SIDE and 0 <= row < SIDE and 0 <= layer < LAYERS):
            continue
        held.setdefault((frame, row, column), []).append((z, intensity, known))
        quarter = 2 * int((y + 6.4) % 0.4 >= 0.2) + int((x + 6.4) % 0.4 >= 0.2)
        picture[frame, quarter * LAYERS + layer, row, column] = 1.0
    for (frame, row, column), rows in held.items():
        z, intensity, known = np.array(rows).T
        mean = (intensity * known).sum() / max(known.sum(), 1.0)
        picture[frame, 4 * LAYERS:, row, column] = (
            z.max(), z.min(), np.log1p(len(z)) / 4.0, mean, known.any())
    return picture


@given(st.integers(0, 2**31))
@settings(max_examples=10, deadline=None)
def test_the_picture_is_what_a_loop_draws(seed):
    points, frames = cloud(seed)
    picture = pillar_picture(points, frames, 2, GRID)
    assert picture.shape == (2, pillar_channels(GRID), SIDE, SIDE)
    # A hair beside the borders of parts: there the roundings of the two may differ.
    clear = np.abs((points[:, :2].numpy() + 6.4 + 0.1) % 0.2 - 0.1).min(axis=1) > 1e-5
    assert clear.mean() > 0.5
    points, frames = points[clear], frames[clear]
    np.testing.assert_allclose(
        pillar_picture(points, frames, 2, GRID), looped(points, frames, 2), atol=1e-5)


def test_the_order_of_points_changes_nothing():
    points, frames = cloud(1)
    order = torch.randperm(len(points), generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(
        pillar_picture(points, frames, 2, GRID),
        pillar_picture(points[order], frames[order], 2, GRID), atol=1e-6, rtol=0.0)


def test_rows_that_are_of_no_frame_or_outside_change_nothing():
    points, frames = cloud(3)
    padding = torch.full((50, 5), torch.nan)
    outside = torch.tensor([
        (99.0, 0.0, 0.0, 1.0, 1.0), (0.0, -6.5, 0.0, 1.0, 1.0), (0.0, 0.0, 2.5, 1.0, 1.0),
        (0.0, 0.0, -1.7, 1.0, 1.0), (torch.inf, 0.0, 0.0, 1.0, 1.0), (0.0, 1e30, 0.0, 1.0, 1.0),
        (torch.nan, 0.0, 0.0, 1.0, 1.0), (0.0, 0.0, torch.nan, 1.0, 1.0)])
    more = torch.cat([points, padding, outside])
    of = torch.cat([frames, torch.full((50,), -1), torch.zeros(8, dtype=torch.int64)])
    picture = pillar_picture(more, of, 2, GRID)
    assert torch.equal(picture, pillar_picture(points, frames, 2, GRID))


def test_frames_do_not_mix():
    points, frames = cloud(4)
    together = pillar_picture(points, frames, 2, GRID)
    for frame in range(2):
        own = points[frames == frame]
        alone = pillar_picture(own, torch.zeros(len(own), dtype=torch.int64), 1, GRID)
        torch.testing.assert_close(alone[0], together[frame])


def test_no_points_give_an_empty_picture():
    points, frames = cloud(5)
    assert pillar_picture(points[:0], frames[:0], 2, GRID).abs().max() == 0.0
    assert pillar_picture(points, torch.full_like(frames, -1), 2, GRID).abs().max() == 0.0


def test_an_intensity_that_is_unknown_does_not_count():
    points = torch.tensor([(0.1, 0.1, 0.0, 0.6, 1.0), (0.1, 0.1, 0.0, 0.9, 0.0)])
    frames = torch.zeros(2, dtype=torch.int64)
    pillar = pillar_picture(points, frames, 1, GRID)[0, :, 16, 16]
    assert pillar[INTENSITY] == 0.6 * torch.ones(1)
    assert pillar[KNOWN] == 1.0
    assert pillar[COUNT] == torch.log1p(torch.tensor(2.0)) / 4.0
    unknown = pillar_picture(points[1:], frames[1:], 1, GRID)[0, :, 16, 16]
    assert unknown[INTENSITY] == unknown[KNOWN] == 0.0


def test_heights_below_ground_are_told():
    points = torch.tensor([(0.1, 0.1, -1.2, 0.0, 0.0), (0.1, 0.1, -0.5, 0.0, 0.0)])
    pillar = pillar_picture(points, torch.zeros(2, dtype=torch.int64), 1, GRID)[0, :, 16, 16]
    np.testing.assert_allclose((pillar[GREATEST], pillar[LEAST]), (-0.5, -1.2), rtol=1e-6)


def test_features_are_of_cells():
    points, frames = cloud(6)
    encoder = PillarEncoder(GRID, 8, 12).eval()
    assert encoder(pillar_picture(points, frames, 2, GRID)).shape == (2, 12, GRID.size, GRID.size)
