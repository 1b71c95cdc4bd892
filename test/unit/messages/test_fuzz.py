# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Whatever is in a message, a converter gives a result or an InvalidMessageError.

And it allocates no more than four times the message: decoding compressed images, which is
OpenCV's, excepted; their size is checked before.
"""

from __future__ import annotations

import contextlib
import tracemalloc
from typing import Any, TYPE_CHECKING
import warnings

import cv2
from hypothesis import given
from hypothesis import strategies as st
from message_samples import BAG_SAMPLES, lidar_points
import numpy as np
import pytest

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.bags.typestore import TYPESTORE
from mm_fusion_ros.data_types import Boxes3D
from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.messages.convert_in import (
    PointTimeSettings,
    to_boxes,
    to_camera_image,
    to_camera_model,
    to_ego_pose,
    to_gnss_fix,
    to_imu_sample,
    to_lidar_sweep,
    to_transform,
    to_twist,
)
from mm_fusion_ros.messages.convert_in.images import _BYTES_PER_PIXEL
from mm_fusion_ros.messages.convert_out import from_boxes

if TYPE_CHECKING:
    from collections.abc import Callable

CONSTANT_BYTES = 200_000  # what small objects and error texts take

ENCODINGS = sorted(_BYTES_PER_PIXEL)
UINT32 = (
    st.integers(0, 2**32 - 1) | st.integers(0, 64) | st.sampled_from([2**31 - 1, 2**31, 65535]))
BYTES = st.binary(max_size=400)


def jpeg() -> bytes:
    return cv2.imencode('.jpg', np.zeros((16, 16, 3), np.uint8))[1].tobytes()


def png() -> bytes:
    return cv2.imencode('.png', np.zeros((16, 16, 3), np.uint8))[1].tobytes()


BOXES = Boxes3D(np.ones((2, 3)), np.ones((2, 3)), np.zeros(2), np.ones(2, np.float32),
                np.ones(2, np.int8), ids=np.arange(2))
SAMPLES = {
    'cloud': (to_lidar_sweep, BAG_SAMPLES.cloud(lidar_points(8))),
    'image': (to_camera_image, BAG_SAMPLES.image(np.zeros((6, 24)), 'rgb8', 8, 6)),
    'jpeg': (to_camera_image, BAG_SAMPLES.compressed(jpeg())),
    'png': (to_camera_image, BAG_SAMPLES.compressed(png(), 'png')),
    'raw camera_info': (lambda m: to_camera_model(m, rectified=False), BAG_SAMPLES.camera_info()),
    'camera_info': (lambda m: to_camera_model(m, rectified=True), BAG_SAMPLES.camera_info()),
    'imu': (to_imu_sample, BAG_SAMPLES.imu()),
    'fix': (to_gnss_fix, BAG_SAMPLES.fix()),
    'twist': (to_twist, BAG_SAMPLES.twist()),
    'odometry': (to_ego_pose, BAG_SAMPLES.odometry()),
    'transform': (to_transform, BAG_SAMPLES.transform()),
    'boxes': (to_boxes, from_boxes(BOXES, 1, 'base_link', BAG_TYPES)),
}


def convert(converter: Callable[[Any], Any], message: Any) -> None:
    """Allow a result or InvalidMessageError, but no warning and no other error."""
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        with contextlib.suppress(InvalidMessageError):
            converter(message)


def convert_measured(converter: Callable[[Any], Any], message: Any) -> None:
    tracemalloc.start()
    try:
        convert(converter, message)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak <= 4 * len(message.data) + CONSTANT_BYTES


@pytest.mark.parametrize('name', SAMPLES)
@given(data=st.data())
def test_no_damaged_bytes_break_a_converter(name, data):
    converter, valid = SAMPLES[name]
    raw = bytearray(TYPESTORE.serialize_cdr(valid, valid.__msgtype__))
    positions = st.integers(4, len(raw) - 1)
    for position, value in data.draw(
        st.lists(st.tuples(positions, st.integers(0, 255)), min_size=1, max_size=12)
    ):
        raw[position] = value
    try:
        message = TYPESTORE.deserialize_cdr(bytes(raw), valid.__msgtype__)
    except Exception:  # noqa: BLE001 - the library's own refusals are not ours to judge
        return
    convert(converter, message)


@given(encoding=st.sampled_from(ENCODINGS) | st.text(max_size=5), width=UINT32, height=UINT32,
       step=UINT32, is_bigendian=st.integers(0, 255), data=BYTES)
def test_no_image_fields_break_the_converter(encoding, width, height, step, is_bigendian, data):
    message = BAG_SAMPLES.image(np.zeros((1, 1)), encoding, width, height, step=step,
                                is_bigendian=is_bigendian, data=np.frombuffer(data, np.uint8))
    convert_measured(to_camera_image, message)


@given(encoding=st.sampled_from(ENCODINGS), width=st.integers(1, 9), height=st.integers(1, 9),
       padding=st.integers(0, 3))
def test_no_small_image_breaks_the_converter(encoding, width, height, padding):
    step = width * _BYTES_PER_PIXEL[encoding] + padding
    rows = np.full((height + height // 2, step), 128, np.uint8)
    convert_measured(to_camera_image, BAG_SAMPLES.image(rows, encoding, width, height))


FIELDS = st.lists(st.builds(
    BAG_TYPES.PointField,
    name=st.sampled_from(['x', 'y', 'z', 'intensity', 'i', 'ring', 't', 'time', 'timestamp', '_']),
    offset=st.integers(0, 40) | UINT32, datatype=st.integers(0, 11), count=st.integers(0, 2),
), max_size=8)
XYZ = [
    BAG_TYPES.PointField(name=n, offset=4 * k, datatype=7, count=1) for k, n in enumerate('xyz')]
SHAPES = st.fixed_dictionaries({
    'width': st.integers(0, 9) | UINT32, 'height': st.integers(0, 3) | UINT32,
    'point_step': st.integers(0, 40) | UINT32, 'is_bigendian': st.booleans()})


@given(first=st.sampled_from([[], XYZ]), fields=FIELDS, shape=SHAPES, padding=st.integers(0, 4),
       data=st.data())
def test_no_cloud_fields_break_the_converter(first, fields, shape, padding, data):
    row_step = shape['width'] * shape['point_step'] + padding
    row_step = row_step if row_step < 4000 else data.draw(UINT32)
    length = shape['height'] * row_step
    length = length if length < 4000 else 100
    content = data.draw(st.binary(min_size=length, max_size=length))
    message = BAG_SAMPLES.make(
        'sensor_msgs/msg/PointCloud2', header=BAG_SAMPLES.header(), fields=first + fields,
        row_step=row_step, data=np.frombuffer(content, np.uint8), **shape)
    convert_measured(to_lidar_sweep, message)


@given(data=BYTES, text=st.text(max_size=8),
       start=st.sampled_from([b'', b'\xff\xd8\xff', png()[:33]]),
       end=st.sampled_from([b'', b'\xff\xd9', png()[-12:]]))
def test_no_compressed_bytes_break_the_converter(data, text, start, end):
    convert(lambda message: to_camera_image(message, max_pixels=10_000),
            BAG_SAMPLES.compressed(start + data + end, text))


NUMBERS = st.floats() | st.sampled_from([0.0, 1.0, -1.0, 1e308])


@given(numbers=st.lists(NUMBERS, min_size=31, max_size=31))
def test_no_numbers_break_an_imu_or_a_camera_info(numbers):
    numbers = np.array(numbers)
    convert(to_imu_sample, BAG_SAMPLES.imu(
        orientation=BAG_SAMPLES.quaternion(*numbers[:4]),
        orientation_covariance=numbers[4:13],
        angular_velocity=BAG_SAMPLES.vector(*numbers[13:16]),
        angular_velocity_covariance=numbers[16:25]))
    info = BAG_SAMPLES.camera_info(k=numbers[:9], d=numbers[9:14], p=numbers[14:26])
    for rectified in (False, True):
        convert(lambda message, r=rectified: to_camera_model(message, r), info)


@pytest.mark.parametrize('num_points', [1, 20_000])
@pytest.mark.parametrize('spoilt', [0.0, 0.5])
def test_a_real_cloud_takes_at_most_four_times_its_size(num_points, spoilt):
    points = lidar_points(num_points)
    points['x'][: int(num_points * spoilt)] = np.nan
    message = BAG_SAMPLES.cloud(points)
    convert_measured(lambda m: to_lidar_sweep(m, PointTimeSettings()), message)


@pytest.mark.parametrize('encoding', ENCODINGS)
def test_a_real_image_takes_at_most_four_times_its_size(encoding):
    rows = np.zeros((480 * 3 // 2, 640 * _BYTES_PER_PIXEL[encoding]), np.uint8)
    convert_measured(to_camera_image, BAG_SAMPLES.image(rows, encoding, 640, 480))
