# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What an image shows is found again where it is, in the volume above the ground."""

from __future__ import annotations

import numpy as np
import pytest
from support.small_network import looking
import torch

from mm_fusion_ros.model.depth_bins import depth_position
from mm_fusion_ros.model.grid import BevGrid
from mm_fusion_ros.model.image_neck import ImageFeatures
from mm_fusion_ros.model.lift import Lift

GRID = BevGrid(reach_m=12.8)
SIZE = GRID.size
HEIGHTS = (0.0, 1.6)
WIDTH, HEIGHT = 256, 128
W, H = WIDTH // 8, HEIGHT // 8
BINS = 12
LIFT = Lift(GRID, HEIGHTS, (WIDTH, HEIGHT))


def camera(yaw_deg, focal_px=128.0):
    """Give the projection (3, 4) of a camera whose axis goes through the image's middle."""
    P = looking(yaw_deg, focal_px)
    return np.array([[1.0, 0, WIDTH / 2 - 32.0], [0, 1, HEIGHT / 2 - 16.0], [0, 0, 1]]) @ P


def projections(*cameras):
    return torch.tensor(np.stack(cameras)[None], dtype=torch.float32)


def present(count, *absent):
    here = torch.ones(1, count, dtype=torch.bool)
    here[0, list(absent)] = False
    return here


def ramp(count):
    """Give context (I, 3, h, w): column, row and number of each image, in px of the image."""
    rows, columns = np.mgrid[:H, :W] * 8.0 + 7.0
    return torch.tensor(np.stack([
        (columns, rows, np.full((H, W), 100.0 * (1 + number))) for number in range(count)
    ]), dtype=torch.float32)


def point(height, row, column):
    return np.array([
        (column + 0.5) * 0.8 - 12.8, (row + 0.5) * 0.8 - 12.8, HEIGHTS[height], 1.0])


def lifted(images, P, here):
    """Give features (Z, C, H, W) and coverage (H, W) of one frame."""
    answer = LIFT(images, P, here)
    return answer.features[0].view(len(HEIGHTS), -1, SIZE, SIZE), answer.coverage[0, 0]


@pytest.mark.parametrize('yaw_deg', [0.0, 40.0, -130.0])
def test_each_point_reads_the_image_where_it_is_seen(yaw_deg):
    P = camera(yaw_deg)
    features, _ = lifted(ImageFeatures(ramp(1), None), projections(P), present(1))
    checked = 0
    for height in range(2):
        for row in range(0, SIZE, 3):
            for column in range(0, SIZE, 3):
                u, v, depth = P @ point(height, row, column)
                seen = depth > 0.5 and 8 < u / depth < WIDTH - 9 and 8 < v / depth < HEIGHT - 9
                if seen:
                    checked += 1
                    np.testing.assert_allclose(
                        features[height, :, row, column], (u / depth, v / depth, 100.0), atol=0.05)
                elif depth < 0.0:
                    assert features[height, :, row, column].abs().max() == 0.0
    assert checked > 25


def test_coverage_tells_how_many_heights_are_seen():
    P = camera(0.0)
    _, coverage = lifted(ImageFeatures(ramp(1), None), projections(P), present(1))
    assert set(coverage.unique().tolist()) <= {0.0, 0.5, 1.0}
    assert coverage[16, 30] == 1.0
    assert coverage[:, :16].max() == 0.0  # behind
    near = int((2.0 + 12.8) / 0.8)  # the ground there is below the image, what is above is not
    assert coverage[16, near] == 0.5


def test_a_mark_is_found_at_its_depth_and_not_before_or_behind():
    P = camera(0.0)
    row, column = 14, 24
    _, _, depth = P @ point(0, row, column)
    context = torch.zeros(1, 1, H, W)
    context[0, 0] = 1.0
    bin_ = depth_position(torch.tensor(depth), torch.tensor(128.0), BINS).round().long()
    logits = torch.zeros(1, BINS, H, W)
    logits[:, bin_] = 50.0
    features, _ = lifted(ImageFeatures(context, logits), projections(P), present(1))
    along = [features[0, 0, row, each].item() for each in range(SIZE)]
    assert along[column] > 0.5
    assert max(along) == pytest.approx(1.0, abs=0.3)
    assert np.abs(np.argmax(along) - column) <= 2
    nearer = int((depth / 2.0 + 0.5 + 12.8) / 0.8)
    assert along[nearer] < 0.05


def test_evenly_likely_depths_share_what_is_seen():
    images = ImageFeatures(torch.ones(1, 1, H, W), torch.zeros(1, BINS, H, W))
    features, coverage = lifted(images, projections(camera(0.0)), present(1))
    seen = features[:, 0][features[:, 0] > 0.0]
    np.testing.assert_allclose(seen, 1.0 / BINS, rtol=1e-4)
    assert (features[:, 0].sum(0)[coverage == 0.0] == 0.0).all()


def test_the_same_picture_at_twice_the_focal_length_is_twice_as_far_away():
    logits = torch.randn(1, BINS, H, W, generator=torch.Generator().manual_seed(0))
    narrow, wide = (
        LIFT._likelihood(logits, 1, (across, across),
                         (torch.full((1, 9), depth), torch.full((1, 9), focal)))
        for across in [torch.linspace(-1.0, 1.0, 9)[None]]
        for depth, focal in ((12.0, 256.0), (6.0, 128.0)))
    torch.testing.assert_close(narrow, wide)


def test_each_point_asks_the_camera_that_has_it_farthest_from_the_edges():
    P = projections(camera(0.0), camera(50.0), camera(0.0, 300.0))
    features, _ = lifted(ImageFeatures(ramp(3), None), P, present(3))
    ahead, left = features[1, 2, 16, 28], features[1, 2, 27, 25]
    assert ahead.item() == pytest.approx(100.0, abs=0.1)
    assert left.item() == pytest.approx(200.0, abs=0.1)


def test_the_order_of_cameras_changes_nothing():
    P = projections(camera(0.0), camera(50.0), camera(-60.0))
    context = torch.rand(3, 4, H, W, generator=torch.Generator().manual_seed(1))
    logits = torch.rand(3, BINS, H, W, generator=torch.Generator().manual_seed(2))
    features, coverage = lifted(ImageFeatures(context, logits), P, present(3))
    order = [2, 0, 1]
    turned, same = lifted(
        ImageFeatures(context[order], logits[order]), P[:, order], present(3))
    torch.testing.assert_close(features, turned, atol=1e-5, rtol=0.0)
    assert torch.equal(coverage, same)


def test_an_absent_camera_is_not_asked():
    P = projections(camera(0.0), camera(50.0))
    context = ramp(2)
    features, coverage = lifted(ImageFeatures(context, None), P, present(2, 1))
    alone, same = lifted(ImageFeatures(context[:1], None), P[:, :1], present(1))
    torch.testing.assert_close(features, alone, atol=1e-3, rtol=0.0)
    assert torch.equal(coverage, same)
    nothing, none = lifted(ImageFeatures(context, None), P, present(2, 0, 1))
    assert nothing.abs().max() == none.max() == 0.0


def test_frames_read_their_own_images():
    P = torch.cat([projections(camera(0.0), camera(70.0)),
                   projections(camera(10.0), camera(80.0))])
    context = torch.rand(4, 4, H, W, generator=torch.Generator().manual_seed(3))
    here = torch.ones(2, 2, dtype=torch.bool)
    together = LIFT(ImageFeatures(context, None), P, here)
    for frame in range(2):
        alone = LIFT(ImageFeatures(context[2 * frame:2 * frame + 2], None), P[frame:frame + 1],
                     here[:1])
        torch.testing.assert_close(alone.features[0], together.features[frame])
