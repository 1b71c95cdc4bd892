# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Which boxes are kept, against the greedy loop that everybody writes."""

import pytest
import torch

from mm_fusion_ros.model.rotated_iou import pairwise_iou
from mm_fusion_ros.model.rotated_nms import keep_best, SuppressionLimits

LIMITS = SuppressionLimits(
    iou=torch.tensor([0.1, 0.5, 1.0]), distance_m=torch.tensor([0.0, 0.0, 0.8]))


def frames(count, boxes, seed):
    random = torch.Generator().manual_seed(seed)
    rectangles = torch.rand(count, boxes, 5, generator=random)
    rectangles *= torch.tensor([8.0, 8.0, 4.0, 2.0, 6.3])
    scores = torch.randint(0, 30, (count, boxes), generator=random) / 30  # many are equal
    return rectangles, scores, torch.randint(0, 3, (count, boxes), generator=random)


def greedy(rectangles, scores, classes, limits):
    """Take the best box that is left, drop what it suppresses, and so on."""
    iou = pairwise_iou(rectangles, rectangles).tolist()
    distance_m = torch.cdist(rectangles[:, :2].double(), rectangles[:, :2].double()).tolist()
    ious, distances_m = limits.iou.tolist(), limits.distance_m.tolist()
    scores, classes = scores.tolist(), classes.tolist()
    kept = torch.zeros(len(scores), dtype=torch.bool)
    left = sorted(range(len(scores)), key=lambda i: -scores[i])
    while left:
        best, *left = left
        kept[best] = True
        kind = classes[best]
        left = [i for i in left if classes[i] != kind or (
            iou[best][i] <= ious[kind] and distance_m[best][i] >= distances_m[kind])]
    return kept


@pytest.mark.parametrize('seed', range(4))
def test_what_is_kept_is_what_a_greedy_loop_keeps(seed):
    rectangles, scores, classes = frames(2, 100, seed)
    kept = keep_best(rectangles, scores, classes, LIMITS)
    assert kept.shape == (2, 100)
    assert kept.dtype == torch.bool
    for frame in range(2):
        expected = greedy(rectangles[frame], scores[frame], classes[frame], LIMITS)
        assert 20 < expected.sum() < 80
        assert torch.equal(kept[frame], expected)


def test_a_chain_of_boxes_that_each_suppress_the_next_is_walked_to_its_end():
    boxes = 60
    rectangles = torch.zeros(1, boxes, 5)
    rectangles[..., 0] = torch.arange(boxes) * 0.6
    rectangles[..., 2:4] = 1.0
    kept = keep_best(
        rectangles, torch.linspace(1.0, 0.1, boxes)[None],
        torch.zeros(1, boxes, dtype=torch.int64), LIMITS)
    assert torch.equal(kept[0], torch.arange(boxes) % 2 == 0)


def test_boxes_of_two_classes_leave_each_other_alone():
    rectangles = torch.tensor([[[1.0, 2.0, 4.0, 2.0, 0.3]]]).expand(1, 4, 5)
    kept = keep_best(
        rectangles, torch.tensor([[0.4, 0.9, 0.8, 0.5]]), torch.tensor([[0, 0, 1, 2]]), LIMITS)
    assert kept.tolist() == [[False, True, True, True]]


def test_of_equal_boxes_the_first_is_kept():
    rectangles = torch.tensor([[[1.0, 2.0, 4.0, 2.0, 0.3]]]).expand(1, 3, 5)
    kept = keep_best(
        rectangles, torch.full((1, 3), 0.5), torch.zeros(1, 3, dtype=torch.int64), LIMITS)
    assert kept.tolist() == [[True, False, False]]


def test_small_boxes_are_told_apart_by_the_distance_of_their_centres():
    rectangles = torch.zeros(1, 3, 5)
    rectangles[0, :, 0] = torch.tensor([0.0, 0.7, 1.6])
    rectangles[..., 2:4] = 0.3
    scores = torch.tensor([[0.9, 0.8, 0.7]])
    near, apart = torch.full((1, 3), 2), torch.zeros(1, 3, dtype=torch.int64)
    assert keep_best(rectangles, scores, near, LIMITS).tolist() == [[True, False, True]]
    assert keep_best(rectangles, scores, apart, LIMITS).tolist() == [[True, True, True]]


def test_no_boxes_are_an_answer():
    kept = keep_best(*frames(2, 0, 0), LIMITS)
    assert kept.shape == (2, 0)


def test_off_the_cpu_nothing_depends_on_the_data():
    """A meta tensor has none: whatever looked at it would fail, as in a CUDA graph."""
    limits = SuppressionLimits(*(limit.to('meta') for limit in LIMITS))
    kept = keep_best(*(given.to('meta') for given in frames(2, 12, 0)), limits)
    assert kept.shape == (2, 12)
    assert kept.dtype == torch.bool
