# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The message classes bags are written with.
"""

import pytest

from mm_fusion_ros.bags.typestore import TYPESTORE


@pytest.mark.parametrize(
    'name',
    [
        'sensor_msgs/msg/PointCloud2',
        'tf2_msgs/msg/TFMessage',
        'unique_identifier_msgs/msg/UUID',
        'vision_msgs/msg/Detection3DArray',
        'autoware_perception_msgs/msg/TrackedObjects',
    ],
)
def test_the_types_that_bags_need_are_there_with_all_they_contain(name: str) -> None:
    assert TYPESTORE.types[name].__msgtype__ == name
    assert TYPESTORE.hash_rihs01(name).startswith('RIHS01_')
