# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Groups of points, and which points are one."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from mm_fusion_ros.obstacles.clustering import Clusterer, Gaps, Groups, LOOSE, TIGHT

CLUSTERER = Clusterer(60.0, Gaps(1.0, ((0.0, 1),)))


@given(st.lists(st.integers(-1, 6), max_size=40))
def test_groups_hold_each_index_of_a_key_once_and_in_order(keys):
    keys = np.array(keys, int)
    groups = Groups.from_keys(keys)
    found = [groups.order[a:a + n].tolist()
             for a, n in zip(groups.starts, groups.sizes, strict=True)]
    assert found == [np.flatnonzero(keys == key).tolist() for key in np.unique(keys[keys >= 0])]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40), st.data())
def test_keeping_some_groups_keeps_their_points(keys, data):
    groups = Groups.from_keys(np.array(keys))
    kept = np.array(data.draw(st.lists(
        st.booleans(), min_size=len(groups), max_size=len(groups))))
    left = groups.where(kept)
    assert left.sizes.tolist() == groups.sizes[kept].tolist()
    assert left.order.tolist() == groups.order[kept[groups.numbers]].tolist()


def in_a_line(*xs):
    return np.array([(x, 0.0, 1.0) for x in xs], np.float32)


@pytest.mark.parametrize(('range_m', 'joined_m', 'apart_m'), [
    (10.0, 0.5, 0.9), (30.0, 0.9, 1.3), (45.0, 1.3, 1.7)])
def test_the_gap_that_is_joined_grows_with_range(range_m, joined_m, apart_m):
    clusterer = Clusterer(60.0, LOOSE)
    assert len(clusterer.group(in_a_line(range_m, range_m + joined_m))) == 1
    assert len(clusterer.group(in_a_line(range_m, range_m + apart_m))) == 2
    assert len(clusterer.group(in_a_line(-range_m, -range_m - apart_m))) == 2


def test_tight_gaps_part_what_loose_ones_join():
    points = in_a_line(12.0, 12.1, 12.5, 12.6)
    assert len(Clusterer(60.0, LOOSE).group(points)) == 1
    assert Clusterer(60.0, TIGHT).group(points).sizes.tolist() == [2, 2]


@given(st.lists(st.tuples(*[st.floats(-59, 59, width=32)] * 2), min_size=1, max_size=60))
def test_every_point_is_in_one_group_and_touching_points_in_the_same(xy):
    points = np.array([(x, y, 0.0) for x, y in xy], np.float32)
    groups = CLUSTERER.group(points)
    assert sorted(groups.order.tolist()) == list(range(len(points)))
    number = np.empty(len(points), int)
    number[groups.order] = groups.numbers
    near = np.linalg.norm(points[:, None] - points, axis=2) < 1.0
    assert (number[:, None] == number)[near].all()


def test_points_beyond_the_grid_are_kept_at_its_edge():
    groups = CLUSTERER.group(np.array([(1e6, 0, 0), (-1e6, 0, 0)], np.float32))
    assert groups.sizes.tolist() == [1, 1]


def test_no_points_are_in_no_group():
    groups = CLUSTERER.group(np.empty((0, 3), np.float32))
    assert len(groups) == 0
    assert groups.maximum(np.empty(0)).shape == (0,)
    assert len(groups.and_also(groups)) == 0
