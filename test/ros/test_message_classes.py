# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The converters serve rclpy's classes as they serve the bag library's."""

from __future__ import annotations

from array import array
from importlib import import_module

import cv2
from message_samples import BAG_SAMPLES, lidar_points, Samples, STAMP_NS
import numpy as np
import pytest

pytest.importorskip('rclpy')
pytest.importorskip('vision_msgs')
from rclpy.serialization import deserialize_message, serialize_message

from mm_fusion_ros.bags.message_types import BAG_TYPES, constructor
from mm_fusion_ros.bags.typestore import TYPESTORE
from mm_fusion_ros.data_types import (
    Boxes3D,
    EgoPose,
    FrameReport,
    GnssFix,
    ImuSample,
    LabelledPoints,
    SensorState,
    StageTiming,
    Twist,
)
from mm_fusion_ros.geometry.projection import CameraModel
from mm_fusion_ros.messages import convert_in, convert_out
from mm_fusion_ros.ros.message_types import ROS_TYPES

pytestmark = pytest.mark.ros


def find(name: str):
    package, kind, short = name.split('/')
    return getattr(import_module(f'{package}.{kind}'), short)


ROS_SAMPLES = Samples(ROS_TYPES, find)
RGB = np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)
INPUTS = {
    'image': (convert_in.to_camera_image, lambda s: s.image(RGB.reshape(12, 48), 'bgr8', 16, 12)),
    'bayer': (convert_in.to_camera_image, lambda s: s.image(RGB[:, :, 0], 'bayer_grbg8', 16, 12)),
    'jpeg': (
        convert_in.to_camera_image,
        lambda s: s.compressed(cv2.imencode('.jpg', RGB)[1].tobytes())),
    'cloud': (convert_in.to_lidar_sweep, lambda s: s.cloud(lidar_points())),
    'camera_info': (
        lambda m: convert_in.to_camera_model(m, rectified=False), lambda s: s.camera_info()),
    'imu': (convert_in.to_imu_sample, lambda s: s.imu()),
    'fix': (convert_in.to_gnss_fix, lambda s: s.fix()),
    'twist': (convert_in.to_twist, lambda s: s.twist()),
    'odometry': (convert_in.to_ego_pose, lambda s: s.odometry()),
    'transform': (convert_in.to_transform, lambda s: s.transform()),
}


def parts(value) -> dict:
    names = getattr(value, '_fields', None) or value.__dataclass_fields__
    return {name: getattr(value, name) for name in names}


@pytest.mark.parametrize('name', INPUTS)
def test_both_kinds_of_message_give_the_same(name):
    converter, make = INPUTS[name]
    from_ros, from_bag = (parts(converter(make(s))) for s in (ROS_SAMPLES, BAG_SAMPLES))
    for field, value in from_bag.items():
        np.testing.assert_array_equal(from_ros[field], value, err_msg=field)


def test_an_image_of_rclpy_is_not_copied():
    message = ROS_SAMPLES.image(RGB.reshape(12, 48), 'rgb8', 16, 12)
    assert isinstance(message.data, array)
    pixels = convert_in.to_camera_image(message).pixels
    assert np.shares_memory(pixels, np.frombuffer(message.data, np.uint8))


BOXES = Boxes3D(
    np.random.default_rng(0).normal(size=(3, 3)), np.ones((3, 3)), np.array((0.1, -2, 3)),
    np.array((0.1, 0.5, 1), np.float32), np.array((0, 1, 5), np.int8),
    velocities=np.ones((3, 3), np.float32), ids=np.arange(3))
VECTOR = np.array((1.0, 2.0, 3.0))
POINTS = LabelledPoints(np.ones((4, 3), np.float32), np.arange(4, dtype=np.uint8))
REPORT = FrameReport(
    STAMP_NS, 'base_link', (SensorState('top', 'lidar', present=True),),
    (StageTiming('a', 1.0),), 3)
OUTPUTS = {
    'vision_msgs/msg/Detection3DArray': lambda t: convert_out.from_boxes(BOXES, STAMP_NS, 'b', t),
    'visualization_msgs/msg/MarkerArray':
        lambda t: convert_out.markers_from_boxes(BOXES, STAMP_NS, 'b', 0.5, t),
    'sensor_msgs/msg/Image': lambda t: convert_out.from_pixels(RGB, STAMP_NS, 'b', t),
    'sensor_msgs/msg/CompressedImage':
        lambda t: convert_out.compressed_from_pixels(RGB, STAMP_NS, 'b', 80, t),
    'sensor_msgs/msg/PointCloud2':
        lambda t: convert_out.from_labelled_points(POINTS, RGB[0, :4], STAMP_NS, 'b', t),
    'diagnostic_msgs/msg/DiagnosticArray': lambda t: convert_out.from_frame_report(REPORT, t),
    'sensor_msgs/msg/CameraInfo': lambda t: convert_out.from_camera_model(
        CameraModel(640, 480, np.eye(3, 4), 'plumb_bob', np.full(5, 0.1)), STAMP_NS, 'b', t),
    'sensor_msgs/msg/Imu': lambda t: convert_out.from_imu_sample(
        ImuSample(STAMP_NS, 'imu', VECTOR, VECTOR), t),
    'sensor_msgs/msg/NavSatFix': lambda t: convert_out.from_gnss_fix(
        GnssFix(STAMP_NS, 'gnss', 49.0, 8.4, 115.0, True, np.eye(3)), t),
    'geometry_msgs/msg/TwistStamped':
        lambda t: convert_out.from_twist(Twist(STAMP_NS, 'b', VECTOR, VECTOR), t),
    'geometry_msgs/msg/TwistWithCovarianceStamped':
        lambda t: convert_out.sure_twist_from_twist(
            Twist(STAMP_NS, 'b', VECTOR, VECTOR, np.eye(6)), t),
    'nav_msgs/msg/Odometry': lambda t: convert_out.from_ego_pose(
        EgoPose(STAMP_NS, 'odom', 'b', np.eye(4), VECTOR, VECTOR), t),
    'nav_msgs/msg/OccupancyGrid': lambda t: convert_out.from_grid(
        convert_out.Grid(np.array([[-1, 0, 100]], np.int8), 0.5, (-1.0, 2.0)), STAMP_NS, 'b', t),
    'tf2_msgs/msg/TFMessage':
        lambda t: convert_out.from_transforms({'lidar': np.eye(4)}, STAMP_NS, 'b', t),
}


@pytest.mark.parametrize('name', OUTPUTS)
def test_both_kinds_of_message_are_written_alike(name):
    ros, bag = (OUTPUTS[name](types) for types in (ROS_TYPES, BAG_TYPES))
    sent = deserialize_message(serialize_message(ros), find(name))  # float32 rounds
    raw = TYPESTORE.serialize_cdr(bag, name)
    assert deserialize_message(bytes(raw), find(name)) == sent


@pytest.mark.parametrize('name', [
    *OUTPUTS, 'geometry_msgs/msg/TransformStamped', 'vision_msgs/msg/Detection3D',
    'visualization_msgs/msg/Marker',
])
def test_both_kinds_of_message_have_the_same_defaults(name):
    raw = TYPESTORE.serialize_cdr(constructor(name)(), name)
    assert deserialize_message(bytes(raw), find(name)) == find(name)()
