# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Groups of points, and which points are one."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np

from mm_fusion_ros.obstacles.clustering import Groups


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
