# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Breaks pictures: Image of rgb8, bgr8, mono8, 8UC3 or 8UC1, and CompressedImage.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast, TYPE_CHECKING

import cv2
import numpy as np

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.faults.kinds import CONTRAST_SEEN, FaultKind
from mm_fusion_ros.messages.convert_in import to_camera_image

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from numpy.typing import NDArray

    from mm_fusion_ros.faults.draw import Draw

    Pixels: TypeAlias = NDArray[np.uint8]  # (H, W, C), in the channels' own order

_CHANNELS = {'rgb8': 3, 'bgr8': 3, '8UC3': 3, 'mono8': 1, '8UC1': 1}
_JPEG_QUALITY = 90
_MAX_SIDE_PX = 2**15 - 2  # that OpenCV can warp
_GAMMA = 2.2
_COVER_GREY = 12.0
_FOG_GREY = 200.0
_CAMERA_HEIGHT_M = 1.6
_FOCAL_WIDTHS = 0.8  # focal length of a usual camera, in widths of its image
_MAX_DEPTH_M = 1000.0
_MAX_DROP_SHARE = 0.06  # of the height


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
    return _exposed(pixels, 1.0 - draw.fault.magnitude)


def _overexpose(pixels: Pixels, draw: Draw) -> Pixels:
    return _exposed(pixels, draw.fault.magnitude)


def _exposed(pixels: Pixels, factor: float) -> Pixels:
    """Multiply the light, of which a pixel's value is the root."""
    values = np.arange(256) * factor ** (1.0 / _GAMMA)
    return cast('Pixels', cv2.LUT(pixels, np.minimum(np.rint(values), 255.0).astype(np.uint8)))


def _fog(pixels: Pixels, draw: Draw) -> Pixels:
    """Mix with the light of fog, as far away as flat ground is in a level camera."""
    height, width = pixels.shape[:2]
    below_horizon = np.arange(height) + 0.5 - height / 2
    depths = _CAMERA_HEIGHT_M * _FOCAL_WIDTHS * width / np.maximum(below_horizon, 1e-3)
    depths = np.minimum(depths, _MAX_DEPTH_M)
    seen = (CONTRAST_SEEN ** (depths / draw.fault.magnitude)).astype(np.float32)[:, None, None]
    return _mixed(pixels, np.float32(_FOG_GREY), 1.0 - seen)


def _lens_blocked(pixels: Pixels, draw: Draw) -> Pixels:
    """Cover the left share of the width; what is on the lens has no sharp edge."""
    width, share = pixels.shape[1], draw.fault.magnitude
    edge = share * width
    softness = 0.03 * width * min(1.0, 4.0 * share, 4.0 * (1.0 - share))
    cover = np.clip((edge - np.arange(width) - 0.5) / max(softness, 1e-6) + 0.5, 0.0, 1.0)
    return _mixed(pixels, np.float32(_COVER_GREY), cover.astype(np.float32)[None, :, None])


def _rain_drops(pixels: Pixels, draw: Draw) -> Pixels:
    height, width = pixels.shape[:2]
    fault = draw.fault
    map_u, map_v, cover = _drops((fault.seed, fault.number), round(fault.magnitude), height, width)
    bent = cv2.remap(pixels, map_u, map_v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    bent = cv2.blur(bent, (5, 5)).reshape(pixels.shape)
    return _mixed(pixels, bent.astype(np.float32), cover[..., None])


@lru_cache(maxsize=4)
def _drops(
    seed: tuple[int, int], count: int, height: int, width: int
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """
    Lay drops on a lens; they stay where they are.

    Each shows the scene upside down and small.

    Returns
    -------
    map_u, map_v, cover : (H, W) float32
        Where the light of each pixel comes from, px, and how much of it a drop sends.

    """
    rng = np.random.default_rng(seed)
    map_v, map_u = np.mgrid[:height, :width].astype(np.float32)
    cover = np.zeros((height, width), np.float32)
    for _ in range(count):
        radius = float(np.clip(rng.gamma(4.0, height * 0.006), 2.0, height * _MAX_DROP_SHARE))
        x, y = rng.uniform((0.0, 0.0), (width, height)).tolist()
        rows = slice(max(int(y - radius), 0), int(y + radius) + 1)
        columns = slice(max(int(x - radius), 0), int(x + radius) + 1)
        v, u = np.mgrid[rows, columns][:, :height - rows.start, :width - columns.start]
        square = ((u - x)**2 + (v - y)**2) / radius**2
        inside = square < 1.0
        map_u[rows, columns][inside] = (x - 3.0 * (u - x))[inside]
        map_v[rows, columns][inside] = (y - 3.0 * (v - y))[inside]
        cover[rows, columns] = np.maximum(
            cover[rows, columns], np.clip((1.0 - square) * 2.5, 0.0, 0.9))
    return map_u, map_v, cover


def _mixed(pixels: Pixels, other: Any, share: Any) -> Pixels:
    """Replace a share (broadcast over the picture) of each pixel by another one."""
    mixed = pixels + share * (other - pixels.astype(np.float32))
    return cast('Pixels', np.rint(mixed).astype(np.uint8))


_CHANGES: dict[FaultKind, Callable[[Pixels, Draw], Pixels]] = {
    FaultKind.BLUR: _blur,
    FaultKind.DARKEN: _darken,
    FaultKind.OVEREXPOSE: _overexpose,
    FaultKind.RAIN_DROPS: _rain_drops,
    FaultKind.FOG: _fog,
    FaultKind.LENS_BLOCKED: _lens_blocked,
}
