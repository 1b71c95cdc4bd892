# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Hits on the own vehicle."""

import numpy as np

from mm_fusion_ros.obstacles.ego_box import on_ego
from mm_fusion_ros.obstacles.settings import EgoBoxSettings


def test_only_points_inside_the_box_are_on_the_own_vehicle():
    points = np.array([[0, 0, 1], [3.4, 1, 1], [3.6, 0, 1], [0, -1.2, 1], [0, 0, 3]], np.float32)
    box = EgoBoxSettings(x_min_m=-1, x_max_m=3.5, y_min_m=-1.1, y_max_m=1.1, z_max_m=2.5)
    assert on_ego(points, box).tolist() == [True, True, False, False, False]


def test_no_points_are_on_no_vehicle():
    assert on_ego(np.empty((0, 3), np.float32), EgoBoxSettings()).shape == (0,)
