# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Whoever else publishes our transforms is found out."""

import numpy as np
import pytest

from mm_fusion_ros.localization.own_transforms import OwnTransforms
from mm_fusion_ros.localization_config import localization_config
from mm_fusion_ros.messages.convert_in import StampedTransform

OURS_NS = 7_000


def own(**values):
    transforms = OwnTransforms(localization_config(values))
    transforms.published(OURS_NS)
    return transforms


def heard(parent, child, stamp_ns=OURS_NS):
    return StampedTransform(parent, child, stamp_ns, np.eye(4))


@pytest.mark.parametrize(('transform', 'text'), [
    (heard('odom', 'base_link'), ''),
    (heard('map', 'odom'), ''),
    (heard('base_link', 'wheel', 1), ''),
    (heard('world', 'base_link'), 'frame base_link: expected one parent, got odom and world; '
     'set publish_odom_tf to false, or end the other'),
    (heard('world', 'odom'), 'frame odom: expected one parent, got map and world; '
     'set publish_map_tf to false, or end the other'),
    (heard('odom', 'base_link', 1), 'transform from base_link to odom: expected one publisher, '
     'got another beside this node; set publish_odom_tf to false, or end the other'),
])
def test_another_parent_or_publisher_is_named_with_the_remedy(transform, text):
    assert own().conflict(transform) == text


def test_what_is_left_to_others_is_no_conflict():
    assert own(publish_odom_tf=False).conflict(heard('world', 'base_link')) == ''
    assert own(publish_map_tf=False).conflict(heard('world', 'odom')) == ''
