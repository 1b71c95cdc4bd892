# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""NEES and NIS: near their degrees of freedom when covariances are right, and not when not."""

import numpy as np
import pytest
from support.trajectories import off_by, winding_drive

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.evaluation.consistency import Block, consistency, nees, normalised_squares
from mm_fusion_ros.evaluation.trajectory import Trajectory
from mm_fusion_ros.evaluation.trajectory_association import associate, moved
from mm_fusion_ros.geometry.transforms import from_euler

RUNS = 20


def run(seed, said=1.0):
    """Estimate with errors of one covariance, which is told times `said`."""
    truth = winding_drive()
    scale = np.repeat((1.0, 0.01, 0.2), 3)[:, None]
    spread = scale * np.random.default_rng(99).normal(size=(9, 9))
    errors = np.random.default_rng(seed).normal(size=(len(truth), 9)) @ spread.T
    covariances = np.tile(said * spread @ spread.T, (len(truth), 1, 1))
    return associate(truth, off_by(truth, errors, covariances))


@pytest.mark.parametrize('block', list(Block))
def test_right_covariances_are_consistent(block):
    found = consistency([nees(run(seed), block) for seed in range(RUNS)], block.dof)
    assert found.mean == pytest.approx(block.dof, rel=0.05)
    assert found.share_inside == pytest.approx(0.95, abs=0.03)
    assert (found.runs, found.dof, len(found.means)) == (RUNS, block.dof, 301)


@pytest.mark.parametrize(('said', 'above'), [(0.5, True), (2.0, False)])
def test_wrong_covariances_are_not_consistent(said, above):
    found = consistency([nees(run(seed, said), Block.ALL) for seed in range(RUNS)], 9)
    assert found.share_inside < 0.05
    assert (found.share_above > 0.95) is above


def test_the_bounds_of_many_runs_are_those_of_the_textbook():
    # Bar-Shalom et al., 2001, section 5.4.2: 50 runs of two degrees of freedom.
    found = consistency(np.full((50, 3), 2.0), 2)
    np.testing.assert_allclose(found.lower, 1.5, atol=0.02)
    np.testing.assert_allclose(found.upper, 2.6, atol=0.02)
    assert found.share_inside == 1.0


def test_nees_does_not_depend_on_the_axes():
    pair = run(0)
    T = from_euler((10.0, 0.0, 0.0), 0.3, -0.2, 2.0)
    turned = associate(moved(pair.truth, T), moved(pair.estimate, T))
    for block in Block:
        np.testing.assert_allclose(nees(turned, block), nees(pair, block), rtol=1e-6)


def test_innovations_of_changing_size_have_their_own_bounds():
    rng = np.random.default_rng(1)
    dof = np.tile((1, 2, 3), 2000)
    found = consistency(rng.chisquare(dof), dof)
    assert found.dof == 2.0
    assert found.mean == pytest.approx(2.0, rel=0.05)
    assert found.share_inside == pytest.approx(0.95, abs=0.01)
    assert found.upper[0] < found.upper[1] < found.upper[2]


def test_the_text_says_what_was_found_and_what_would_be_right():
    text = str(consistency(np.full((4, 10), 3.0), 3))
    assert text == ('mean 3.00 (consistent: 3.00), 100.0% of 10 instants inside the 95% bounds '
                    'of 4 runs, 0.0% above')


def test_nothing_to_compare_is_refused():
    truth = winding_drive()
    plain = associate(truth, Trajectory(truth.stamps_ns, truth.T))
    with pytest.raises(InvalidMessageError, match='estimate: expected covariances'):
        nees(plain, Block.POSITION)
    known = np.tile(np.eye(9), (301, 1, 1))
    still = associate(truth, Trajectory(truth.stamps_ns, truth.T, covariances=known))
    np.testing.assert_allclose(nees(still, Block.POSE), 0.0, atol=1e-9)
    with pytest.raises(InvalidMessageError, match='expected velocities'):
        nees(still, Block.ALL)
    with pytest.raises(InvalidMessageError, match='one that can be inverted'):
        normalised_squares(np.ones((1, 2)), np.zeros((1, 2, 2)))
    with pytest.raises(InvalidMessageError, match='normalised squares: expected one or more'):
        consistency([], 3)
