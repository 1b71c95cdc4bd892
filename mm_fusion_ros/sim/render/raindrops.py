# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Rain before a lens, and drops on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.render.weather import Weather

_WIPED_S = 2.5  # drops stay so long
_STREAK_BRIGHTNESS = .10  # as a share of the mean of the picture


def fallen(
    light: NDArray[np.float32], weather: Weather, time_s: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Give the light (H, W, 3) that gets through the rain, if there is any."""
    if weather.rain_mmph <= 0.0:
        return light
    _add_streaks(light, weather.rain_mmph, rng)
    drops = np.random.default_rng([weather.seed, int(time_s / _WIPED_S)])
    return _through_drops(light, weather.rain_mmph, drops)


def _add_streaks(
    light: NDArray[np.float32], rain_mmph: float, rng: np.random.Generator
) -> None:
    """Draw falling drops, faint lines that cover a few pixels."""
    height, width = light.shape[:2]
    count = int(np.clip(14.0 * rain_mmph, 20, 300) * width / 640)
    layer = np.zeros((height, width), np.uint8)
    starts = rng.uniform(0, (width, height), (count, 2))
    lengths = rng.gamma(3.0, height * .018, count)
    tilts = rng.normal(rng.normal(0.0, .05), .04, count)
    ends = starts + np.stack([lengths * tilts, lengths], axis=1)
    for start, end, strength in zip(
            np.rint(starts * 8).astype(int).tolist(), np.rint(ends * 8).astype(int).tolist(),
            rng.integers(50, 220, count).tolist(), strict=True):
        cv2.line(layer, start, end, strength, 1, cv2.LINE_AA, 3)
    glint = light.mean(axis=(0, 1)) * np.float32(_STREAK_BRIGHTNESS / 255.0)
    light += cv2.merge([layer.astype(np.float32) * channel for channel in glint])


def _through_drops(
    light: NDArray[np.float32], rain_mmph: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Bend the light in each drop: it shows the scene upside down, small and out of focus."""
    height, width = light.shape[:2]
    count = rng.poisson(np.clip(.8 * rain_mmph, 2, 9))
    for _ in range(count):
        radius = float(np.clip(rng.gamma(4.0, height * .007), 3.0, height * .08))
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        left, top = max(int(x - radius), 0), max(int(y - radius), 0)
        right, low = min(int(x + radius) + 1, width), min(int(y + radius) + 1, height)
        v, u = np.mgrid[top:low, left:right].astype(np.float32)
        across, down = (u - np.float32(x)) / radius, (v - np.float32(y)) / radius
        square = across**2 + down**2
        map_u = np.float32(x) - across * np.float32(3.0 * radius)
        map_v = np.float32(y) - down * np.float32(3.0 * radius)
        bent = cv2.remap(light, map_u, map_v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        bent = cv2.blur(bent, (5, 5))
        cover = np.clip((1.0 - square) * 2.5, 0.0, .85)[..., None]
        part = light[top:low, left:right]
        part += cover * (bent * (1.05 - .5 * square[..., None] + .25 * down[..., None]) - part)
    return light
