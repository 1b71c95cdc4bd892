# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Which found box belongs to which true one."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from mm_fusion_ros.data_types import Boxes3D
from mm_fusion_ros.evaluation.matching import match_by_distance


def at(*places):
    xy = np.array(places, np.float64).reshape(-1, 2)
    n = len(xy)
    return Boxes3D(
        centers=np.column_stack([xy, np.zeros(n)]), sizes=np.ones((n, 3)), yaws=np.zeros(n),
        scores=np.ones(n, np.float32), classes=np.zeros(n, np.int8))


PLACES = st.lists(st.tuples(*[st.floats(-20, 20)] * 2), max_size=8)


def test_the_nearest_box_is_the_partner():
    result = match_by_distance(at((0, 0), (10, 0)), at((10, 1), (0.5, 0), (0, 5)), 2.0)
    assert result.indices.tolist() == [1, 0]
    assert result.distances == pytest.approx([0.5, 1.0])


def test_a_box_is_the_partner_of_one_only():
    result = match_by_distance(at((0, 0), (0.4, 0)), at((0.3, 0)), 2.0)
    assert sorted(result.indices.tolist()) == [-1, 0]


def test_one_more_pair_is_worth_more_than_a_nearer_one():
    result = match_by_distance(at((0, 0), (1, 0)), at((0.9, 0), (2.8, 0)), 2.0)
    assert result.indices.tolist() == [0, 1]


def test_beyond_the_radius_there_is_no_partner():
    result = match_by_distance(at((0, 0)), at((2.1, 0)), 2.0)
    assert result.indices.tolist() == [-1]
    assert np.isinf(result.distances).all()


@pytest.mark.parametrize(
    ('truth', 'found'), [(at(), at((1, 1))), (at((1, 1)), at()), (at(), at())])
def test_no_boxes_have_no_partners(truth, found):
    result = match_by_distance(truth, found, 2.0)
    assert result.indices.dtype == np.int32
    assert result.indices.tolist() == [-1] * len(truth)


@given(PLACES, PLACES, st.floats(0.1, 10))
def test_partners_are_within_the_radius_and_unique(truth, found, radius_m):
    result = match_by_distance(at(*truth), at(*found), radius_m)
    taken = result.indices[result.indices >= 0]
    assert len(set(taken.tolist())) == len(taken)
    assert (result.distances[result.indices >= 0] <= radius_m).all()
    assert np.isinf(result.distances[result.indices < 0]).all()
