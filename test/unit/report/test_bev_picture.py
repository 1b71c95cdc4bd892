# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A frame seen from above."""

import numpy as np
import pytest

from mm_fusion_ros.data_types import Boxes3D, LabelledPoints, ObjectClass, PointLabel
from mm_fusion_ros.report.bev_picture import BevCanvas
from mm_fusion_ros.report.point_colors import label_colors


@pytest.fixture
def canvas():
    return BevCanvas(x_range_m=(-10, 30), y_range_m=(-20, 20), px_per_m=5)


def points(*rows, label=PointLabel.OBSTACLE):
    return LabelledPoints(np.array(rows, np.float32).reshape(-1, 3),
                          np.full(len(rows), label, np.uint8))


def box(x, y):
    return Boxes3D(
        centers=np.array([[x, y, 0.0]]), sizes=np.array([[4.0, 2.0, 1.5]]), yaws=np.zeros(1),
        scores=np.ones(1, np.float32), classes=np.array([ObjectClass.CAR], np.int8))


def changed(canvas, draw):
    """Rows and columns of the pixels that drawing changes."""
    before = canvas.pixels.copy()
    draw()
    return np.nonzero((canvas.pixels != before).any(axis=-1))


def test_forward_is_up_and_left_is_left(canvas):
    assert canvas.pixels.shape == (200, 200, 3)
    rows, columns = changed(canvas, lambda: canvas.draw_points(points((20, 10, 0))))
    assert (rows.tolist(), columns.tolist()) == ([50], [50])


def test_a_point_has_the_color_of_its_label_and_boxes_points_lie_on_top(canvas):
    both = LabelledPoints(np.full((2, 3), 4.1, np.float32),
                          np.array([PointLabel.BOX, PointLabel.GROUND], np.uint8))
    canvas.draw_points(both)
    assert (canvas.pixels == label_colors(np.array([PointLabel.BOX]))).all(axis=-1).sum() == 1


def test_what_is_outside_is_not_drawn(canvas):
    far = points((100, 0, 0), (0, 100, 0), (-100, 0, 0), (0, -100, 0), (1e9, 0, 0))
    assert changed(canvas, lambda: canvas.draw_points(far))[0].size == 0
    assert changed(canvas, lambda: canvas.draw_boxes(box(200, 0)))[0].size == 0


def test_a_box_is_outlined_at_its_place_and_the_heading_is_ahead(canvas):
    rows, columns = changed(canvas, lambda: canvas.draw_boxes(box(20, 0)))
    assert rows.min() == pytest.approx((30 - 22) * 5, abs=1)
    assert rows.max() == pytest.approx((30 - 18) * 5, abs=1)
    assert columns.min() == pytest.approx((20 - 1) * 5, abs=1)
    on_axis = rows[columns == 100]
    assert np.mean(on_axis < 50) > 0.6  # the line to the front


def test_truth_has_another_color(canvas):
    canvas.draw_boxes(box(20, 0))
    found = canvas.pixels.copy()
    canvas.draw_boxes(box(20, 0), is_truth=True)
    assert (canvas.pixels != found).any()


def test_nothing_draws_nothing(canvas):
    assert changed(canvas, lambda: canvas.draw_points(points()))[0].size == 0
    assert changed(canvas, lambda: canvas.draw_boxes(Boxes3D.empty()))[0].size == 0
