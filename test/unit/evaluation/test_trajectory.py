# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Trajectories, the truth at their stamps, and frames brought together."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from support.trajectories import off_by, START_NS, winding_drive

from mm_fusion_ros.data_types import EgoPose
from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.evaluation.trajectory import from_ego_poses, Trajectory
from mm_fusion_ros.evaluation.trajectory_association import align, Alignment, associate, moved
from mm_fusion_ros.evaluation.trajectory_errors import trajectory_errors
from mm_fusion_ros.geometry.transforms import from_euler, inverse

NS = 1_000_000_000


def straight(stamps_s, speed=2.0):
    T = np.tile(np.eye(4), (len(stamps_s), 1, 1))
    T[:, 0, 3] = speed * np.asarray(stamps_s)
    return Trajectory(START_NS + np.round(np.asarray(stamps_s) * NS).astype(np.int64), T)


@pytest.mark.parametrize(('column', 'shape'), [
    ('T', (2, 4, 4)), ('velocities_mps', (3, 2)), ('covariances', (3, 6, 6))])
def test_a_column_that_does_not_fit_is_refused(column, shape):
    columns = {'stamps_ns': np.arange(3), 'T': np.tile(np.eye(4), (3, 1, 1))}
    with pytest.raises(InvalidMessageError, match=f'trajectory {column}: expected shape'):
        Trajectory(**{**columns, column: np.zeros(shape)})


@pytest.mark.parametrize('stamps', [[0, 1, 1], [0, 2, 1]])
def test_stamps_that_do_not_go_on_are_refused(stamps):
    with pytest.raises(InvalidMessageError, match='trajectory stamps: expected more than'):
        Trajectory(np.array(stamps), np.tile(np.eye(4), (3, 1, 1)))


def test_rows_are_picked_from_all_columns_together():
    drive = off_by(winding_drive(), np.zeros((301, 9)), np.tile(np.eye(9), (301, 1, 1)))
    part = drive[drive.stamps_ns > START_NS + NS]
    assert len(part) == len(part.T) == len(part.velocities_mps) == len(part.covariances) == 290


def test_the_distance_is_that_of_the_way_and_nothing_without_a_pose():
    assert winding_drive().distances_m[-1] == pytest.approx(240.0, abs=1.0)
    assert len(winding_drive()[:0].distances_m) == 0


def test_poses_of_messages_give_velocities_and_covariances_in_the_fixed_frame():
    T = from_euler((1.0, 2.0, 3.0), 0.0, 0.0, np.pi / 2)
    twist_covariance = np.diag((4.0, 1.0, 1.0, 9.0, 9.0, 9.0))
    pose = EgoPose(START_NS, 'odom', 'base_link', T, np.array((5.0, 0.0, 0.0)), np.zeros(3),
                   np.diag(np.arange(1.0, 7.0)), twist_covariance)
    drive = from_ego_poses([pose])
    np.testing.assert_allclose(drive.velocities_mps, [(0.0, 5.0, 0.0)], atol=1e-12)
    # It goes along y: turned about x it goes up, and about z along x.
    np.testing.assert_allclose(
        np.diagonal(drive.covariances[0]),
        (1, 2, 3, 4, 5, 6, 1 + 25 * 6, 4, 1 + 25 * 4), atol=1e-12)
    np.testing.assert_allclose(drive.covariances[0, 3:6, 6:], [
        (0, 0, 5 * 4), (0, 0, 0), (-5 * 6, 0, 0)], atol=1e-12)
    np.testing.assert_allclose(drive.covariances[0], drive.covariances[0].T)


def test_poses_without_covariances_give_none_and_no_poses_an_empty_trajectory():
    pose = EgoPose(START_NS, 'odom', 'base_link', np.eye(4), np.zeros(3), np.zeros(3))
    assert from_ego_poses([pose]).covariances is None
    assert len(from_ego_poses([])) == 0


def test_the_truth_is_interpolated_at_the_stamps_of_the_estimate():
    truth = winding_drive(rate_hz=100.0)
    estimate = winding_drive(rate_hz=7.0)
    pair = associate(truth, estimate)
    assert len(pair.truth) == len(pair.estimate) == 211
    errors = trajectory_errors(pair)
    assert np.abs(errors.position_m).max() < 0.05
    assert np.abs(errors.attitude_rad).max() < 1e-4
    assert np.abs(errors.velocity_mps).max() < 1e-3
    assert (pair.truth.stamps_ns == estimate.stamps_ns).all()


def test_stamps_outside_of_the_truth_and_in_its_gaps_are_left_out():
    truth = straight([1.0, 1.5, 4.0, 4.5])
    pair = associate(truth, straight([0.5, 1.0, 1.25, 2.0, 4.25, 4.5, 4.75], speed=0.0))
    np.testing.assert_allclose((pair.truth.stamps_ns - START_NS) / NS, [1.0, 1.25, 4.25, 4.5])
    np.testing.assert_allclose(pair.truth.positions[:, 0], [2.0, 2.5, 8.5, 9.0])
    assert len(associate(truth, straight([2.0]), max_gap_s=3.0).truth) == 1


@pytest.mark.parametrize(('truth', 'estimate', 'text'), [
    ([0.0], [0.0], 'truth: expected 2 poses or more, got 1'),
    ([0.0, 0.5], [0.6, 0.7], 'expected some in those of the truth'),
    ([0.0, 0.5], [], 'got none'),
])
def test_an_estimate_without_truth_is_refused(truth, estimate, text):
    with pytest.raises(InvalidMessageError, match=text):
        associate(straight(truth), straight(estimate))


def test_a_part_of_a_pair_is_cut_out_by_time():
    pair = associate(winding_drive(), winding_drive())
    part = pair.between(START_NS + 10 * NS, START_NS + 20 * NS)
    assert len(part.truth) == len(part.estimate) == 100
    assert part.truth.stamps_ns[0] == START_NS + 10 * NS


@pytest.mark.parametrize(('alignment', 'turn'), [
    (Alignment.TRANSLATION, (0.0, 0.0, 0.0)),
    (Alignment.YAW, (0.0, 0.0, 2.0)),
    (Alignment.RIGID, (0.4, -0.3, 2.0)),
])
def test_an_alignment_takes_out_the_motion_that_it_names(alignment, turn):
    truth = winding_drive()
    pair = align(associate(truth, moved(truth, from_euler((5.0, -3.0, 1.0), *turn))), alignment)
    errors = trajectory_errors(pair)
    np.testing.assert_allclose(errors.position_m, 0.0, atol=1e-9)
    np.testing.assert_allclose(errors.attitude_rad, 0.0, atol=1e-9)
    np.testing.assert_allclose(errors.velocity_mps, 0.0, atol=1e-9)


@pytest.mark.parametrize(('alignment', 'turn'), [
    (Alignment.NONE, (0.0, 0.0, 0.0)),
    (Alignment.TRANSLATION, (0.0, 0.0, 0.5)),
    (Alignment.YAW, (0.2, 0.0, 0.5)),
])
def test_an_alignment_takes_out_no_more_than_it_names(alignment, turn):
    truth = winding_drive()
    pair = align(associate(truth, moved(truth, from_euler((5.0, -3.0, 1.0), *turn))), alignment)
    assert np.abs(trajectory_errors(pair).position_m).max() > 1.0


def test_a_rigid_alignment_of_a_plane_drive_is_no_mirror():
    truth = winding_drive()
    truth.T[:, 2, 3] = 0.0
    pair = align(associate(truth, moved(truth, from_euler((0, 0, 0), np.pi, 0, 0))),
                 Alignment.RIGID)
    assert np.linalg.det(pair.estimate.T[0, :3, :3]) == pytest.approx(1.0)
    np.testing.assert_allclose(pair.estimate.positions, truth.positions, atol=1e-9)


@given(st.integers(0, 1000))
def test_moving_there_and_back_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    spread = rng.normal(size=(31, 9, 9))
    drive = off_by(winding_drive(3.0), rng.normal(size=(31, 9)), spread @ spread.swapaxes(1, 2))
    T = np.eye(4)
    T[:3, :3] = Rotation.random(random_state=seed).as_matrix()
    T[:3, 3] = rng.normal(size=3)
    there = moved(drive, T)
    back = moved(there, inverse(T))
    for name in ('T', 'velocities_mps', 'covariances'):
        np.testing.assert_allclose(getattr(back, name), getattr(drive, name), atol=1e-9)
    np.testing.assert_allclose(
        np.trace(there.covariances, axis1=1, axis2=2),
        np.trace(drive.covariances, axis1=1, axis2=2))
