# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
import shapely

from mm_fusion_ros.sim.world.footprint import Footprint
from mm_fusion_ros.sim.world.placing import FREE, Layout, PAVED, Placed, ROAD, TAKEN

HOUSE = Placed(0, np.array([0.0, 10.0]), 0.0, 1.0)


@pytest.fixture
def layout() -> Layout:
    """Give a straight road along x with a sidewalk to its left."""
    road = shapely.box(-50, -4, 50, 4)
    return Layout(Footprint(road, shapely.box(-50, 4, 50, 6), shapely.Polygon(), ()))


def test_cells_tell_road_from_sidewalk_and_land(layout):
    places = np.array([(0.0, 0.0), (0.0, 5.0), (0.0, 20.0)])
    np.testing.assert_array_equal(layout.what(places), [ROAD, PAVED, FREE])
    assert layout.most(places) == ROAD


def test_a_house_takes_its_ground(layout):
    assert layout.put_block(HOUSE, 8.0, 6.0)
    assert layout.most(np.array([(0.0, 13.0)])) == TAKEN
    assert not layout.put_block(HOUSE, 8.0, 6.0)
    assert len(layout.placed) == 1


def test_no_house_stands_on_a_sidewalk(layout):
    assert not layout.put_block(Placed(0, np.array([0.0, 5.0]), 0.0, 1.0), 8.0, 6.0)
    assert not layout.put_block(Placed(0, np.array([0.0, 12.0]), np.pi, 1.0), 8.0, 9.0)


def test_a_tree_needs_free_ground_and_no_road_below_its_crown(layout):
    layout.put_block(HOUSE, 8.0, 6.0)
    places = np.array([(20.0, 8.5), (20.0, 14.0), (0.0, 13.0)])
    np.testing.assert_array_equal(layout.has_room(places, 1.0), [False, True, False])


def test_small_things_keep_off_each_other(layout):
    bin_ = Placed(1, np.array([0.0, 8.0]), 0.0, 1.0)
    assert layout.put_if_free(bin_, 0.6)
    assert not layout.put_if_free(bin_, 0.6)
