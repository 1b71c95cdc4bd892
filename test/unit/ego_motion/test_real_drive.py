# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A recorded drive: sweeps agree with each other once ego motion is out of them."""

import numpy as np
import pytest
from support.surfaces import surfaces_apart_m

from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.read import BagReader
from mm_fusion_ros.ego_motion.compensation import MotionCompensation
from mm_fusion_ros.ego_motion.poses import EgoPoses
from mm_fusion_ros.geometry.transform_tree import TransformTree
from mm_fusion_ros.geometry.transforms import apply
from mm_fusion_ros.messages.convert_in import add_transform, PointTimeSettings, to_lidar_sweep
from mm_fusion_ros.perception_config import perception_config


@pytest.mark.real_data
def test_sweeps_of_a_drive_agree_better_once_they_are_deskewed(kitti_bag):
    tree, sweeps = TransformTree(), []
    config = perception_config({'top.stamp_is': 'middle'})
    poses = EgoPoses(config.ego_motion, config.base_frame, tree)
    with BagReader(kitti_bag) as reader:
        for recorded in reader.messages([names.TF_STATIC, names.TRUE_ODOMETRY, names.POINTS]):
            if recorded.topic == names.TF_STATIC:
                for item in recorded.message.transforms:
                    add_transform(tree, item, is_static=True)
            elif recorded.topic == names.TRUE_ODOMETRY:
                assert poses.add_odometry(recorded.message) == ()
            else:
                sweeps.append(to_lidar_sweep(
                    recorded.message, PointTimeSettings(stamp_is='middle')))
    motion = MotionCompensation(config, poses)
    T_base_lidar = tree.lookup(names.BASE_FRAME, names.LIDAR_FRAME)

    def in_odom(sweep):
        ranges = np.linalg.norm(sweep.points[:, :2], axis=1)
        height = sweep.points[:, 2]
        keep = (ranges > 4.0) & (ranges < 25.0) & (height > -1.3) & (height < 2.0)
        T = poses.at(np.array([sweep.stamp_ns])).T[0] @ T_base_lidar
        return apply(T, sweep.points[keep].astype(np.float64)), T[:3, 0]

    def apart_m(chosen):
        gaps = []
        for index in range(4, 50, 9):
            (reference, heading), (moved, _) = in_odom(chosen[index]), in_odom(chosen[index + 5])
            gaps.append(surfaces_apart_m(reference, moved, heading))
        return np.mean(gaps)

    moved = [motion.deskew('top', s, (s.stamp_ns,) * 2, T_base_lidar)[0] for s in sweeps]
    # Measured: 0.058 m against 0.076 m.
    assert apart_m(moved) < 0.9 * apart_m(sweeps)
