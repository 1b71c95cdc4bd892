# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Decodes jpeg and png bytes, after their own header was found plausible."""

from __future__ import annotations

from typing import cast, TYPE_CHECKING

import cv2
import numpy as np

from mm_fusion_ros.errors import InvalidMessageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_PIXELS = 50_000_000

_JPEG_START = b'\xff\xd8'
_JPEG_END = b'\xff\xd9'
_PNG_START = b'\x89PNG\r\n\x1a\n\0\0\0\rIHDR'
_PNG_END = b'IEND\xaeB\x60\x82'
_JPEG_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MAX_JPEG_SEGMENTS = 1000
_TAIL_BYTES = 65536  # padding that some cameras append


def decode_image(data: NDArray[np.uint8], text: str, max_pixels: int) -> NDArray[np.uint8]:
    """
    Decode jpeg or png.

    Parameters
    ----------
    data : (N,) uint8
        The file's bytes, known by their first few; a wrong `text` does not matter.
    text : str
        The format field of the message, for error texts.
    max_pixels : int
        Larger images are refused before anything is allocated for them.

    Returns
    -------
    (H, W, 3) uint8
        RGB, not turned by an EXIF orientation: CameraInfo describes the image as stored.

    Raises
    ------
    InvalidMessageError
        If the data is of another format, truncated, corrupt or too large.

    """
    width, height = _check_file(data, text)
    if not 0 < width * height <= max_pixels:
        raise InvalidMessageError(
            'compressed image size', f'1 to {max_pixels} pixels', f'{width} x {height}'
        )
    try:
        bgr = cv2.imdecode(data, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:
        bgr = None
    if bgr is None or bgr.shape != (height, width, 3) or bgr.dtype != np.uint8:
        raise InvalidMessageError(
            'compressed image data', f'{width} x {height} px of format {text!r}', 'corrupt data'
        )
    return cast('NDArray[np.uint8]', bgr[:, :, ::-1])


def _check_file(data: NDArray[np.uint8], text: str) -> tuple[int, int]:
    """Give width and height of a file that starts and ends as it should."""
    if 'compressedDepth' in text:
        raise InvalidMessageError('compressed image format', 'a jpeg or png color image', text)
    start = data[: len(_PNG_START)].tobytes()
    tail = data[-_TAIL_BYTES:].tobytes().rstrip(b'\0')
    if start.startswith(_JPEG_START):
        size, is_complete = _jpeg_size(data), tail.endswith(_JPEG_END)
    elif start == _PNG_START and len(data) >= 24:
        fields = data[16:24].view('>u4')
        size, is_complete = (int(fields[0]), int(fields[1])), tail.endswith(_PNG_END)
    else:
        raise InvalidMessageError(
            'compressed image data',
            'jpeg or png',
            f'{len(data)} bytes starting with {start[:8]!r} of format {text!r}',
        )
    if not is_complete:
        raise InvalidMessageError(
            'compressed image data', 'a complete file', f'{len(data)} bytes without its end marker'
        )
    return size


def _jpeg_size(data: NDArray[np.uint8]) -> tuple[int, int]:
    """Walk the segments of a jpeg file to its frame header. Source: ITU-T T.81, annex B."""
    position = len(_JPEG_START)
    for _ in range(_MAX_JPEG_SEGMENTS):
        segment = data[position : position + 9].tolist()
        if len(segment) < 9 or segment[0] != 0xFF:
            break
        marker, length = segment[1], segment[2] << 8 | segment[3]
        if marker in _JPEG_FRAME_MARKERS:
            return segment[7] << 8 | segment[8], segment[5] << 8 | segment[6]
        position += 1 if marker == 0xFF else 2 + length  # 0xFF: fill byte
    raise InvalidMessageError('compressed image data', 'a jpeg frame header', 'none')
