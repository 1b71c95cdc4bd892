# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The motion of a LiDAR from its sweeps."""

import sys

import numpy as np
import pytest
from scipy.integrate import trapezoid
from support import drive, ego_drive

from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.data_types import LidarSweep
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.geometry.pose_buffer import PoseBuffer
from mm_fusion_ros.geometry.transforms import apply, inverse
from mm_fusion_ros.localization.lidar_odometry import LidarOdometry
from mm_fusion_ros.messages.convert_in import PointTimeSettings, to_ego_pose, to_lidar_sweep
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

TWIST = np.array([8.0, 0.0, 0.0, 0.0, 0.0, 0.3])
SWEEPS = 22
STAMPS_NS = [drive.START_NS + 100 * k * NS_PER_MS for k in range(SWEEPS)]


def street():
    """Give points (N, 3) of walls with corners along a street, and of the ground, in odom."""
    random = np.random.default_rng(0)
    found = [random.uniform((-30, -30, 0), (60, 60, 0.02), (4000, 3))]
    for x in range(-20, 50, 10):
        for y in (-12.0, 9.0, 30.0):
            wall, gable = random.uniform(0, 1, (2, 120, 3))
            found.append((x, y, 0) + wall * (6.0, 0.05, 5.0))
            found.append((x, y, 0) + gable * (0.05, 4.0, 5.0))
    return np.concatenate(found)


def sweep(stamp_ns, *, timed=True):
    """See the street in 100 ms, clockwise from behind."""
    at_start = apply(inverse(ego_drive.pose(stamp_ns, TWIST) @ drive.T_BASE_LIDAR), street())
    turned = (np.pi - np.arctan2(at_start[:, 1], at_start[:, 0])) / (2.0 * np.pi)
    times_ns = np.rint(turned * 20).astype(np.int32) * (5 * NS_PER_MS)
    points = ego_drive.seen(street(), stamp_ns + times_ns.astype(np.int64),
                            drive.T_BASE_LIDAR, TWIST)
    return LidarSweep(stamp_ns, 'lidar_top', points,
                      time_offset_ns=times_ns.astype(np.int32) if timed else None)


@pytest.fixture(scope='module')
def sweeps():
    return [sweep(stamp_ns) for stamp_ns in STAMPS_NS]


@pytest.fixture
def odometry():
    pytest.importorskip('kiss_icp', reason='kiss-icp is an optional extra')
    return LidarOdometry()


def true_motion():
    """Give the velocity (3,) and turn rate (3,) of the LiDAR."""
    return TWIST[:3] + np.cross(TWIST[3:], drive.T_BASE_LIDAR[:3, 3]), TWIST[3:]


def test_velocity_and_turn_rate_are_those_of_the_lidar_between_two_sweeps(odometry, sweeps):
    found = [twist for item in sweeps if (twist := odometry.add(item)) is not None]
    assert len(found) == SWEEPS - 15
    linear, angular = true_motion()
    for twist, stamp_ns in zip(found, STAMPS_NS[15:], strict=True):
        assert twist.frame_id == 'lidar_top'
        assert twist.stamp_ns == stamp_ns  # half a sweep after, less half a step
        deviations = np.sqrt(np.diag(twist.covariance))
        assert np.all(np.abs(twist.linear_mps - linear) < 3.0 * deviations[:3])
        assert np.all(np.abs(twist.angular_radps - angular) < 3.0 * deviations[3:])


def test_the_same_sweeps_give_the_same_numbers(odometry, sweeps):
    first, again = ([odometry.add(item) for item in sweeps[:17]] for _ in odometry_twice(odometry))
    np.testing.assert_array_equal(first[-1].linear_mps, again[-1].linear_mps)
    np.testing.assert_array_equal(first[-1].angular_radps, again[-1].angular_radps)


def odometry_twice(odometry):
    for _ in range(2):
        odometry.reset()
        yield


def test_a_step_in_time_begins_anew(odometry, sweeps):
    told = [odometry.add(item) is not None for item in (*sweeps[:17], *sweeps[:17])]
    assert told == [*[False] * 15, True, True] * 2


def test_a_sweep_of_few_points_is_passed_over(odometry, sweeps):
    few = LidarSweep(STAMPS_NS[0], 'lidar_top', sweeps[0].points[:50])
    assert odometry.add(few) is None
    told = [odometry.add(item) is not None for item in sweeps[:17]]
    assert told == [*[False] * 15, True, True]


def test_a_sweep_without_times_counts_as_of_its_stamp(odometry):
    twist = None
    for stamp_ns in STAMPS_NS[:16]:
        cloud = drive.cloud(stamp_ns, points=street().astype(np.float32))
        twist = odometry.add(to_lidar_sweep(cloud, PointTimeSettings()))
    assert twist.stamp_ns == (STAMPS_NS[14] + STAMPS_NS[15]) // 2
    np.testing.assert_allclose(twist.linear_mps, 0.0, atol=1e-6)


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, 'kiss_icp.config', None)
    with pytest.raises(ConfigError, match=r'LiDAR odometry: expected kiss-icp \(the extra lidar'):
        LidarOdometry()


@pytest.mark.real_data
def test_the_way_of_a_real_drive_is_as_long_as_by_satellite(odometry, kitti_bag):
    poses = PoseBuffer()
    with BagReader(kitti_bag) as reader:
        for recorded in reader.messages(['/ground_truth/odometry']):
            poses.add(to_ego_pose(recorded.message))
        twists = [odometry.add(to_lidar_sweep(m.message, PointTimeSettings(stamp_is='middle')))
                  for m in reader.messages(['/sensing/lidar/top/points'])]
    told = [twist for twist in twists if twist is not None]
    stamps_ns = np.array([twist.stamp_ns for twist in told])
    places = poses.poses_at(stamps_ns).T[:, :3, 3]
    way_m = np.linalg.norm(np.diff(places, axis=0), axis=1).sum()
    speeds_mps = [np.linalg.norm(twist.linear_mps) for twist in told]
    seen_m = trapezoid(speeds_mps, (stamps_ns - stamps_ns[0]) / NS_PER_S)
    assert way_m > 45.0
    assert seen_m == pytest.approx(way_m, rel=0.005)
