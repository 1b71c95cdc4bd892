# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import shapely

from mm_fusion_ros.sim.world.shapes_2d import Canvas, Patches, patches

SQUARE = np.array([(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)])


def test_an_area_with_a_hole_and_an_island_is_filled_where_it_is():
    ring = shapely.box(-4, -4, 4, 4).difference(shapely.box(-2, -2, 2, 2))
    area = ring.union(shapely.box(-1, -1, 1, 1))
    canvas = Canvas(np.array([-5.0, -5.0]), 0.1, 100)
    cells = canvas.blank()
    canvas.fill(cells, area, 7)
    assert abs((cells == 7).sum() * 0.01 - area.area) < 0.08 * area.area
    assert cells[50, 50] == 7
    assert cells[50, 35] == 0  # x = -1.45
    assert cells[50, 20] == 7  # x = -2.95
    assert cells[50, 5] == 0


def test_an_area_elsewhere_leaves_no_trace():
    canvas = Canvas(np.zeros(2), 0.5, 10)
    cells = canvas.blank()
    canvas.fill(cells, shapely.box(100, 100, 110, 110), 7)
    canvas.draw(cells, patches([SQUARE + 50.0], 9), is_smooth=True)
    assert not cells.any()


def test_only_what_may_reach_into_a_rectangle_is_near_it():
    some = Patches((SQUARE, SQUARE + 10.0, SQUARE - 1.5), np.array([1, 2, 3], np.uint8))
    np.testing.assert_array_equal(some.near(np.zeros(2), np.ones(2)), [0, 2])
    assert len(patches([], 1).near(np.zeros(2), np.ones(2))) == 0


def test_the_last_patch_lies_on_top_and_smooth_edges_cover_partly():
    canvas = Canvas(np.array([-1.0, -1.0]), 0.1, 40)
    cells = canvas.blank()
    canvas.draw(cells, Patches((SQUARE, SQUARE + 1.0), np.array([100, 200], np.uint8)),
                is_smooth=True)
    assert cells[15, 15] == 100
    assert cells[25, 25] == 200
    assert set(np.unique(cells)) - {0, 100, 200}
