# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What one converter writes the other reads back, through the bytes of a bag."""

from __future__ import annotations

from dataclasses import fields, replace

from hypothesis import given
from hypothesis import strategies as st
from message_samples import STAMP_NS
import numpy as np
import pytest

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.bags.typestore import TYPESTORE
from mm_fusion_ros.data_types import (
    EgoPose,
    FrameReport,
    GnssFix,
    ImuSample,
    SensorState,
    StageTiming,
    Twist,
)
from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.geometry.projection import CameraModel
from mm_fusion_ros.geometry.transforms import from_euler
from mm_fusion_ros.health import NodeHealth
from mm_fusion_ros.messages.convert_in import (
    to_camera_image,
    to_camera_model,
    to_ego_pose,
    to_frame_report,
    to_gnss_fix,
    to_imu_sample,
    to_lidar_sweep,
    to_transform,
    to_twist,
)
from mm_fusion_ros.messages.convert_out import (
    compressed_from_pixels,
    from_camera_model,
    from_ego_pose,
    from_frame_report,
    from_gnss_fix,
    from_health,
    from_imu_sample,
    from_jpeg,
    from_point_columns,
    from_transforms,
    from_twist,
    path_from_poses,
    pose_from_ego_pose,
    pose_stamped_from_ego_pose,
    sure_twist_from_twist,
)
from mm_fusion_ros.messages.convert_out.navigation import GROUND_BASED_FIX

T = from_euler((1.0, -2.0, 3.0), 0.1, -0.2, 2.9)
VECTOR = np.array((0.1, -0.2, 9.8))
VARIANCES = np.diag((0.1, 0.2, 0.3))
IMU = ImuSample(
    STAMP_NS, 'imu', VECTOR, VECTOR[::-1].copy(), np.array((0.0, 0.6, 0.0, 0.8)), VARIANCES,
    VARIANCES * 2, VARIANCES * 3)
FIX = GnssFix(STAMP_NS, 'gnss', 49.0, 8.4, 115.0, has_fix=True, covariance_enu=VARIANCES)
TWIST = Twist(STAMP_NS, 'base_link', VECTOR, VECTOR * 2)
POSE = EgoPose(STAMP_NS, 'odom', 'base_link', T, VECTOR, VECTOR * 2)
# Not symmetric, so that rows and columns cannot be mixed up unseen.
COVARIANCE = np.diag(np.arange(1.0, 7.0)) + np.arange(36.0).reshape(6, 6) / 100.0
SURE_POSE = replace(POSE, pose_covariance=COVARIANCE, twist_covariance=COVARIANCE * 2)


def reread(message):
    name = message.__msgtype__
    return TYPESTORE.deserialize_cdr(TYPESTORE.serialize_cdr(message, name), name)


def assert_same(actual, expected):
    assert type(actual) is type(expected)
    for item in fields(expected):
        wanted = getattr(expected, item.name)
        if isinstance(wanted, np.ndarray):
            np.testing.assert_allclose(getattr(actual, item.name), wanted, atol=1e-12)
        else:
            assert getattr(actual, item.name) == wanted, item.name


@pytest.mark.parametrize(('write', 'read', 'value'), [
    (from_imu_sample, to_imu_sample, IMU),
    (from_imu_sample, to_imu_sample,
     replace(IMU, orientation=None, orientation_covariance=None)),
    (from_imu_sample, to_imu_sample, ImuSample(STAMP_NS, 'imu', VECTOR, VECTOR)),
    (from_gnss_fix, to_gnss_fix, FIX),
    (from_gnss_fix, to_gnss_fix, replace(FIX, covariance_enu=None)),
    (from_gnss_fix, to_gnss_fix, replace(FIX, has_fix=False, covariance_enu=None)),
    (from_twist, to_twist, TWIST),
    (sure_twist_from_twist, to_twist, TWIST),
    (sure_twist_from_twist, to_twist, replace(TWIST, covariance=COVARIANCE)),
    (from_ego_pose, to_ego_pose, POSE),
    (from_ego_pose, to_ego_pose, SURE_POSE),
])
def test_a_measurement_survives(write, read, value):
    assert_same(read(reread(write(value, BAG_TYPES))), value)


def test_the_twist_of_an_odometry_is_in_its_child_frame():
    twist = to_twist(reread(from_ego_pose(SURE_POSE, BAG_TYPES)))
    assert_same(twist, Twist(STAMP_NS, 'base_link', VECTOR, VECTOR * 2, COVARIANCE * 2))


def test_a_pose_with_covariance_holds_what_the_odometry_holds():
    message = reread(pose_from_ego_pose(SURE_POSE, BAG_TYPES))
    odometry = from_ego_pose(SURE_POSE, BAG_TYPES)
    assert message.header.frame_id == 'odom'
    assert (message.header.stamp, message.pose.pose) == (odometry.header.stamp, odometry.pose.pose)
    np.testing.assert_array_equal(message.pose.covariance, COVARIANCE.reshape(-1))


def test_a_path_holds_its_poses_in_order():
    later = replace(POSE, stamp_ns=STAMP_NS + 1)
    poses = [pose_stamped_from_ego_pose(pose, BAG_TYPES) for pose in (POSE, later)]
    path = reread(path_from_poses(poses, STAMP_NS + 1, 'odom', BAG_TYPES))
    assert path.header.stamp == path.poses[1].header.stamp != path.poses[0].header.stamp
    assert path.poses[0].pose == poses[0].pose


def test_an_odometry_with_a_negative_variance_is_refused():
    message = from_ego_pose(replace(POSE, pose_covariance=-np.eye(6)), BAG_TYPES)
    with pytest.raises(InvalidMessageError, match='pose covariance: expected variances'):
        to_ego_pose(message)


def test_a_message_does_not_change_with_the_sample_it_was_made_of():
    sample = replace(IMU, orientation=None)
    message = from_imu_sample(sample, BAG_TYPES)
    assert message.orientation_covariance[0] == -1
    assert sample.orientation_covariance[0, 0] == IMU.orientation_covariance[0, 0] > 0


def test_a_fix_says_how_good_it_is_only_where_there_is_one():
    assert from_gnss_fix(FIX, BAG_TYPES, GROUND_BASED_FIX).status.status == GROUND_BASED_FIX
    lost = replace(FIX, has_fix=False)
    assert from_gnss_fix(lost, BAG_TYPES, GROUND_BASED_FIX).status.status == -1


def test_transforms_survive_under_their_parent():
    children = {'lidar': T, 'camera': np.eye(4)}
    message = reread(from_transforms(children, STAMP_NS, 'base_link', BAG_TYPES))
    edges = [to_transform(each) for each in message.transforms]
    assert [(edge.parent, edge.child, edge.stamp_ns) for edge in edges] == [
        ('base_link', child, STAMP_NS) for child in children]
    for edge, matrix in zip(edges, children.values(), strict=True):
        np.testing.assert_allclose(edge.T_parent_child, matrix, atol=1e-12)


K = np.array([[500.0, 0, 320, 0], [0, 510, 240, 0], [0, 0, 1, 0]])
BASELINE = np.array([[500.0, 0, 320, -40], [0, 510, 240, 0], [0, 0, 1, 0]])


@pytest.mark.parametrize(('model', 'rectified'), [
    (CameraModel(640, 480, BASELINE), True),
    (CameraModel(640, 480, K), False),
    (CameraModel(640, 480, K, 'plumb_bob', np.array((-0.3, 0.1, 0, 0, 0.01))), False),
    (CameraModel(640, 480, K, 'rational_polynomial', np.full(8, 0.01)), False),
    (CameraModel(640, 480, K, 'equidistant', np.full(4, 0.01)), False),
])
def test_a_camera_model_survives(model, rectified):
    message = reread(from_camera_model(model, STAMP_NS, 'camera', BAG_TYPES))
    back = to_camera_model(message, rectified=rectified)
    points = np.random.default_rng(0).uniform((-2, -2, 4), (2, 2, 9), (50, 3))
    assert (back.width, back.height) == (640, 480)
    np.testing.assert_allclose(back.project(points).pixels, model.project(points).pixels)


def test_the_bytes_of_a_jpeg_are_kept():
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    data = bytes(compressed_from_pixels(pixels, STAMP_NS, 'camera', 90, BAG_TYPES).data)
    message = reread(from_jpeg(data, STAMP_NS, 'camera', BAG_TYPES))
    assert bytes(message.data) == data
    assert to_camera_image(message).pixels.shape == (8, 8, 3)


@pytest.mark.parametrize('count', [0, 7])
def test_columns_of_points_survive(count):
    columns = {axis: np.arange(1, count + 1, dtype=np.float32) for axis in 'xyz'}
    columns['ring'] = np.arange(count, dtype=np.uint16)
    sweep = to_lidar_sweep(reread(from_point_columns(columns, STAMP_NS, 'lidar', BAG_TYPES)))
    np.testing.assert_array_equal(sweep.points, np.stack([columns[axis] for axis in 'xyz'], 1))
    np.testing.assert_array_equal(sweep.ring, columns['ring'])


# Milliseconds are written with three digits.
texts = st.text(st.characters(exclude_categories=['Cs'], exclude_characters='\0'), max_size=20)
micros = st.integers(-10**9, 10**9)
states = st.builds(
    SensorState,
    name=texts,
    kind=st.sampled_from(['lidar', 'camera']),
    present=st.booleans(),
    offset_ns=micros.map(lambda us: us * 1000),
    age_ns=st.just(-1) | micros.map(lambda us: abs(us) * 1000),
    problem=texts,
)
reports = st.builds(
    FrameReport,
    stamp_ns=st.integers(1, 2**31 * 10**9 - 1),
    frame_id=st.just('base_link'),
    sensors=st.lists(states, max_size=3).map(tuple),
    stages=st.lists(
        st.builds(StageTiming, texts, micros.map(lambda us: us / 1000)),
        max_size=3, unique_by=lambda timing: timing.stage,
    ).map(tuple),
    num_boxes=st.integers(0, 1000),
    warnings=st.lists(texts, max_size=12).map(tuple),
    looks_at=st.sampled_from([('lidar',), ('lidar', 'camera')]),
    counts=st.sampled_from([(), (('obstacle', 2),), (('car', 12), ('pedestrian', 1))]),
    shares=st.none() | st.lists(
        st.just(()) | st.tuples(*[st.integers(0, 100).map(lambda percent: percent / 100)] * 3),
        max_size=4).map(tuple),
)


@given(reports)
def test_a_frame_report_survives(report):
    assert to_frame_report(reread(from_frame_report(report, BAG_TYPES))) == report


REPORT = FrameReport(
    STAMP_NS, 'base_link', (SensorState('top', 'lidar', present=True),),
    (StageTiming('merge', 1.5),), 3)


def empty(message):
    message.status = []


def no_boxes(message):
    message.status[0].values = []


def age_in_words(message):
    message.status[1].values[3].value = 'long ago'


def age_not_a_number(message):
    message.status[1].values[3].value = 'nan'


def age_without_end(message):
    message.status[1].values[3].value = 'inf'


@pytest.mark.parametrize('spoil', [
    empty, no_boxes, age_in_words, age_not_a_number, age_without_end])
def test_a_spoilt_frame_report_is_refused(spoil):
    message = from_frame_report(REPORT, BAG_TYPES)
    spoil(message)
    with pytest.raises(InvalidMessageError, match='diagnostics: expected a frame_report, got'):
        to_frame_report(message)


def test_the_health_of_a_node_is_no_frame_report():
    message = from_health(NodeHealth('/perception', ()), STAMP_NS, BAG_TYPES)
    with pytest.raises(InvalidMessageError, match='diagnostics: expected a frame_report, got'):
        to_frame_report(message)
