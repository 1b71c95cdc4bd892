# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""How much rotated rectangles overlap, against a geometry library."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest
import torch

from mm_fusion_ros.model.rotated_iou import paired_iou, pairwise_iou

shapely = pytest.importorskip('shapely')

# Round values often: rectangles that touch, coincide or share a side.
COORDINATES = st.one_of(st.sampled_from((-2.0, 0.0, 1.0)), st.floats(-6.0, 6.0, width=32))
SIZES = st.one_of(st.sampled_from((0.05, 1.0, 2.0, 4.0)), st.floats(0.0625, 14.0, width=32))
YAWS = st.one_of(
    st.sampled_from((0.0, 1e-7, math.pi / 2, -math.pi, math.pi / 4)),
    st.floats(-4.0, 4.0, width=32))
RECTANGLES = st.lists(
    st.tuples(COORDINATES, COORDINATES, SIZES, SIZES, YAWS), min_size=1, max_size=8,
).map(torch.tensor)


def polygons(rectangles):
    x, y, length, width, yaw = rectangles.double().numpy().T
    signs = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)]) / 2
    ahead, left = np.multiply.outer(length, signs[:, 0]), np.multiply.outer(width, signs[:, 1])
    c, s = np.cos(yaw)[:, None], np.sin(yaw)[:, None]
    return shapely.polygons(np.stack(
        [x[:, None] + c * ahead - s * left, y[:, None] + s * ahead + c * left], axis=-1))


def library_iou(a, b):
    first, second = polygons(a)[:, None], polygons(b)
    common = shapely.area(shapely.intersection(first, second))
    return common / (shapely.area(first) + shapely.area(second) - common)


def drawn(count, seed, spread_m=5.0):
    random = torch.Generator().manual_seed(seed)
    low = torch.tensor([-spread_m, -spread_m, 0.05, 0.05, -4.0])
    high = torch.tensor([spread_m, spread_m, 12.0, 3.0, 4.0])
    return low + (high - low) * torch.rand(count, 5, generator=random)


@settings(max_examples=100, deadline=None)
@given(RECTANGLES, RECTANGLES)
def test_any_rectangles_overlap_as_the_library_says(a, b):
    np.testing.assert_allclose(pairwise_iou(a, b).numpy(), library_iou(a, b), atol=1e-4)


def test_many_rectangles_at_the_edge_of_the_grid_overlap_as_the_library_says():
    far = torch.tensor([48.0, -48.0, 0.0, 0.0, 0.0])
    a, b = drawn(100, 1) + far, drawn(90, 2) + far
    expected = library_iou(a, b)
    assert (expected > 0).mean() > 0.2
    np.testing.assert_allclose(pairwise_iou(a, b).numpy(), expected, atol=1e-4)


def test_a_rectangle_covers_itself_whichever_way_it_is_written():
    a = drawn(50, 3)
    turned = a[:, [0, 1, 3, 2, 4]] + torch.tensor([0.0, 0.0, 0.0, 0.0, math.pi / 2])
    reversed_ = a + torch.tensor([0.0, 0.0, 0.0, 0.0, math.pi])
    for b in (a, turned, reversed_):
        torch.testing.assert_close(paired_iou(a, b), torch.ones(50), atol=1e-4, rtol=0.0)


def test_a_nested_rectangle_overlaps_by_its_share_of_the_area():
    outer = torch.tensor([[3.0, 4.0, 4.0, 2.0, 0.7]])
    inner = torch.tensor([[3.0, 4.0, 1.0, 0.5, 0.7], [3.1, 4.1, 0.5, 0.5, -1.1]])
    torch.testing.assert_close(
        pairwise_iou(outer, inner), torch.tensor([[1 / 16, 1 / 32]]), atol=1e-6, rtol=0.0)


def test_rectangles_that_only_touch_do_not_overlap():
    a = torch.tensor([[0.0, 0.0, 2.0, 2.0, 0.0]])
    beside = torch.tensor([[2.0, 0.0, 2.0, 2.0, 0.0], [2.0, 2.0, 2.0, 2.0, 0.0],
                           [1.0 + math.sqrt(2.0), 0.0, 2.0, 2.0, math.pi / 4]])
    assert pairwise_iou(a, beside).max() < 1e-6


def test_a_rectangle_without_an_area_overlaps_nothing_and_harms_nothing():
    a = torch.tensor([[0.0, 0.0, 0.0, 0.0, 0.3], [0.0, 0.0, 2.0, 0.0, 0.3]])
    assert torch.equal(pairwise_iou(a, a), torch.zeros(2, 2))


def test_the_order_of_the_two_and_a_common_motion_change_nothing():
    a, b = drawn(40, 4), drawn(30, 5)
    iou = pairwise_iou(a, b)
    torch.testing.assert_close(pairwise_iou(b, a).T, iou, atol=1e-5, rtol=0.0)

    def moved(rectangles):
        c, s = math.cos(2.2), math.sin(2.2)
        R = torch.tensor([[c, s], [-s, c]])
        return torch.cat([rectangles[:, :2] @ R + torch.tensor([31.0, -12.0]),
                          rectangles[:, 2:4], rectangles[:, 4:] + 2.2], dim=1)

    torch.testing.assert_close(pairwise_iou(moved(a), moved(b)), iou, atol=1e-4, rtol=0.0)


def test_a_batch_is_each_of_its_frames_and_half_precision_is_widened():
    a, b = drawn(12, 6).reshape(2, 6, 5), drawn(10, 7).reshape(2, 5, 5)
    iou = pairwise_iou(a, b)
    assert iou.shape == (2, 6, 5)
    for frame in range(2):
        torch.testing.assert_close(iou[frame], pairwise_iou(a[frame], b[frame]))
    halved = pairwise_iou(a.half(), b.half())
    assert halved.dtype == torch.float32
    torch.testing.assert_close(halved, pairwise_iou(a.half().float(), b.half().float()))


def test_no_rectangles_give_no_overlaps():
    assert pairwise_iou(torch.zeros(0, 5), drawn(3, 8)).shape == (0, 3)
    assert pairwise_iou(drawn(3, 8), torch.zeros(0, 5)).shape == (3, 0)
