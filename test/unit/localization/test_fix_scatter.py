# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Whether fixes scatter more than their receiver says."""

import numpy as np
import pytest

from mm_fusion_ros.localization.fix_scatter import FixScatter


def scatter(residuals, told_m) -> FixScatter:
    found = FixScatter()
    for residual in residuals:
        found = found.after(residual, np.full(2, told_m**2))
    return found


@pytest.mark.parametrize('seed', range(10))
@pytest.mark.parametrize('told_m', [1.0, 0.05])
def test_a_covariance_that_is_too_good_is_seen(told_m, seed):
    noise = np.random.default_rng(seed).normal(0.0, 1.0, (40, 2))
    excess = scatter(noise, told_m).excess
    if told_m == 1.0:
        assert excess < 4.0
    else:
        assert 100.0 < excess < 1600.0


def test_one_that_is_right_is_left_alone_as_a_rule():
    rng = np.random.default_rng(0)
    found = [scatter(rng.normal(0.0, 1.0, (40, 2)), 1.0).excess for _ in range(200)]
    assert np.mean(np.array(found) == 1.0) > 0.95


def test_a_jump_and_what_stays_off_is_no_scatter():
    noise = np.random.default_rng(1).normal(0.0, 1.0, (60, 2))
    noise[20:40] += 30.0
    assert scatter(noise, 1.0).excess == 1.0


def test_a_few_fixes_tell_nothing():
    assert scatter(np.random.default_rng(2).normal(0.0, 5.0, (10, 2)), 0.1).excess == 1.0


def test_places_all_over_the_world_are_no_fixes():
    assert scatter(np.random.default_rng(3).uniform(-1e4, 1e4, (40, 2)), 1.0).excess == 1.0
