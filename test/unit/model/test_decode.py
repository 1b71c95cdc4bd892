# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What targets say of boxes is what decoding makes of perfect heads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from mm_fusion_ros.data_types import Boxes3D, ObjectClass, SensorFrame
from mm_fusion_ros.geometry.transforms import wrap_angle
from mm_fusion_ros.model.decode import decode
from mm_fusion_ros.model.grid import BevGrid
from mm_fusion_ros.model.heads import HeadOutput
from mm_fusion_ros.model.inputs import FusionOutput
from mm_fusion_ros.model.suppression import suppression_limits
from mm_fusion_ros.training.augment.similarity import changed_sample, Similarity
from mm_fusion_ros.training.sample import TrainingSample
from mm_fusion_ros.training.targets import grid_targets

GRID = BevGrid(reach_m=12.8)
CLASSES = tuple(ObjectClass(each) for each in (1, 2, 3, 4, 5, 6))
LIMITS = suppression_limits(CLASSES)
SIZES = {1: (4.2, 1.8, 1.5), 2: (7.0, 2.4, 3.0), 3: (11.0, 2.5, 3.2), 4: (1.8, 0.7, 1.7),
         5: (0.7, 0.6, 1.8), 6: (0.5, 2.1, 1.0)}


def scene(seed: int) -> TrainingSample:
    """Make six objects, one in each of six places, somewhere in their cells."""
    rng = np.random.default_rng(seed)
    corners = np.array([(x, y) for x in (-8.0, 0.5, 8.5) for y in (-5.6, 5.4)])
    sizes = np.array([SIZES[each] for each in CLASSES])
    boxes = Boxes3D(
        centers=np.column_stack([corners + rng.uniform(-1.5, 1.5, (6, 2)), sizes[:, 2] / 2.0]),
        sizes=sizes * rng.uniform(0.9, 1.1, (6, 3)),
        yaws=rng.uniform(-np.pi, np.pi, 6),
        scores=np.ones(6, np.float32),
        classes=np.array(CLASSES, np.int8),
        velocities=rng.normal(0.0, 5.0, (6, 3)).astype(np.float32),
    )
    return TrainingSample(SensorFrame(0, 'base_link'), boxes, np.zeros(6, np.bool_))


def perfect(sample: TrainingSample, quality: float = 9.0) -> FusionOutput:
    """Say what the targets say, and that a camera stands behind everything to the left."""
    targets = grid_targets(sample, GRID, tuple(map(int, CLASSES)))
    heat = torch.logit(targets.heat.clamp(1e-6, 1 - 1e-4))
    shares = torch.zeros(1, 3, GRID.size, GRID.size)
    shares[:, 0, :GRID.size // 2] = 1.0
    shares[:, 1, GRID.size // 2:] = 1.0
    heads = HeadOutput(
        heat[None], targets.box[None], targets.velocity[None],
        torch.full((1, 1, GRID.size, GRID.size), quality), targets.ground[None])
    return FusionOutput(heads, shares, torch.zeros(1, 1, GRID.size, GRID.size), None)


def found(sample: TrainingSample, least: float = 0.5):
    """Give the boxes (N, 7), velocities, classes and shares of one frame, by class."""
    answer = decode(perfect(sample), GRID, LIMITS, candidates=60)
    chosen = (answer.scores[0] > least).numpy()
    order = np.argsort(answer.classes[0].numpy()[chosen], kind='stable')
    return [column[0].numpy()[chosen][order] for column in (
        answer.boxes, answer.velocities, answer.classes, answer.shares)]


def assert_same(found_boxes, boxes: Boxes3D):
    np.testing.assert_allclose(found_boxes[:, :3], boxes.centers, atol=1e-3)
    np.testing.assert_allclose(found_boxes[:, 3:6], boxes.sizes, atol=1e-3)
    np.testing.assert_allclose(wrap_angle(found_boxes[:, 6] - boxes.yaws), 0.0, atol=1e-3)


@pytest.mark.parametrize('seed', range(8))
def test_perfect_heads_give_the_boxes_back(seed):
    sample = scene(seed)
    boxes, velocities, classes, shares = found(sample)
    assert classes.tolist() == [0, 1, 2, 3, 4, 5]
    assert_same(boxes, sample.boxes)
    np.testing.assert_allclose(velocities, sample.boxes.velocities[:, :2], atol=1e-3)
    is_left = sample.boxes.centers[:, 1] > 0.0
    np.testing.assert_array_equal(shares[:, 1] > shares[:, 0], is_left)


@pytest.mark.parametrize('change', [
    Similarity(turn_rad=np.pi / 2), Similarity(turn_rad=np.pi), Similarity(is_mirrored=True),
    Similarity(turn_rad=-np.pi / 2, is_mirrored=True),
])
def test_a_turned_or_mirrored_scene_gives_turned_or_mirrored_boxes(change):
    sample = scene(3)
    after = changed_sample(sample, change)
    boxes, velocities, classes, _ = found(after)
    assert classes.tolist() == [0, 1, 2, 3, 4, 5]
    assert_same(boxes, after.boxes)
    before, velocities_before, _, _ = found(sample)
    np.testing.assert_allclose(boxes[:, :3], before[:, :3] @ change.linear.T, atol=1e-3)
    np.testing.assert_allclose(
        velocities, velocities_before @ change.linear[:2, :2].T, atol=1e-3)


def test_scores_fall_and_end_in_zeros_of_what_was_suppressed():
    answer = decode(perfect(scene(0)), GRID, LIMITS, candidates=50)
    scores = answer.scores[0]
    assert scores.shape == (50,)
    assert (scores[:-1] >= scores[1:]).all()
    assert (scores > 0.5).sum() == 6
    assert scores[-1] == 0.0
    assert scores[0] <= 1.0


def test_of_two_boxes_of_a_class_that_overlap_one_is_left():
    one = scene(1).boxes
    rows = np.array([0, 0, 4, 4])
    boxes = replace(one[rows], centers=np.array(
        [(2.0, 2.0, 0.7), (3.7, 2.0, 0.7), (-4.0, -4.0, 0.9), (-2.3, -4.0, 0.9)]),
        yaws=np.array([0.0, 0.0, 0.0, 0.0]))
    sample = TrainingSample(SensorFrame(0, 'base_link'), boxes, np.zeros(4, np.bool_))
    assert found(sample)[2].tolist() == [0, 4, 4]  # cars two cells apart are one, people are not


def test_quality_weighs_in_the_score():
    sure, unsure = (
        decode(perfect(scene(0), quality), GRID, LIMITS).scores[0, 0] for quality in (9.0, 0.0))
    assert unsure / sure == pytest.approx(0.5**0.4, abs=1e-3)


def test_a_mad_answer_gives_no_box_without_end():
    output = perfect(scene(0))
    mad = output._replace(heads=output.heads._replace(box=output.heads.box * 1e6))
    boxes = decode(mad, GRID, LIMITS).boxes
    assert torch.isfinite(boxes).all()
    assert 0.04 < boxes[..., 3:6].min() <= boxes[..., 3:6].max() < 34.0


def test_frames_are_decoded_each_for_itself():
    outputs = [perfect(scene(seed)) for seed in (0, 1)]
    both = FusionOutput(
        HeadOutput(*(torch.cat(heads) for heads in zip(*(each.heads for each in outputs),
                                                       strict=True))),
        torch.cat([each.shares for each in outputs]), outputs[0].features, None)
    together = decode(both, GRID, LIMITS, candidates=60)
    for index, output in enumerate(outputs):
        alone = decode(output, GRID, LIMITS, candidates=60)
        count = int((alone.scores[0] > 0.5).sum())
        assert count == 6
        for name in alone._fields:  # of what scores 0 the order is of no account
            torch.testing.assert_close(
                getattr(alone, name)[0, :count], getattr(together, name)[index, :count])
