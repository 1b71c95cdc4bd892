# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Obstacles beside the boxes of a network."""

import numpy as np
import pytest
from support.detections import boxes

from mm_fusion_ros.data_types import Boxes3D, ObjectClass, PointLabel
from mm_fusion_ros.obstacles.unexplained import is_unexplained, joined, relabelled

CAR = boxes([(10.0, 0.0)], yaws=np.pi / 2)  # 4 m along y, 2 m along x


@pytest.mark.parametrize(('place', 'size', 'expected'), [
    ((10.0, 0.0), (1.0, 1.0, 1.0), False),
    ((10.0, 2.4), (0.4, 0.4, 1.0), False),  # just outside: a mirror, or a box a little short
    ((11.6, 0.0), (0.4, 0.4, 1.0), True),
    ((11.6, 0.0), (4.0, 2.0, 1.5), False),  # a good part of it is the car
    ((13.2, 0.0), (5.0, 2.0, 1.5), True),  # a touch only
    ((30.0, 0.0), (4.0, 2.0, 1.5), True),
])
def test_an_obstacle_is_explained_by_a_box_over_its_center_or_much_of_it(place, size, expected):
    obstacle = boxes([place], classes=ObjectClass.OBSTACLE, size=size)
    assert is_unexplained(obstacle, CAR).tolist() == [expected]


def test_without_boxes_nothing_is_explained():
    assert is_unexplained(CAR, Boxes3D.empty()).tolist() == [True]
    assert is_unexplained(Boxes3D.empty(), CAR).tolist() == []


def test_an_obstacle_ranks_below_a_box_that_is_as_sure():
    both = joined(CAR, boxes([(0.0, 0.0)], 1.0, ObjectClass.OBSTACLE))
    assert both.scores.tolist() == [1.0, 0.5]
    assert both.classes.tolist() == [ObjectClass.CAR, ObjectClass.OBSTACLE]
    assert np.isnan(both.velocities).all()


def test_points_above_the_ground_are_labelled_by_all_boxes():
    points = np.array([(10, 0, 0.1), (10, 1.9, 0.5), (0, 0, 0.5), (10, 0, 9)], np.float32)
    labels = np.array([PointLabel.GROUND, PointLabel.OBSTACLE, PointLabel.BOX,
                       PointLabel.UNKNOWN], np.uint8)
    assert relabelled(points, labels, CAR).tolist() == [
        PointLabel.GROUND, PointLabel.BOX, PointLabel.OBSTACLE, PointLabel.UNKNOWN]
