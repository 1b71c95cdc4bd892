# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Reads sensor_msgs Image and CompressedImage as RGB pixels, as a view on the message where it can.

Color conversion and decoding are OpenCV's. No resizing and no rectification.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TYPE_CHECKING

import cv2
import numpy as np

from mm_fusion_ros.data_types import CameraImage
from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.messages.convert_in.compressed_images import decode_image, MAX_PIXELS
from mm_fusion_ros.messages.convert_in.fields import read_header, view_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray

# OpenCV names a Bayer pattern by its second row, ROS by its first: rggb is OpenCV's BG.
_BAYER_CODES = {
    'bayer_rggb8': cv2.COLOR_BayerBG2RGB,
    'bayer_bggr8': cv2.COLOR_BayerRG2RGB,
    'bayer_gbrg8': cv2.COLOR_BayerGR2RGB,
    'bayer_grbg8': cv2.COLOR_BayerGB2RGB,
}
_YUV422_CODES = {
    'yuv422': cv2.COLOR_YUV2RGB_UYVY,
    'uyvy': cv2.COLOR_YUV2RGB_UYVY,
    'yuv422_yuy2': cv2.COLOR_YUV2RGB_YUY2,
    'yuyv': cv2.COLOR_YUV2RGB_YUY2,
}
_YUV420_CODES = {'nv12': cv2.COLOR_YUV2RGB_NV12, 'nv21': cv2.COLOR_YUV2RGB_NV21}
# Where R, G and B are among the interleaved bytes of a pixel; 8UC3 is BGR, OpenCV's own order.
_RGB_SLICES = {
    'rgb8': slice(0, 3),
    'rgba8': slice(0, 3),
    'bgr8': slice(2, None, -1),
    'bgra8': slice(2, None, -1),
    '8UC3': slice(2, None, -1),
}
_BYTES_PER_PIXEL = {
    'mono8': 1,
    '8UC1': 1,
    'mono16': 2,
    'rgb8': 3,
    'bgr8': 3,
    '8UC3': 3,
    'rgba8': 4,
    'bgra8': 4,
    **dict.fromkeys(_BAYER_CODES, 1),
    **dict.fromkeys(_YUV422_CODES, 2),
    **dict.fromkeys(_YUV420_CODES, 1),
}


def to_camera_image(message: Any, max_pixels: int = MAX_PIXELS) -> CameraImage:
    """
    Read an Image or a CompressedImage.

    Parameters
    ----------
    message : sensor_msgs/Image or sensor_msgs/CompressedImage
        Image encodings: rgb8, bgr8, rgba8, bgra8, mono8, mono16, 8UC1, 8UC3, bayer_*8, yuv422
        (uyvy), yuyv (yuv422_yuy2), nv12, nv21. Compressed: jpeg, png.
    max_pixels : int
        A compressed image that claims more is refused before it is decoded.

    Returns
    -------
    CameraImage
        Pixels of interleaved encodings are a read-only view on the message. Alpha is dropped; of
        16 bits the upper 8 stay.

    Raises
    ------
    InvalidMessageError
        If the encoding is unknown, or sizes, step and data contradict each other.

    """
    stamp_ns, frame_id = read_header(message)
    if hasattr(message, 'format'):
        pixels = decode_image(view_bytes('image data', message.data), message.format, max_pixels)
    else:
        pixels = _convert(_check_layout(message))
    return CameraImage(stamp_ns, frame_id, pixels)


@dataclass(frozen=True, slots=True)
class _Layout:
    """An Image whose sizes agree: rows (height, bytes) uint8 is a view without the padding."""

    encoding: str
    width: int
    height: int
    rows: NDArray[np.uint8]
    high_byte: int  # which byte of a 16 bit number is the upper one


def _check_layout(message: Any) -> _Layout:
    encoding, width, height, step = (
        message.encoding, int(message.width), int(message.height), int(message.step),
    )
    if encoding not in _BYTES_PER_PIXEL:
        raise InvalidMessageError(
            'image encoding', f'one of {", ".join(_BYTES_PER_PIXEL)}', repr(encoding)
        )
    if width < 1 or height < 1:
        raise InvalidMessageError('image size', 'at least 1 x 1', f'{width} x {height}')
    _check_chroma(encoding, width, height)
    row_bytes = width * _BYTES_PER_PIXEL[encoding]
    if step < row_bytes:
        raise InvalidMessageError(
            'image step', f'at least {row_bytes} bytes for {width} px of {encoding}', step
        )
    num_rows = height + height // 2 if encoding in _YUV420_CODES else height
    data = view_bytes('image data', message.data)
    if len(data) < num_rows * step:
        raise InvalidMessageError(
            'image data', f'at least {num_rows} rows of {step} bytes', f'{len(data)} bytes'
        )
    rows = data[: num_rows * step].reshape(num_rows, step)[:, :row_bytes]
    return _Layout(encoding, width, height, rows, 0 if message.is_bigendian else 1)


def _check_chroma(encoding: str, width: int, height: int) -> None:
    """Check that the pixels fill the cells which share their color."""
    if (encoding in _YUV422_CODES and width % 2) or (
        encoding in _YUV420_CODES and (width % 2 or height % 2)
    ):
        raise InvalidMessageError(f'image size of {encoding}', 'even', f'{width} x {height}')
    if encoding in _BAYER_CODES and (width < 3 or height < 3):
        raise InvalidMessageError(
            f'image size of {encoding}', 'at least 3 x 3', f'{width} x {height}'
        )


def _convert(image: _Layout) -> NDArray[np.uint8]:
    """Give RGB pixels (height, width, 3)."""
    if image.encoding in _BAYER_CODES:
        return _frozen(cv2.cvtColor(image.rows, _BAYER_CODES[image.encoding]))
    if image.encoding in _YUV420_CODES:
        return _frozen(cv2.cvtColor(image.rows, _YUV420_CODES[image.encoding]))
    interleaved = image.rows.reshape(image.height, image.width, -1)
    if image.encoding in _YUV422_CODES:
        return _frozen(cv2.cvtColor(interleaved, _YUV422_CODES[image.encoding]))
    if image.encoding in _RGB_SLICES:
        return interleaved[:, :, _RGB_SLICES[image.encoding]]
    channel = image.high_byte if image.encoding == 'mono16' else 0
    grey = interleaved[:, :, channel : channel + 1]
    return np.broadcast_to(grey, (image.height, image.width, 3))


def _frozen(pixels: Any) -> NDArray[np.uint8]:
    array: NDArray[np.uint8] = np.asarray(pixels)
    array.flags.writeable = False
    return array
