# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What every test shares: where recorded drives lie, and a ROS domain of its own.
"""
from __future__ import annotations

import os
from pathlib import Path

from hypothesis import settings
import pytest

ROOT = Path(__file__).resolve().parents[1]

# Before rclpy is imported by anything: no test may hear another process's topics. Fast DDS derives
# ports from the domain; above 101 they can collide with those that Linux hands out.
os.environ['ROS_DOMAIN_ID'] = str(1 + os.getpid() % 101)
os.environ['ROS_LOCALHOST_ONLY'] = '1'
os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'

settings.register_profile('default', deadline=None)
settings.register_profile('ci', deadline=None, derandomize=True)
settings.load_profile('ci' if os.environ.get('CI') else 'default')


@pytest.fixture(scope='session')
def data_dir() -> Path:
    """
    Return the folder of recorded drives, `MM_FUSION_DATA` or `../shared/data`.
    """
    from mm_fusion_ros import share
    from mm_fusion_ros.errors import ConfigError

    try:
        return share.data_dir()
    except ConfigError as err:
        pytest.skip(str(err))


@pytest.fixture(scope='session')
def kitti_drive(data_dir: Path) -> Path:
    """
    Return the folder of the KITTI raw drive 2011_09_26 0013.
    """
    return data_dir / 'kitti_raw' / '2011_09_26' / '2011_09_26_drive_0013_sync'


@pytest.fixture(scope='session')
def kitti_bag(kitti_drive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """
    Return that drive as a bag, converted once.
    """
    from mm_fusion_ros.bags.datasets.kitti_raw import convert_kitti_raw

    bag = tmp_path_factory.mktemp('kitti') / 'drive_0013'
    convert_kitti_raw(kitti_drive, bag, lambda done, total: None)
    return bag
