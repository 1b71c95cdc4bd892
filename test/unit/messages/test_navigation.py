# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Inertial, satellite and pose messages: what is unknown is None, what is wrong is refused."""

from __future__ import annotations

from message_samples import BAG_SAMPLES, STAMP_NS
import numpy as np
import pytest

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.messages.convert_in import (
    to_ego_pose,
    to_gnss_fix,
    to_imu_sample,
    to_transform,
    to_twist,
)

MAKE = BAG_SAMPLES
NOT_MEASURED = np.array([-1.0, *np.zeros(8)])
TURNED = np.array([[-0.28 + 0.56, -0.96, 0, 1], [0.96, 0.28, 0, 2], [0, 0, 1, 3], [0, 0, 0, 1]])


def test_an_imu_gives_its_vectors_and_the_covariances_it_knows():
    sample = to_imu_sample(MAKE.imu())
    assert (sample.stamp_ns, sample.frame_id) == (STAMP_NS, 'imu')
    np.testing.assert_array_equal(sample.angular_velocity_radps, (0.1, 0.2, 0.3))
    np.testing.assert_array_equal(sample.linear_acceleration_mps2, (0.0, 0.0, 9.81))
    np.testing.assert_allclose(sample.orientation, (0, 0, 0.6, 0.8))
    np.testing.assert_array_equal(sample.orientation_covariance, np.diag((0.1, 0.2, 0.3)))
    assert sample.angular_velocity_covariance is None


@pytest.mark.parametrize('fields', [
    {'orientation_covariance': NOT_MEASURED, 'orientation': MAKE.quaternion(9.0, 0.0, 0.0, 0.0)},
    {'orientation': MAKE.quaternion(0.0, 0.0, 0.0, 0.0)},
])
def test_an_imu_without_orientation_gives_none(fields):
    sample = to_imu_sample(MAKE.imu(**fields))
    assert sample.orientation is None
    assert sample.orientation_covariance is None


def test_a_quaternion_off_by_rounding_is_normalised():
    sample = to_imu_sample(MAKE.imu(orientation=MAKE.quaternion(0.0, 0.0, 0.6005, 0.8005)))
    assert np.linalg.norm(sample.orientation) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(('fields', 'text'), [
    ({'orientation': MAKE.quaternion(0.0, 0.0, 1.0, 1.0)},
     'imu orientation: expected a quaternion of norm 1, got norm 1.41421'),
    ({'orientation': MAKE.quaternion(0.0, np.nan, 0.0, 1.0)}, 'imu orientation: .* got norm nan'),
    ({'orientation': MAKE.quaternion(0.0, 1e200, 0.0, 1.0)}, 'imu orientation: .* got norm inf'),
    ({'angular_velocity': MAKE.vector(np.nan, 0.0, 0.0)}, 'imu angular_velocity: expected finite'),
    ({'linear_acceleration': MAKE.vector(np.inf, 0.0, 0.0)}, 'imu linear_acceleration: .* finite'),
    ({'angular_velocity_covariance': NOT_MEASURED}, 'angular_velocity: expected a measurement'),
    ({'linear_acceleration_covariance': np.full(9, np.nan)}, 'acceleration_covariance: .* finite'),
    ({'orientation_covariance': np.diag((1.0, -2.0, 1.0)).reshape(-1)}, 'variances of at least 0'),
])
def test_an_imu_that_cannot_be_used_is_refused(fields, text):
    with pytest.raises(InvalidMessageError, match=text):
        to_imu_sample(MAKE.imu(**fields))


def test_a_fix_gives_position_and_covariance():
    fix = to_gnss_fix(MAKE.fix())
    assert (fix.latitude_deg, fix.longitude_deg, fix.altitude_m) == (49, 8.4, 115)
    assert fix.has_fix
    np.testing.assert_array_equal(fix.covariance_enu, np.diag((1, 2, 3)))
    assert to_gnss_fix(MAKE.fix(position_covariance_type=0)).covariance_enu is None
    assert np.isnan(to_gnss_fix(MAKE.fix(altitude=np.nan)).altitude_m)


def test_without_a_fix_numbers_may_be_nan():
    status = MAKE.make('sensor_msgs/msg/NavSatStatus', status=-1)
    fix = to_gnss_fix(MAKE.fix(status=status, latitude=np.nan, longitude=np.nan))
    assert not fix.has_fix
    assert fix.covariance_enu is None


@pytest.mark.parametrize(('fields', 'text'), [
    ({'latitude': 90.1}, 'fix latitude: expected -90 to 90 degrees, got 90.1'),
    ({'latitude': np.nan}, 'fix latitude: .* got nan'),
    ({'longitude': 190.0}, 'fix longitude: expected -180 to 180 degrees, got 190.0'),
    ({'altitude': np.inf}, 'fix altitude'),
    ({'position_covariance': np.full(9, np.nan)}, 'fix position_covariance: expected finite'),
])
def test_a_fix_off_the_globe_is_refused(fields, text):
    with pytest.raises(InvalidMessageError, match=text):
        to_gnss_fix(MAKE.fix(**fields))


def test_twists_are_read_with_and_without_covariance():
    plain = MAKE.twist()
    full = MAKE.make(
        'geometry_msgs/msg/TwistWithCovarianceStamped', header=plain.header, twist=MAKE.make(
            'geometry_msgs/msg/TwistWithCovariance', twist=plain.twist,
            covariance=np.eye(6).reshape(-1)))
    for message, covariance in ((plain, None), (full, np.eye(6))):
        twist = to_twist(message)
        np.testing.assert_array_equal(twist.linear_mps, (5, 0, 0))
        np.testing.assert_array_equal(twist.angular_radps, (0, 0, 0.1))
        np.testing.assert_array_equal(twist.covariance, covariance)
    with pytest.raises(InvalidMessageError, match='twist linear: expected finite'):
        to_twist(MAKE.twist((np.nan, 0.0, 0.0)))


def test_odometry_is_an_ego_pose():
    pose = to_ego_pose(MAKE.odometry())
    assert (pose.frame_id, pose.child_frame_id, pose.stamp_ns) == ('odom', 'base_link', STAMP_NS)
    np.testing.assert_allclose(pose.T_frame_child, TURNED, atol=1e-12)
    np.testing.assert_array_equal(pose.linear_mps, (5, 0, 0))
    with pytest.raises(InvalidMessageError, match='odometry orientation: expected a quaternion'):
        to_ego_pose(MAKE.odometry((0.0, 0.0, 0.0, 0.0)))


def test_a_transform_is_read_without_the_slashes_of_ros_1():
    found = to_transform(MAKE.transform('/base_link', '/lidar'))
    assert found[:3] == ('base_link', 'lidar', STAMP_NS)
    np.testing.assert_allclose(found.T_parent_child, TURNED, atol=1e-12)


@pytest.mark.parametrize(('arguments', 'text'), [
    (('base_link', 'lidar', (0.0, 0.0, 1.0, 1.0)),
     "from 'base_link' to 'lidar': expected a quaternion of norm 1, got norm 1.41"),
    (('base_link', 'base_link'), 'expected two frames with names'),
    (('', 'lidar'), 'expected two frames with names'),
])
def test_a_transform_that_is_none_is_refused(arguments, text):
    with pytest.raises(InvalidMessageError, match=text):
        to_transform(MAKE.transform(*arguments))
