# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Which clusters get a box."""

import numpy as np
import pytest

from mm_fusion_ros.obstacles.box_fit import Footprints
from mm_fusion_ros.obstacles.plausibility import Evidence, judge
from mm_fusion_ros.obstacles.settings import ObstacleSettings

ASIDE = (12.0, 6.0)
AHEAD = (12.0, 1.0)


def evidence(size, top_m, center=ASIDE, **looks):
    looks = {'points': 200, 'filled': 0.8, 'solidity': 1.0, 'structure': False, **looks}
    points, filled, solidity, structure = (np.array([value]) for value in looks.values())
    seen = Footprints(np.array([center]), np.array([size], float), np.zeros(1), solidity)
    return Evidence(seen, np.array([top_m]), points, filled, structure)


def score(*args, min_score=0.0, **kwargs):
    return judge(evidence(*args, **kwargs), ObstacleSettings(min_score=min_score))[0]


@pytest.mark.parametrize(('size', 'top_m'), [
    ((4.3, 1.8), 1.5), ((1.8, 0.2), 1.4), ((4.8, 2.0), 2.4), ((0.5, 0.5), 1.75), ((1.8, 0.6), 1.7),
], ids=['car', 'rear of a car', 'van', 'pedestrian', 'cyclist'])
def test_road_users_are_certain(size, top_m):
    assert score(size, top_m) == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(('size', 'top_m', 'looks'), [
    ((3.0, 2.0), 2.2, {'filled': 0.15}), ((3.0, 2.0), 1.5, {'solidity': 0.3}),
    ((4.0, 0.1), 0.9, {}), ((0.1, 0.05), 2.5, {}), ((5.0, 2.0), 1.5, {'filled': 0.1}),
], ids=['bush', 'ragged', 'low fence', 'pole', 'hardly hit'])
def test_what_is_no_road_user_scores_little(size, top_m, looks):
    assert score(size, top_m, **looks) < 0.4


@pytest.mark.parametrize('size', [(15.0, 1.0), (5.0, 4.0)])
def test_structures_get_no_box_even_in_the_way(size):
    assert score(size, 1.5, center=AHEAD) == 0.0


def test_a_person_before_a_wall_is_doubted_less_than_a_piece_of_the_wall():
    person, piece = score((0.5, 0.5), 1.75, structure=True), score((3.0, 0.3), 1.5, structure=True)
    assert piece < ObstacleSettings().min_score < person < score((0.5, 0.5), 1.75)


def test_below_the_smallest_score_there_is_no_box():
    weak = score((0.5, 0.5), 1.75, filled=0.2)
    assert 0.0 < weak < 0.8
    assert score((0.5, 0.5), 1.75, filled=0.2, min_score=weak + 0.01) == 0.0
    assert score((0.5, 0.5), 1.75, filled=0.2, min_score=weak - 0.01) == weak


def test_in_the_own_way_only_height_matters():
    sparse = {'filled': 0.01, 'solidity': 0.1, 'points': 5, 'min_score': 0.9}
    assert score((0.2, 0.1), 1.0, center=AHEAD, **sparse) > 0.0
    assert score((0.2, 0.1), 0.7, center=AHEAD, **sparse) == 0.0
    for center in ((-3.0, 0.0), (31.0, 0.0), (12.0, 2.6), (12.0, -2.6)):
        assert score((0.2, 0.1), 1.0, center=center, **sparse) == 0.0


def test_no_clusters_have_no_scores():
    nothing = Evidence(
        Footprints(np.empty((0, 2)), np.empty((0, 2)), np.empty(0), np.empty(0)),
        np.empty(0), np.empty(0, int), np.empty(0), np.empty(0, bool))
    assert judge(nothing, ObstacleSettings()).shape == (0,)
