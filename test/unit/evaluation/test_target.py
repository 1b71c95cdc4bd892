# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A figure beside what it should be."""

import math

import pytest

from mm_fusion_ros.evaluation.bootstrap import Interval
from mm_fusion_ros.evaluation.target import Target


@pytest.mark.parametrize(('value', 'is_ceiling', 'is_met'), [
    (0.7, False, True), (0.6, False, True), (0.5, False, False), (math.nan, False, False),
    (0.7, True, False), (0.6, True, True), (0.5, True, True), (math.nan, True, False)])
def test_a_figure_is_on_one_side_of_its_limit(value, is_ceiling, is_met):
    target = Target('mAP', value, 0.6, is_ceiling)
    assert target.is_met is is_met
    assert str(target).startswith('met ' if is_met else 'MISSED ')


def test_how_sure_a_figure_is_is_said_where_it_is_known():
    assert str(Target('mAP', 0.7, 0.6, interval=Interval(0.7, 0.65, 0.74))) == (
        'met     mAP: 0.700 (0.650 to 0.740), at least 0.600')
    nan = math.nan
    assert str(Target('cost', nan, 0.1, True, Interval(nan, nan, nan))) == (
        'MISSED  cost: -, at most 0.100')
