# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Errors of a trajectory, in figures that are known beforehand, and beside those of evo."""

import numpy as np
import pytest
from support.trajectories import off_by, START_NS, winding_drive

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.evaluation.relative_errors import errors_over_distance, errors_over_time
from mm_fusion_ros.evaluation.trajectory import Trajectory
from mm_fusion_ros.evaluation.trajectory_association import align, Alignment, associate, moved
from mm_fusion_ros.evaluation.trajectory_errors import trajectory_errors, trajectory_figures
from mm_fusion_ros.geometry.transforms import from_euler


def constant(position=(0.0, 0.0, 0.0), attitude=(0.0, 0.0, 0.0), velocity=(0.0, 0.0, 0.0)):
    truth = winding_drive()
    return associate(truth, off_by(
        truth, np.tile(np.concatenate([position, attitude, velocity]), (len(truth), 1))))


def noisy(seed=3):
    """Give the same estimate always: the figures of evo below are of it."""
    truth = winding_drive()
    rng = np.random.default_rng(seed)
    errors = rng.normal(size=(len(truth), 9)) * np.repeat((0.5, 0.02, 0.1), 3)
    errors[:, :3] += np.linspace(0.0, 1.0, len(truth))[:, None] * (2.0, -1.0, 0.5)
    return associate(truth, off_by(truth, errors))


def test_a_constant_offset_is_found_in_every_figure():
    figures = trajectory_figures(constant((3.0, 4.0, 12.0), (0.0, 0.0, np.radians(2.0))))
    assert figures.ate_3d_m == pytest.approx(13.0)
    assert figures.ate_2d_m == pytest.approx(5.0)
    assert figures.offset_m == pytest.approx((3.0, 4.0, 12.0))
    assert figures.end_error_m == pytest.approx(13.0)
    assert figures.end_error_percent == pytest.approx(1300.0 / figures.distance_m)
    for yaw in (figures.yaw_median_deg, figures.yaw_rmse_deg, figures.yaw_max_deg):
        assert yaw == pytest.approx(2.0)
    assert figures.duration_s == pytest.approx(30.0)
    assert figures.speed_rmse_mps == pytest.approx(0.0)
    assert figures.as_dict()['poses'] == 301


def test_the_text_of_the_figures_has_units():
    text = str(trajectory_figures(constant((1.0, 0.0, 0.0), velocity=(0.0, 0.0, 0.5))))
    for part in ('301 poses, 30.0 s', 'position RMSE 1.000 m', '+1.000 +0.000 +0.000 m',
                 '% of the distance', 'yaw median 0.000', 'speed RMSE 0.0'):
        assert part in text


def test_along_and_across_follow_the_heading():
    truth = winding_drive()
    errors = np.zeros((len(truth), 9))
    errors[:, 0], errors[:, 1] = -np.sin(truth.yaws_rad), np.cos(truth.yaws_rad)  # to the left
    found = trajectory_errors(associate(truth, off_by(truth, errors)))
    np.testing.assert_allclose(found.along_across_m, np.tile((0.0, 1.0), (301, 1)), atol=1e-9)


def test_attitude_and_velocity_errors_are_what_the_estimate_was_made_with():
    rng = np.random.default_rng(0)
    errors = rng.normal(size=(301, 9)) * 0.3
    truth = winding_drive()
    found = trajectory_errors(associate(truth, off_by(truth, errors)))
    np.testing.assert_allclose(found.position_m, errors[:, :3], atol=1e-9)
    np.testing.assert_allclose(found.attitude_rad, errors[:, 3:6], atol=1e-9)
    np.testing.assert_allclose(found.velocity_mps, errors[:, 6:], atol=1e-9)


def test_yaw_errors_are_wrapped():
    found = trajectory_errors(constant(attitude=(0.0, 0.0, 2.0 * np.pi - 0.1)))
    np.testing.assert_allclose(found.yaw_rad, -0.1, atol=1e-9)


def test_without_velocities_there_is_no_speed_error():
    truth = winding_drive()
    pair = associate(truth, Trajectory(truth.stamps_ns, truth.T))
    assert trajectory_errors(pair).velocity_mps is None
    assert trajectory_figures(pair).speed_rmse_mps is None


def test_a_vehicle_that_stands_has_no_error_in_percent():
    stands = Trajectory(START_NS + np.arange(5), np.tile(np.eye(4), (5, 1, 1)))
    assert np.isnan(trajectory_figures(associate(stands, stands)).end_error_percent)
    assert np.isnan(errors_over_time(associate(stands, stands), 1e-9).translation_percent)


def test_relative_errors_do_not_see_where_the_frame_lies():
    truth = winding_drive()
    pair = associate(truth, moved(truth, from_euler((100.0, 50.0, 3.0), 0.1, 0.2, 3.0)))
    for figures in (errors_over_distance(pair, 50.0), errors_over_time(pair, 5.0)):
        assert figures.translation_rmse_m == pytest.approx(0.0, abs=1e-9)
        assert figures.rotation_rmse_deg == pytest.approx(0.0, abs=1e-5)


def test_a_scale_error_is_found_in_percent():
    truth = winding_drive()
    T = truth.T.copy()
    T[:, :3, 3] *= 1.02
    figures = errors_over_distance(associate(truth, Trajectory(truth.stamps_ns, T)), 1.0)
    assert figures.translation_percent == pytest.approx(2.0, abs=1e-3)
    assert 'over 1 m' in str(figures)
    assert '2.00 %' in str(figures)


def test_a_turning_error_is_found_in_degrees_a_metre():
    truth = winding_drive()
    errors = np.zeros((len(truth), 9))
    errors[:, 5] = np.radians(0.1) * truth.distances_m
    pair = associate(truth, off_by(truth, errors))
    assert errors_over_distance(pair, 20.0).rotation_deg_per_m == pytest.approx(0.1, rel=1e-6)


def test_a_drive_shorter_than_a_piece_is_refused():
    with pytest.raises(InvalidMessageError, match='drive: expected 500 m or more'):
        errors_over_distance(constant(), 500.0)
    with pytest.raises(InvalidMessageError, match='drive: expected 31 s or more'):
        errors_over_time(constant(), 31.0)


def evo_figures(pair):
    """Compute the same figures with evo."""
    evo_metrics = pytest.importorskip('evo.core.metrics', reason='evo is not installed')
    from evo.core.trajectory import PoseTrajectory3D
    from evo.core.units import Unit

    relations = evo_metrics.PoseRelation

    def trajectories():
        return tuple(PoseTrajectory3D(poses_se3=list(each.T), timestamps=each.stamps_ns / 1e9)
                     for each in pair)

    def value(metric, data=None):
        metric.process_data(data or trajectories())
        return float(metric.get_statistic(evo_metrics.StatisticsType.rmse))

    aligned = trajectories()
    aligned[1].align(aligned[0])
    every = {'all_pairs': True, 'pairs_from_reference': True}
    return {
        'ate': value(evo_metrics.APE(relations.translation_part)),
        'ate_rigid': value(evo_metrics.APE(relations.translation_part), aligned),
        'attitude_deg': value(evo_metrics.APE(relations.rotation_angle_deg)),
        'second_m': value(evo_metrics.RPE(relations.translation_part, 10, Unit.frames, **every)),
        'second_deg': value(
            evo_metrics.RPE(relations.rotation_angle_deg, 10, Unit.frames, **every)),
        'metres_m': value(
            evo_metrics.RPE(relations.translation_part, 15.8, Unit.meters, 0.02, **every)),
    }


def own_figures(pair):
    over_time = errors_over_time(pair, 1.0)
    attitude_deg = np.degrees(np.linalg.norm(trajectory_errors(pair).attitude_rad, axis=1))
    return {
        'ate': trajectory_figures(pair).ate_3d_m,
        'ate_rigid': trajectory_figures(align(pair, Alignment.RIGID)).ate_3d_m,
        'attitude_deg': np.sqrt((attitude_deg**2).mean()),
        'second_m': over_time.translation_rmse_m,
        'second_deg': over_time.rotation_rmse_deg,
        'metres_m': errors_over_distance(pair, 15.8).translation_rmse_m,
    }


@pytest.mark.parametrize('seed', range(5))
def test_the_figures_are_those_of_evo(seed):
    pair = noisy(seed)
    assert own_figures(pair) == pytest.approx(evo_figures(pair), rel=1e-6)


def test_the_figures_are_those_that_evo_gave():
    """As `evo_figures(noisy())` by evo 1.38.1: so much of the comparison needs no evo."""
    assert own_figures(noisy()) == pytest.approx({
        'ate': 1.5949787853199464,
        'ate_rigid': 0.9474458574597471,
        'attitude_deg': 2.052046046307317,
        'second_m': 1.239973843419804,
        'second_deg': 2.9258550019115526,
        'metres_m': 1.365292938184299,
    }, rel=1e-6)
