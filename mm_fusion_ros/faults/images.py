# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Breaks pictures: Image of rgb8, bgr8, mono8, 8UC3 or 8UC1, and CompressedImage.
"""

from __future__ import annotations

from typing import Any, cast, TYPE_CHECKING

import cv2
import numpy as np

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.faults.kinds import FaultKind
from mm_fusion_ros.faults.pixels import exposed, flat_ground_depths, fogged, mixed, with_drops
from mm_fusion_ros.messages.convert_in import to_camera_image

if TYPE_CHECKING:
    from collections.abc import Callable

    from mm_fusion_ros.faults.draw import Draw
    from mm_fusion_ros.faults.pixels import Pixels

_CHANNELS = {'rgb8': 3, 'bgr8': 3, '8UC3': 3, 'mono8': 1, '8UC1': 1}
_JPEG_QUALITY = 90
_MAX_SIDE_PX = 2**15 - 2  # that OpenCV can warp
_COVER_GREY = 12.0


def break_image(message: Any, draw: Draw) -> None:
    """
    Break the picture of a message, which is changed.

    Raises
    ------
    InvalidMessageError
        If it is of another encoding, or contradicts itself.

    """
    if hasattr(message, 'format'):
        _break_file(message, draw)
        return
    if message.encoding not in _CHANNELS:
        raise InvalidMessageError(
            'image encoding', f'one of {", ".join(_CHANNELS)}', repr(message.encoding))
    to_camera_image(message)  # checks sizes
    channels = _CHANNELS[message.encoding]
    rows = np.array(message.data[:message.height * message.step]).reshape(message.height, -1)
    used = rows[:, :message.width * channels]
    pixels = np.ascontiguousarray(used).reshape(message.height, message.width, channels)
    used[:] = _broken(pixels, draw).reshape(used.shape)
    message.data = rows.reshape(-1)


def _break_file(message: Any, draw: Draw) -> None:
    is_png = bytes(message.data[:4]) == b'\x89PNG'
    stored = cv2.imdecode(np.frombuffer(message.data, np.uint8), cv2.IMREAD_UNCHANGED)
    pixels = np.ascontiguousarray(to_camera_image(message).pixels[..., ::-1])
    if stored is None or stored.dtype != np.uint8:
        found = 'none' if stored is None else stored.dtype
        raise InvalidMessageError('compressed image', '8 bits per channel', found)
    broken = _broken(pixels, draw)
    if stored.ndim == 2:
        broken = cast('Pixels', cv2.cvtColor(broken, cv2.COLOR_BGR2GRAY))
    options = () if is_png else (cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY)
    _, message.data = cv2.imencode('.png' if is_png else '.jpg', broken, options)
    message.data = message.data.reshape(-1)


def _broken(pixels: Pixels, draw: Draw) -> Pixels:
    if max(pixels.shape) > _MAX_SIDE_PX:
        raise InvalidMessageError('image', f'sides of up to {_MAX_SIDE_PX} px', pixels.shape[:2])
    return _CHANGES[draw.fault.what](pixels, draw)


def _blur(pixels: Pixels, draw: Draw) -> Pixels:
    if draw.fault.magnitude <= 0.0:
        return pixels
    return cast('Pixels', cv2.GaussianBlur(pixels, (0, 0), draw.fault.magnitude))


def _darken(pixels: Pixels, draw: Draw) -> Pixels:
    return exposed(pixels, 1.0 - draw.fault.magnitude)


def _overexpose(pixels: Pixels, draw: Draw) -> Pixels:
    return exposed(pixels, draw.fault.magnitude)


def _fog(pixels: Pixels, draw: Draw) -> Pixels:
    """Mix with the light of fog, as far away as flat ground is in a level camera."""
    return fogged(pixels, flat_ground_depths(*pixels.shape[:2]), draw.fault.magnitude)


def _lens_blocked(pixels: Pixels, draw: Draw) -> Pixels:
    """Cover the left share of the width; what is on the lens has no sharp edge."""
    width, share = pixels.shape[1], draw.fault.magnitude
    edge = share * width
    softness = 0.03 * width * min(1.0, 4.0 * share, 4.0 * (1.0 - share))
    cover = np.clip((edge - np.arange(width) - 0.5) / max(softness, 1e-6) + 0.5, 0.0, 1.0)
    return mixed(pixels, np.float32(_COVER_GREY), cover.astype(np.float32)[None, :, None])


def _rain_drops(pixels: Pixels, draw: Draw) -> Pixels:
    fault = draw.fault
    return with_drops(pixels, (fault.seed, fault.number), round(fault.magnitude))


_CHANGES: dict[FaultKind, Callable[[Pixels, Draw], Pixels]] = {
    FaultKind.BLUR: _blur,
    FaultKind.DARKEN: _darken,
    FaultKind.OVEREXPOSE: _overexpose,
    FaultKind.RAIN_DROPS: _rain_drops,
    FaultKind.FOG: _fog,
    FaultKind.LENS_BLOCKED: _lens_blocked,
}
