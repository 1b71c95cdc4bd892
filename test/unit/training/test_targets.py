# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What the heads should say: each object in its cell, nothing where nothing is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.training_sample import small_sample

from mm_fusion_ros.data_types import Boxes3D, ObjectClass, SensorFrame
from mm_fusion_ros.model.grid import BevGrid
from mm_fusion_ros.sim.truth import MapTruth
from mm_fusion_ros.training.augment.dropout import with_cameras, without_lidars
from mm_fusion_ros.training.sample import TrainingSample
from mm_fusion_ros.training.sector import Sector
from mm_fusion_ros.training.targets import grid_targets, is_evident, MIN_PIXELS, MIN_POINTS

GRID = BevGrid(reach_m=12.8)
CLASSES = (1, 2, 3, 4, 5, 6)


def sample_of(*rows, **changes) -> TrainingSample:
    """Make a sample without sensors of boxes x, y, yaw, class, all 4 x 2 x 1.5 m."""
    table = np.array(rows, np.float64).reshape(-1, 4)
    N = len(table)
    boxes = Boxes3D(
        centers=np.column_stack([table[:, :2], np.full(N, 0.75)]),
        sizes=np.tile((4.0, 2.0, 1.5), (N, 1)),
        yaws=table[:, 2],
        scores=np.ones(N, np.float32),
        classes=table[:, 3].astype(np.int8),
        velocities=np.tile(np.float32((3.0, -1.0, 0.0)), (N, 1)),
    )
    given = {'is_ignored': np.zeros(N, np.bool_)} | changes
    return TrainingSample(SensorFrame(0, 'base_link'), boxes, **given)


def targets_of(*rows, **changes):
    return grid_targets(sample_of(*rows, **changes), GRID, CLASSES)


def cell(x_m, y_m):
    """Give row and column of the cell that holds a point."""
    return int((y_m + 12.8) // 0.8), int((x_m + 12.8) // 0.8)


def test_an_object_is_in_the_cell_of_its_centre_and_its_box_is_told_from_there():
    targets = targets_of((4.1, -2.9, 0.7, ObjectClass.CAR))
    row, column = cell(4.1, -2.9)
    assert targets.heat.sum() > 1.0
    assert targets.heat[1:].max() == 0.0
    assert [each.tolist() for each in (targets.heat[0] == 1.0).nonzero()] == [[row, column]]
    dx, dy, *others = targets.box[:, row, column].tolist()
    assert (column + 0.5 + dx) * 0.8 - 12.8 == pytest.approx(4.1, abs=1e-5)
    assert (row + 0.5 + dy) * 0.8 - 12.8 == pytest.approx(-2.9, abs=1e-5)
    np.testing.assert_allclose(
        others, (0.75, *np.log((4.0, 2.0, 1.5)), np.sin(0.7), np.cos(0.7)), atol=1e-6)
    assert targets.box_weight[0, row, column] == 1.0
    assert targets.velocity[:, row, column].tolist() == [3.0, -1.0]


def test_the_cells_beside_a_centre_tell_the_same_box_with_less_weight():
    targets = targets_of((4.4, -2.8, 0.0, 1))
    told = targets.box_weight[0] > 0.0
    assert 1 < told.sum() <= 9
    rows, columns = (each.numpy() for each in told.nonzero(as_tuple=True))
    x = (columns + 0.5 + targets.box[0][told].numpy()) * 0.8 - 12.8
    y = (rows + 0.5 + targets.box[1][told].numpy()) * 0.8 - 12.8
    np.testing.assert_allclose((x, y), np.repeat([[4.4], [-2.8]], len(x), axis=1), atol=1e-5)
    assert sorted(targets.box_weight[0][told].tolist())[-2] < 1.0


@pytest.mark.parametrize(('x_m', 'y_m'), [
    (0.0, 0.0), (0.8, -0.8), (0.4, 0.4), (-12.799, 12.799), (12.799, -12.799),
])
def test_a_centre_on_the_border_of_cells_belongs_to_one_of_them(x_m, y_m):
    targets = targets_of((x_m, y_m, 0.0, 1))
    (where,) = (targets.heat[0] == 1.0).nonzero().tolist()
    row, column = where
    offsets = targets.box[:2, row, column]
    assert offsets.abs().max() <= 0.5 + 1e-6
    assert (column + 0.5 + offsets[0]) * 0.8 - 12.8 == pytest.approx(x_m, abs=1e-5)
    assert (row + 0.5 + offsets[1]) * 0.8 - 12.8 == pytest.approx(y_m, abs=1e-5)


def test_of_two_objects_in_neighbouring_cells_each_keeps_its_own():
    rows = ((4.4, 0.4, 0.1, 5), (5.2, 0.4, 1.2, 5))
    for order in (rows, rows[::-1]):
        targets = targets_of(*order)
        assert (targets.heat[4] == 1.0).sum() == 2
        for x_m, y_m, yaw, _ in rows:
            row, column = cell(x_m, y_m)
            assert targets.box_weight[0, row, column] == 1.0
            sine, cosine = targets.box[6:, row, column].tolist()
            assert np.arctan2(sine, cosine) == pytest.approx(yaw, abs=1e-6)


def test_objects_beyond_the_grid_and_of_other_classes_are_background():
    targets = targets_of((13.0, 0.0, 0.0, 1), (0.0, -12.9, 0.0, 1), (2.0, 2.0, 0.0, 0))
    assert targets.heat.max() == targets.box_weight.max() == 0.0
    assert targets.heat_weight.min() == 1.0
    only_people = grid_targets(sample_of((2.0, 2.0, 0.0, 1), (5.0, 5.0, 0.0, 5)), GRID, (5,))
    assert only_people.heat.shape[0] == 1
    assert (only_people.heat == 1.0).sum() == 1


def test_nothing_is_learned_where_an_ignored_object_stands():
    ignored = targets_of((4.4, 0.4, np.pi / 2, 1), is_ignored=np.array([True]))
    assert ignored.heat.max() == ignored.box_weight.max() == 0.0
    for y_m in (-1.2, 0.4, 2.0):
        assert ignored.heat_weight[0, cell(4.4, y_m)[0], cell(4.4, y_m)[1]] == 0.0
    for x_m, y_m in ((4.4, 4.4), (7.6, 0.4), (-4.4, 0.4)):
        assert ignored.heat_weight[0, cell(x_m, y_m)[0], cell(x_m, y_m)[1]] == 1.0


def test_background_is_learned_only_where_labels_are_complete():
    ahead = Sector(np.zeros(2), 0.0, np.pi / 4)
    hole = Sector(np.array([6.0, 0.0]), 0.0, 0.2)
    targets = targets_of((-5.0, 0.4, 0.0, 1), labelled_area=ahead, unlabelled=(hole,))
    weight = targets.heat_weight[0]
    assert weight[cell(4.4, 0.4)] == 1.0
    assert weight[cell(-4.4, 4.4)] == weight[cell(0.4, -4.4)] == weight[cell(9.2, 0.4)] == 0.0
    assert targets.heat[0][cell(-5.0, 0.4)] == 1.0


def test_a_label_that_nothing_shows_is_neither_an_object_nor_background():
    sample = sample_of((4.4, 0.4, 0.0, 1), (-4.4, 0.4, 0.0, 1))
    frame = small_sample().frame
    sample = replace(
        sample, frame=replace(frame, cameras=frame.cameras[:1]),
        boxes=replace(sample.boxes, num_points=np.array([MIN_POINTS - 1, MIN_POINTS], np.int32)),
        visible_px=np.array([[MIN_PIXELS - 1, 0]], np.int32))
    assert is_evident(sample).tolist() == [False, True]
    targets = grid_targets(sample, GRID, CLASSES)
    assert targets.heat[0][cell(4.4, 0.4)] < 1.0
    assert targets.heat_weight[0][cell(4.4, 0.4)] == 0.0
    assert targets.heat[0][cell(-4.4, 0.4)] == 1.0


def test_who_is_lost_does_not_make_an_object_evident():
    sample = small_sample()
    sample = replace(
        sample, boxes=replace(sample.boxes, num_points=np.array([9, 0, 9, 0, 9, 0], np.int32)),
        visible_px=np.array([[99, 99, 0, 0, 0, 0], [0, 0, 0, 0, 99, 0]], np.int32))
    assert is_evident(sample).tolist() == [True, True, True, False, True, False]
    assert is_evident(without_lidars(sample)).tolist() == [True, True, False, False, True, False]
    assert is_evident(with_cameras(sample, (1,))).tolist() == [
        True, False, True, False, True, False]
    assert is_evident(with_cameras(sample, ())).tolist() == [
        True, False, True, False, True, False]
    assert not is_evident(with_cameras(without_lidars(sample), ())).any()


def test_labels_without_counts_are_taken_at_their_word():
    assert is_evident(sample_of((4.4, 0.4, 0.0, 1))).all()


def test_a_velocity_that_is_unknown_is_not_learned():
    sample = sample_of((4.4, 0.4, 0.0, 1))
    for velocities in (np.full((1, 3), np.nan, np.float32), None):
        lost = replace(sample, boxes=replace(sample.boxes, velocities=velocities))
        targets = grid_targets(lost, GRID, CLASSES)
        assert targets.velocity_weight.max() == targets.velocity.abs().max() == 0.0
        assert targets.box_weight.max() == 1.0


def test_front_and_rear_of_barriers_alone_are_the_same():
    targets = targets_of((4.4, 0.4, 0.0, ObjectClass.BARRIER), (-4.4, 0.4, 0.0, ObjectClass.CAR))
    assert targets.is_symmetric[0][cell(4.4, 0.4)]
    assert not targets.is_symmetric[0][cell(-4.4, 0.4)]


def map_of(drivable, cell_m=0.5, reach_m=12.0, known=None):
    empty = np.zeros_like(drivable)
    return targets_of(
        ground=MapTruth(cell_m, reach_m, drivable, empty, ~drivable), is_ground_known=known)


def test_the_map_lies_with_its_right_rear_corner_first():
    x = (np.arange(48) + 0.5) * 0.5 - 12.0
    ahead_left = (x[None, :] > 4.0) & (x[:, None] > 8.0)
    targets = map_of(ahead_left)
    assert targets.ground[0][cell(8.4, 10.0)] == 1.0
    for x_m, y_m in ((-8.4, 10.0), (8.4, -10.0), (8.4, 6.0), (2.8, 10.0)):
        assert targets.ground[0][cell(x_m, y_m)] == 0.0
        assert targets.ground[2][cell(x_m, y_m)] == 1.0
    assert targets.ground[1].max() == 0.0


@pytest.mark.parametrize(('cell_m', 'reach_m'), [(0.5, 12.0), (0.4, 12.8), (0.2, 20.0)])
def test_a_mirrored_map_has_mirrored_targets(cell_m, reach_m):
    rng = np.random.default_rng(0)
    size = round(2.0 * reach_m / cell_m)
    drivable = np.kron(rng.random((12, 12)) < 0.5, np.ones((20, 20), np.bool_))[:size, :size]
    known = rng.random(drivable.shape) < 0.999
    plain = map_of(drivable, cell_m, reach_m, known)
    for axis in (0, 1):
        mirrored = map_of(
            np.flip(drivable, axis), cell_m, reach_m, np.flip(known, axis))
        np.testing.assert_array_equal(plain.ground.flip(axis + 1), mirrored.ground)
        np.testing.assert_array_equal(
            plain.ground_weight.flip(axis + 1), mirrored.ground_weight)


def test_a_cell_is_what_most_of_it_is_and_a_lane_line_if_a_quarter_of_it_is():
    none = np.zeros((256, 256), np.bool_)
    for eighths, is_line, is_drivable in ((1, 0, 0), (2, 1, 0), (3, 1, 0), (4, 1, 1)):
        layer = none | (np.arange(256) % 8 < eighths)
        targets = targets_of(ground=MapTruth(0.1, 12.8, layer, layer, none))
        assert (targets.ground[0] == is_drivable).all()
        assert (targets.ground[1] == is_line).all()


def test_the_map_is_unknown_beyond_its_edges_and_where_it_says_so():
    drivable = np.ones((48, 48), np.bool_)
    known = drivable.copy()
    known[24, 24] = False
    weight = map_of(drivable, known=known).ground_weight[0]
    assert weight[0].max() == weight[:, -1].max() == 0.0
    assert weight[1:-1, 1:-1].sum() == 30 * 30 - 1
    assert targets_of().ground_weight.max() == 0.0
