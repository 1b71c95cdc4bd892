# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Any odometry or transform becomes poses of the base frame."""

import numpy as np
import pytest

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.data_types import EgoPose
from mm_fusion_ros.ego_motion.poses import EgoPoses
from mm_fusion_ros.ego_motion.settings import EgoMotionSettings
from mm_fusion_ros.geometry.transform_tree import TransformTree
from mm_fusion_ros.geometry.transforms import from_euler, inverse
from mm_fusion_ros.messages.convert_in.transforms import StampedTransform
from mm_fusion_ros.messages.convert_out import from_ego_pose
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

START_NS = 1_700_000_000 * NS_PER_S
T_BASE_IMU = from_euler((1.0, 0.5, 0.7), 0.0, 0.1, 0.4)
SPEED, TURN = np.array([12.0, 0.5, 0.0]), np.array([0.0, 0.0, 0.6])


def at(time_s):
    return START_NS + round(time_s * NS_PER_S)


def T_odom_base(time_s):
    """Drive in a circle with 12 m/s and 0.6 rad/s, so that velocity and pose fit each other."""
    yaw = TURN[2] * time_s
    radius = SPEED[0] / TURN[2]
    return from_euler((radius * np.sin(yaw), radius * (1 - np.cos(yaw)), 0.0), 0.0, 0.0, yaw)


def odometry(time_s, child='base_link', T_base_child=None, frame='odom'):
    linear, angular = np.array([SPEED[0], 0.0, 0.0]), TURN
    T = T_odom_base(time_s)
    if T_base_child is not None:
        turn = T_base_child[:3, :3]
        linear = turn.T @ (linear + np.cross(angular, T_base_child[:3, 3]))
        angular = turn.T @ angular
        T = T @ T_base_child
    pose = EgoPose(at(time_s), frame, child, T, linear, angular)
    return from_ego_pose(pose, BAG_TYPES)


def poses(tree=None, **settings):
    return EgoPoses(EgoMotionSettings(**settings), 'base_link', tree or TransformTree())


def test_odometry_of_the_base_frame_is_taken_as_it_is():
    kept = poses()
    assert kept.newest_ns is None
    for time_s in (0.0, 0.1):
        assert kept.add_odometry(odometry(time_s)) == ()
    assert (kept.newest_ns, kept.received, kept.rejected) == (at(0.1), 2, 0)
    np.testing.assert_allclose(
        kept.at(np.array([at(0.05)])).T[0], T_odom_base(0.05), atol=1e-6)


def test_odometry_of_another_frame_is_carried_over_with_its_velocity():
    tree = TransformTree()
    tree.set_static('base_link', 'imu_link', T_BASE_IMU)
    kept = poses(tree)
    for time_s in (0.0, 0.1):
        assert kept.add_odometry(odometry(time_s, 'imu_link', T_BASE_IMU)) == ()
    # Beyond the newest pose nothing but the velocity tells.
    for time_s in (0.05, 0.25):
        np.testing.assert_allclose(
            kept.at(np.array([at(time_s)])).T[0], T_odom_base(time_s), atol=1e-6)


@pytest.mark.parametrize('child', ['imu_link', ''])
def test_odometry_of_a_frame_nobody_placed_is_refused(child):
    kept = poses()
    (problem,) = kept.add_odometry(odometry(0.0, child))
    assert problem.startswith(
        f'odometry: transform from base_link to {child}: expected a chain of frames')
    assert (kept.received, kept.rejected, kept.newest_ns) == (1, 1, None)


@pytest.mark.parametrize(('change', 'text'), [
    (lambda m: setattr(m.pose.pose.position, 'x', float('nan')), 'odometry: odometry position'),
    (lambda m: setattr(m.pose.pose.orientation, 'w', 7.0), 'odometry: odometry orientation'),
    (lambda m: setattr(m.header, 'stamp', BAG_TYPES.Time()), 'odometry: stamp: expected a time'),
])
def test_an_odometry_that_cannot_be_is_refused_and_the_poses_before_it_stay(change, text):
    kept = poses()
    kept.add_odometry(odometry(0.0))
    broken = odometry(0.1)
    change(broken)
    (problem,) = kept.add_odometry(broken)
    assert problem.startswith(text)
    assert (kept.newest_ns, kept.rejected) == (at(0.0), 1)


def test_odometry_of_another_fixed_frame_is_refused():
    kept = poses()
    kept.add_odometry(odometry(0.0))
    (problem,) = kept.add_odometry(odometry(0.1, frame='map'))
    assert problem == 'odometry: ego pose: expected base_link in odom, got base_link in map'


def test_transforms_make_poses_also_over_a_frame_in_between():
    T_footprint_base = from_euler((0.3, 0.0, 0.2), 0.0, 0.0, 0.0)
    tree = TransformTree()
    tree.set_static('base_footprint', 'base_link', T_footprint_base)
    kept = poses(tree, source='tf')
    for time_s in (0.0, 0.1):
        edge = StampedTransform(
            'odom', 'base_footprint', at(time_s), T_odom_base(time_s) @ inverse(T_footprint_base))
        tree.add(*edge)
        wheel = StampedTransform('base_link', 'wheel', at(time_s + 0.01), np.eye(4))
        tree.add(*wheel)
        kept.add_transforms([edge, wheel])
    assert (kept.newest_ns, kept.received) == (at(0.1), 2)
    np.testing.assert_allclose(
        kept.at(np.array([at(0.05)])).T[0], T_odom_base(0.05), atol=1e-4)
    # The velocity is that of the poses.
    np.testing.assert_allclose(
        kept.at(np.array([at(0.15)])).T[0], T_odom_base(0.15), atol=1e-4)


def test_a_link_that_is_missing_makes_no_pose():
    kept = poses(source='tf')
    kept.add_transforms([StampedTransform('odom', 'base_footprint', at(0.0), np.eye(4))])
    assert (kept.newest_ns, kept.received) == (None, 0)


def test_prediction_ends_where_the_settings_say():
    kept = poses(max_prediction_ms=50.0)
    for time_s in (0.0, 0.1):
        kept.add_odometry(odometry(time_s))
    found = kept.at(np.array([at(0.1) + 50 * NS_PER_MS, at(0.3)]))
    np.testing.assert_allclose(found.T[0], found.T[1], atol=1e-9)
    assert found.quality.tolist() == [1, 2]


@pytest.mark.parametrize(('settings', 'source'), [
    ({}, 'odometry'), ({'odometry_topic': '/wheel/odom'}, '/wheel/odom'),
    ({'source': 'tf'}, '/tf from odom to base_link'), ({'source': 'none'}, ''),
    ({'deskew': False, 'camera_motion': False}, ''),
])
def test_the_source_is_named(settings, source):
    assert poses(**settings).source == source
