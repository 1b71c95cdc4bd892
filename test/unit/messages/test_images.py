# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Every image encoding gives the RGB pixels it was made from."""

from __future__ import annotations

import cv2
from hypothesis import given
from hypothesis import strategies as st
from message_samples import BAG_SAMPLES, STAMP_NS
import numpy as np
import pytest

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.messages.convert_in import to_camera_image

RGB = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
ALPHA = np.full((6, 8, 1), 7, np.uint8)
GREY = RGB[:, :, :1]


def padded(pixels: np.ndarray, padding: int) -> np.ndarray:
    rows = pixels.reshape(len(pixels), -1)
    return np.pad(rows, ((0, 0), (0, padding)), constant_values=99)


@pytest.mark.parametrize('padding', [0, 5])
@pytest.mark.parametrize(('encoding', 'pixels', 'expected'), [
    ('rgb8', RGB, RGB),
    ('bgr8', RGB[:, :, ::-1], RGB),
    ('8UC3', RGB[:, :, ::-1], RGB),
    ('rgba8', np.dstack([RGB, ALPHA]), RGB),
    ('bgra8', np.dstack([RGB[:, :, ::-1], ALPHA]), RGB),
    ('mono8', GREY, GREY.repeat(3, 2)),
    ('8UC1', GREY, GREY.repeat(3, 2)),
])
def test_an_interleaved_image_is_a_view_on_the_message(encoding, pixels, expected, padding):
    message = BAG_SAMPLES.image(padded(pixels, padding), encoding, 8, 6)
    image = to_camera_image(message)
    np.testing.assert_array_equal(image.pixels, expected)
    assert (image.stamp_ns, image.frame_id) == (STAMP_NS, 'sensor')
    assert np.shares_memory(image.pixels, message.data)
    assert not image.pixels.flags.writeable
    assert message.data.flags.writeable


@pytest.mark.parametrize('is_bigendian', [0, 1])
def test_of_16_bits_the_upper_8_stay(is_bigendian):
    values = np.random.default_rng(1).integers(0, 65536, (6, 8))
    values = values.astype('>u2' if is_bigendian else '<u2')
    message = BAG_SAMPLES.image(padded(values.view(np.uint8), 3), 'mono16', 8, 6,
                                is_bigendian=is_bigendian)
    pixels = to_camera_image(message).pixels
    np.testing.assert_array_equal(pixels, (values >> 8).astype(np.uint8)[..., None].repeat(3, 2))


@pytest.mark.parametrize('pattern', ['rggb', 'bggr', 'gbrg', 'grbg'])
def test_a_bayer_mosaic_of_one_color_gives_that_color(pattern):
    color = {'r': 200, 'g': 120, 'b': 30}
    cell = np.array([color[c] for c in pattern], np.uint8).reshape(2, 2)
    mosaic = np.tile(cell, (6, 8))
    message = BAG_SAMPLES.image(padded(mosaic, 4), f'bayer_{pattern}8', 16, 12)
    pixels = to_camera_image(message).pixels
    np.testing.assert_array_equal(pixels, np.broadcast_to((200, 120, 30), (12, 16, 3)))


def smooth_yuv() -> tuple[np.ndarray, np.ndarray]:
    rgb = np.empty((12, 16, 3), np.uint8)
    rgb[:, :8], rgb[:, 8:] = (200, 40, 60), (20, 90, 220)
    return rgb, cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420)  # (18, 16): Y, U, V planes


def packed_yuv(encoding: str) -> np.ndarray:
    _, planes = smooth_yuv()
    y = planes[:12]
    u, v = planes[12:15].reshape(6, 8), planes[15:].reshape(6, 8)
    if encoding in ('nv12', 'nv21'):
        first, second = (u, v) if encoding == 'nv12' else (v, u)
        return np.vstack([y, np.dstack([first, second]).reshape(6, 16)])
    u, v = u.repeat(2, 0), v.repeat(2, 0)
    if encoding in ('yuyv', 'yuv422_yuy2'):
        return np.dstack([y[:, ::2], u, y[:, 1::2], v]).reshape(12, 32)
    return np.dstack([u, y[:, ::2], v, y[:, 1::2]]).reshape(12, 32)


@pytest.mark.parametrize('padding', [0, 6])
@pytest.mark.parametrize(
    'encoding', ['yuv422', 'uyvy', 'yuyv', 'yuv422_yuy2', 'nv12', 'nv21'])
def test_a_yuv_image_gives_its_colors(encoding, padding):
    rgb, _ = smooth_yuv()
    message = BAG_SAMPLES.image(padded(packed_yuv(encoding), padding), encoding, 16, 12)
    error = to_camera_image(message).pixels.astype(int) - rgb
    assert np.abs(error).max() <= 6


@pytest.mark.parametrize(('fields', 'text'), [
    ({'encoding': '32FC1'}, r"image encoding: expected one of .*, got '32FC1'"),
    ({'width': 0}, 'image size: expected at least 1 x 1, got 0 x 6'),
    ({'width': 4_000_000_000}, 'image step: expected at least 12000000000 bytes'),
    ({'height': 4_000_000_000}, 'image data: expected at least 4000000000 rows of 24 bytes'),
    ({'step': 23}, 'image step: expected at least 24 bytes for 8 px of rgb8, got 23'),
    ({'step': 25}, 'image data: expected at least 6 rows of 25 bytes, got 144 bytes'),
    ({'data': np.empty(0, np.uint8)}, 'image data: .* got 0 bytes'),
    ({'data': [1, 2]}, 'image data: expected a buffer of bytes, got list'),
    ({'encoding': 'yuyv', 'width': 7}, 'image size of yuyv: expected even, got 7 x 6'),
    ({'encoding': 'nv12', 'height': 5}, 'image size of nv12: expected even, got 8 x 5'),
    ({'encoding': 'bayer_rggb8', 'width': 2}, 'at least 3 x 3, got 2 x 6'),
])
def test_an_image_that_contradicts_itself_is_refused(fields, text):
    message = BAG_SAMPLES.image(padded(RGB, 0), 'rgb8', 8, 6)
    for name, value in fields.items():
        setattr(message, name, value)
    with pytest.raises(InvalidMessageError, match=text):
        to_camera_image(message)


@given(width=st.integers(1, 40), height=st.integers(1, 40), padding=st.integers(0, 7),
       seed=st.integers(0, 9))
def test_bgr_and_rgb_of_any_size_agree(width, height, padding, seed):
    rgb = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    as_rgb = to_camera_image(BAG_SAMPLES.image(padded(rgb, padding), 'rgb8', width, height))
    as_bgr = to_camera_image(
        BAG_SAMPLES.image(padded(rgb[:, :, ::-1], padding), 'bgr8', width, height))
    np.testing.assert_array_equal(as_rgb.pixels, rgb)
    np.testing.assert_array_equal(as_bgr.pixels, rgb)
