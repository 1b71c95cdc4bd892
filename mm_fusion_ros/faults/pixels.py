# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What light, fog and water do to a picture.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from mm_fusion_ros.faults.kinds import CONTRAST_SEEN

Pixels: TypeAlias = NDArray[np.uint8]  # (H, W, C), in the channels' own order

_GAMMA = 2.2
_FOG_GREY = 200.0
_CAMERA_HEIGHT_M = 1.6
_FOCAL_WIDTHS = 0.8  # focal length of a usual camera, in widths of its image
_MAX_DEPTH_M = 1000.0
_MAX_DROP_SHARE = 0.06  # of the height


def exposed(pixels: Pixels, factor: float) -> Pixels:
    """Multiply the light, of which a pixel's value is the root."""
    values = np.arange(256) * factor ** (1.0 / _GAMMA)
    return cast('Pixels', cv2.LUT(pixels, np.minimum(np.rint(values), 255.0).astype(np.uint8)))


def flat_ground_depths(height: int, width: int) -> NDArray[np.float64]:
    """Give the depth of each row (H, 1), m, in a level camera over flat ground."""
    below_horizon = np.arange(height) + 0.5 - height / 2
    depths = _CAMERA_HEIGHT_M * _FOCAL_WIDTHS * width / np.maximum(below_horizon, 1e-3)
    limited: NDArray[np.float64] = np.minimum(depths, _MAX_DEPTH_M)[:, None]
    return limited


def fogged(pixels: Pixels, depths_m: NDArray[np.floating[Any]], sight_m: float) -> Pixels:
    """Mix with the light of fog by how far away things are: (H, W) or (H, 1), m."""
    seen = (CONTRAST_SEEN ** (depths_m / sight_m)).astype(np.float32)[..., None]
    return mixed(pixels, np.float32(_FOG_GREY), 1.0 - seen)


def with_drops(pixels: Pixels, seed: tuple[int, ...], count: int) -> Pixels:
    """Look through as many drops on the lens, whose places and sizes follow from the seed."""
    height, width = pixels.shape[:2]
    map_u, map_v, cover = _drops(seed, count, height, width)
    bent = cv2.remap(pixels, map_u, map_v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    bent = cv2.blur(bent, (5, 5)).reshape(pixels.shape)
    return mixed(pixels, bent.astype(np.float32), cover[..., None])


@lru_cache(maxsize=4)
def _drops(
    seed: tuple[int, ...], count: int, height: int, width: int
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


def mixed(pixels: Pixels, other: Any, share: Any) -> Pixels:
    """Replace a share (broadcast over the picture) of each pixel by another one."""
    mixed = pixels + share * (other - pixels.astype(np.float32))
    return cast('Pixels', np.rint(mixed).astype(np.uint8))
