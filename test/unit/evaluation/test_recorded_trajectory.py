# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Trajectories of bags: every Odometry of a topic, in the order of time."""

import numpy as np
import pytest
from support.trajectories import START_NS

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.bags.write import BagWriter
from mm_fusion_ros.data_types import EgoPose
from mm_fusion_ros.errors import BagError, InvalidMessageError
from mm_fusion_ros.evaluation.recorded_trajectory import read_trajectory
from mm_fusion_ros.geometry.transforms import from_euler
from mm_fusion_ros.messages.convert_out import from_ego_pose


def write(path, stamps_s):
    with BagWriter(path) as bag:
        for arrival, stamp_s in enumerate(stamps_s):
            pose = EgoPose(
                START_NS + round(stamp_s * 1e9), 'odom', 'base_link',
                from_euler((stamp_s, 0.0, 0.0), 0.0, 0.0, 0.5), np.zeros(3), np.zeros(3))
            bag.write('/odometry', from_ego_pose(pose, BAG_TYPES), START_NS + arrival)
    return path


def test_poses_come_in_the_order_of_their_stamps(tmp_path):
    drive = read_trajectory(write(tmp_path / 'bag', [1.0, 3.0, 2.0]), '/odometry')
    np.testing.assert_allclose(drive.positions[:, 0], [1.0, 2.0, 3.0])
    np.testing.assert_allclose(drive.yaws_rad, 0.5)
    assert (np.diff(drive.stamps_ns) == 1_000_000_000).all()


def test_a_topic_without_odometry_is_named_with_those_that_have_it(tmp_path):
    bag = write(tmp_path / 'bag', [1.0])
    with pytest.raises(BagError, match=r"expected Odometry on /odom, got on \['/odometry'\]"):
        read_trajectory(bag, '/odom')


def test_two_poses_of_one_stamp_are_refused(tmp_path):
    with pytest.raises(InvalidMessageError, match='trajectory stamps'):
        read_trajectory(write(tmp_path / 'bag', [1.0, 1.0]), '/odometry')
