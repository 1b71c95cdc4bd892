# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What the localization publishes, through the bytes of a bag."""

from dataclasses import replace

import numpy as np
import pytest

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.bags.typestore import TYPESTORE
from mm_fusion_ros.data_types import EgoPose, GnssFix
from mm_fusion_ros.geometry.transforms import from_euler
from mm_fusion_ros.localization.located import Located
from mm_fusion_ros.localization_config import localization_config
from mm_fusion_ros.localization_outputs import LocalizationOutputs
from mm_fusion_ros.messages.convert_in import to_ego_pose, to_gnss_fix, to_transform
from mm_fusion_ros.stamps import NS_PER_S

STAMP_NS = 1_700_000_000_000_000_000
T_MAP_ODOM = from_euler((100.0, 50.0, 2.0), 0.0, 0.0, 1.0)
T_ODOM_BASE = from_euler((3.0, 1.0, 0.0), 0.0, 0.1, 0.2)


def located(stamp_ns=STAMP_NS, x=3.0):
    T = T_ODOM_BASE.copy()
    T[0, 3] = x
    pose = EgoPose(stamp_ns, 'odom', 'base_link', T, np.array((5.0, 0.0, 0.0)),
                   np.zeros(3), np.eye(6), 2.0 * np.eye(6))
    on_map = replace(pose, frame_id='map', T_frame_child=T_MAP_ODOM @ T,
                     pose_covariance=3.0 * np.eye(6))
    fix = GnssFix(stamp_ns, 'base_link', 49.0, 8.4, 115.0, True, np.eye(3))
    return Located(stamp_ns, pose, on_map, T_MAP_ODOM, fix)


def build(outputs, topic, content):
    output = next(item for item in outputs.all() if item.topic == topic)
    message = output.build(content, BAG_TYPES)
    if message is None:
        return None
    return TYPESTORE.deserialize_cdr(
        TYPESTORE.serialize_cdr(message, output.type), output.type)


@pytest.fixture
def outputs():
    return LocalizationOutputs(localization_config({}))


def test_odometry_and_pose_say_where_and_how_sure(outputs):
    content = located()
    odometry = to_ego_pose(build(outputs, 'odometry', content))
    assert (odometry.frame_id, odometry.child_frame_id) == ('odom', 'base_link')
    np.testing.assert_allclose(odometry.T_frame_child, T_ODOM_BASE, atol=1e-12)
    np.testing.assert_array_equal(odometry.pose_covariance, np.eye(6))
    np.testing.assert_array_equal(odometry.twist_covariance, 2.0 * np.eye(6))
    pose = build(outputs, 'pose', content)
    assert pose.header.frame_id == 'map'
    np.testing.assert_allclose(pose.pose.covariance, 3.0 * np.eye(6).reshape(-1))


@pytest.mark.parametrize(('values', 'children'), [
    ({}, {'odom': ('map', T_MAP_ODOM), 'base_link': ('odom', T_ODOM_BASE)}),
    ({'publish_map_tf': False}, {'base_link': ('odom', T_ODOM_BASE)}),
    ({'publish_odom_tf': False}, {'odom': ('map', T_MAP_ODOM)}),
    ({'publish_odom_tf': False, 'publish_map_tf': False}, None),
])
def test_the_transforms_published_are_those_asked_for(values, children):
    outputs = LocalizationOutputs(localization_config(values))
    message = build(outputs, '/tf', located())
    if children is None:
        assert message is None
        return
    edges = {edge.child: edge for edge in map(to_transform, message.transforms)}
    assert edges.keys() == children.keys()
    for child, (parent, T) in children.items():
        assert (edges[child].parent, edges[child].stamp_ns) == (parent, STAMP_NS)
        np.testing.assert_allclose(edges[child].T_parent_child, T, atol=1e-12)


def test_a_fix_is_given_only_where_the_place_on_earth_is_known(outputs):
    assert to_gnss_fix(build(outputs, 'fix', located())).latitude_deg == 49.0
    assert build(outputs, 'fix', replace(located(), fix=None)) is None


def drive(outputs, places, start_ns=STAMP_NS, step_ns=NS_PER_S // 10):
    """Give the paths that are published on the way."""
    found = []
    for number, x in enumerate(places):
        content = located(start_ns + number * step_ns, x)
        outputs.remember(content)
        path = build(outputs, 'path', content)
        if path is not None:
            found.append(path)
    return found


def xs(path):
    return [(np.linalg.inv(T_MAP_ODOM) @ [*(pose.pose.position.x, pose.pose.position.y,
                                            pose.pose.position.z), 1.0])[0]
            for pose in path.poses]


def test_the_path_is_thinned_and_given_out_once_a_second(outputs):
    paths = drive(outputs, np.arange(0.0, 6.1, 0.2))
    assert len(paths) == 4  # 3 s
    np.testing.assert_allclose(xs(paths[-1]), np.arange(0.0, 6.1, 0.6), atol=1e-9)
    assert paths[-1].header.frame_id == paths[-1].poses[0].header.frame_id == 'map'


def test_a_vehicle_that_stands_adds_nothing_to_its_path(outputs):
    assert xs(drive(outputs, [1.0] * 30)[-1]) == pytest.approx([1.0])


def test_the_path_is_bounded():
    outputs = LocalizationOutputs(localization_config(
        {'path.max_poses': 5, 'path.min_distance_m': 0.0}))
    np.testing.assert_allclose(xs(drive(outputs, range(21))[-1]), range(16, 21), atol=1e-9)


def test_the_path_goes_on_while_nobody_listens(outputs):
    for number in range(50):
        outputs.remember(located(STAMP_NS + number * NS_PER_S // 10, float(number)))
    assert len(build(outputs, 'path', located(STAMP_NS + 5 * NS_PER_S)).poses) == 50


def test_a_new_path_begins_where_the_place_on_the_map_becomes_known(outputs):
    for number in range(20):
        outputs.remember(replace(
            located(STAMP_NS + number * NS_PER_S // 10, float(number)), fix=None))
    paths = drive(outputs, [50.0], STAMP_NS + 2 * NS_PER_S)
    np.testing.assert_allclose(xs(paths[0]), [50.0], atol=1e-9)


def test_time_that_begins_anew_begins_a_new_path(outputs):
    drive(outputs, range(20))
    paths = drive(outputs, [7.0, 8.0], STAMP_NS - 100 * NS_PER_S)
    np.testing.assert_allclose(xs(paths[0]), [7.0], atol=1e-9)
