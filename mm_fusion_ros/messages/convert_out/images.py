# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Builds sensor_msgs Image and CompressedImage."""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

import cv2
import numpy as np

from mm_fusion_ros.messages.convert_out.common import header

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.messages.message_types import MessageTypes


def from_pixels(
    pixels: NDArray[np.uint8], stamp_ns: int, frame_id: str, types: MessageTypes
) -> Any:
    """
    Build an Image from RGB pixels (H, W, 3).

    Pixels that are a reversed view on BGR bytes become bgr8, all others rgb8: neither is copied
    unless it has to be.
    """
    height, width, channels = pixels.shape
    is_bgr = pixels[:, :, ::-1].flags.c_contiguous
    contiguous = np.ascontiguousarray(pixels[:, :, ::-1] if is_bgr else pixels)
    return types.Image(
        header=header(stamp_ns, frame_id, types),
        height=height,
        width=width,
        encoding='bgr8' if is_bgr else 'rgb8',
        is_bigendian=0,
        step=width * channels,
        data=types.bytes_field(contiguous.reshape(-1)),
    )


def from_depth(
    depth_m: NDArray[np.float32], stamp_ns: int, frame_id: str, types: MessageTypes
) -> Any:
    """Build a depth Image (H, W), m along the optical axis, infinite where there is nothing."""
    height, width = depth_m.shape
    return types.Image(
        header=header(stamp_ns, frame_id, types),
        height=height,
        width=width,
        encoding='32FC1',
        is_bigendian=0,
        step=width * depth_m.itemsize,
        data=types.bytes_field(np.ascontiguousarray(depth_m).reshape(-1).view(np.uint8)),
    )


def from_jpeg(data: bytes, stamp_ns: int, frame_id: str, types: MessageTypes) -> Any:
    """Build a CompressedImage from the bytes of a jpeg file."""
    return types.CompressedImage(
        header=header(stamp_ns, frame_id, types),
        format='jpeg',
        data=types.bytes_field(np.frombuffer(data, np.uint8)),
    )


def compressed_from_pixels(
    pixels: NDArray[np.uint8], stamp_ns: int, frame_id: str, quality: int, types: MessageTypes
) -> Any:
    """Build a jpeg CompressedImage from RGB pixels (H, W, 3); quality is 1 to 100."""
    bgr = np.ascontiguousarray(pixels[:, :, ::-1])
    _, data = cv2.imencode('.jpg', bgr, (cv2.IMWRITE_JPEG_QUALITY, quality))
    return from_jpeg(data.tobytes(), stamp_ns, frame_id, types)
