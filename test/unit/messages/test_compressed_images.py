# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Compressed images are decoded only if their header is plausible and their end is there."""

from __future__ import annotations

import struct

import cv2
from message_samples import BAG_SAMPLES
import numpy as np
import pytest

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.messages.convert_in import to_camera_image

RGB = cv2.resize(np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8), (80, 60))


def encode(extension: str, rgb: np.ndarray = RGB, *options: int) -> bytes:
    bgr = rgb[:, :, [2, 1, 0, *range(3, rgb.shape[2])]] if rgb.ndim == 3 else rgb
    return cv2.imencode(extension, bgr, options)[1].tobytes()


JPEG, PNG = encode('.jpg'), encode('.png')
PROGRESSIVE = encode('.jpg', RGB, cv2.IMWRITE_JPEG_PROGRESSIVE, 1)


def claiming(data: bytes, width: int, height: int) -> bytes:
    if data.startswith(b'\x89PNG'):
        return data[:16] + struct.pack('>II', width, height) + data[24:]
    at = data.index(b'\xff\xc0') + 5
    return data[:at] + struct.pack('>HH', height, width) + data[at + 4:]


@pytest.mark.parametrize(('data', 'text'), [
    (JPEG, 'jpeg'), (JPEG, 'rgb8; jpeg compressed bgr8'), (PNG, 'bgr8; png compressed bgr8'),
    (PNG, 'jpeg'), (PROGRESSIVE, 'jpeg'), (JPEG + bytes(100), 'jpeg'),
])
def test_jpeg_and_png_give_rgb_pixels(data, text):
    pixels = to_camera_image(BAG_SAMPLES.compressed(data, text)).pixels
    limit = 0 if data is PNG else 12
    assert np.abs(pixels.astype(int) - RGB).mean() <= limit
    assert pixels.dtype == np.uint8


def test_a_png_with_16_bits_and_alpha_becomes_8_bit_rgb():
    deep = np.dstack([RGB, RGB[:, :, :1]]).astype(np.uint16) * 257
    pixels = to_camera_image(BAG_SAMPLES.compressed(encode('.png', deep), 'png')).pixels
    np.testing.assert_array_equal(pixels, RGB)


def test_a_grey_jpeg_becomes_rgb():
    pixels = to_camera_image(BAG_SAMPLES.compressed(encode('.jpg', RGB[:, :, 0]))).pixels
    assert pixels.shape == (60, 80, 3)
    np.testing.assert_array_equal(pixels[..., 0], pixels[..., 2])


def test_an_exif_orientation_does_not_turn_the_image():
    exif = b'Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0'
    data = JPEG[:2] + b'\xff\xe1' + struct.pack('>H', len(exif) + 2) + exif + JPEG[2:]
    assert cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape == (80, 60, 3)
    assert to_camera_image(BAG_SAMPLES.compressed(data)).pixels.shape == (60, 80, 3)


@pytest.mark.parametrize(('data', 'text'), [
    (b'', 'expected jpeg or png, got 0 bytes'),
    (b'\xff\xd8', 'expected a jpeg frame header, got none'),
    (b'hello, I am no image', "expected jpeg or png, got 20 bytes starting with b'hello, I'"),
    (JPEG[:-2], 'expected a complete file, got .* without its end marker'),
    (JPEG[:len(JPEG) // 2], 'expected a complete file'),
    (PNG[:-4], 'expected a complete file'),
    (claiming(JPEG, 65535, 65535), 'expected 1 to 50000000 pixels, got 65535 x 65535'),
    (claiming(PNG, 2**31 - 1, 2**31 - 1), 'expected 1 to 50000000 pixels'),
    (claiming(JPEG, 0, 60), 'expected 1 to 50000000 pixels, got 0 x 60'),
    (PNG[:40] + bytes(len(PNG) - 60) + PNG[-20:], 'got corrupt data'),
])
def test_damaged_data_is_refused(data, text):
    with pytest.raises(InvalidMessageError, match=text):
        to_camera_image(BAG_SAMPLES.compressed(data))


def test_more_pixels_than_allowed_are_refused_before_decoding(monkeypatch):
    monkeypatch.setattr(cv2, 'imdecode', lambda *_: pytest.fail('decoded'))
    with pytest.raises(InvalidMessageError, match='expected 1 to 4799 pixels, got 80 x 60'):
        to_camera_image(BAG_SAMPLES.compressed(JPEG), max_pixels=4799)


def test_a_compressed_depth_image_is_named():
    with pytest.raises(InvalidMessageError, match='color image, got 16UC1; compressedDepth png'):
        to_camera_image(BAG_SAMPLES.compressed(PNG, '16UC1; compressedDepth png'))
