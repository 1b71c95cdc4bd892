# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
From the light that reaches a lens to the pixels that a camera sends.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.render.weather import Weather

_KEY = .175  # what the metered brightness is brought to
_MAX_GAIN = 24.0
_STEPS, _WHITE = 4096, 2.0  # the tone curve's resolution and end
_CROSSTALK = .88 * np.eye(3) + .12 * np.array([.3, .6, .1])  # of a sensor's colour filters
_FULL_WELL = 9000.0  # electrons at white, gain 1
_NOISE_SHIFTS = 1 << 19
_READ_NOISE = 4.0  # electrons


@dataclass(frozen=True, slots=True)
class Development:
    """
    How light becomes pixels.

    Attributes
    ----------
    exposure_ev : float
        Longer than metered, in powers of two.
    noise : float
        Multiple of that of a usual sensor.
    blur_px : float
        Deviation of a point's image, px.
    vignetting : float
        Share of the light that is lost in the corners.
    chromatic_px : float
        By how much red lies farther out than blue, in the corners, px.

    """

    exposure_ev: float
    noise: float
    blur_px: float
    vignetting: float
    chromatic_px: float

    def pixels(
        self, light: NDArray[np.float32], weather: Weather, rng: np.random.Generator | None
    ) -> NDArray[np.uint8]:
        """Turn linear radiance (H, W, 3), which is spoilt, into an image; `rng` draws noise."""
        if weather.are_lights_on:
            light = _bloomed(light)
        if self.chromatic_px > 0.0:
            light = _fringed(light, self.chromatic_px)
        if self.blur_px > 0.0:
            light = np.asarray(cv2.GaussianBlur(light, (0, 0), self.blur_px), np.float32)
        gain = _metered_gain(light)
        exposure = gain * 2.0 ** (self.exposure_ev + weather.exposure_error_ev)
        if self.vignetting > 0.0:
            light *= _falloff(light.shape[1], light.shape[0], self.vignetting)
        mixing = np.diag(weather.white_balance) @ _CROSSTALK * exposure
        light = np.asarray(cv2.transform(light, mixing), np.float32)
        if rng is not None and self.noise > 0.0:
            _add_noise(light, self.noise, gain, rng)
        light *= np.float32(_STEPS / _WHITE)
        np.clip(light, 0, _STEPS - 1, out=light)
        return np.take(_tone_curve(), light.astype(np.uint16))


def _metered_gain(light: NDArray[np.float32]) -> float:
    """Expose for the middle of the picture and below, as cars' cameras do."""
    height = light.shape[0]
    part = cv2.resize(light[height // 3:], (64, 32), interpolation=cv2.INTER_AREA)
    brightness = part @ np.array([.21, .72, .07], np.float32)
    mean = float(np.exp(np.log(np.maximum(brightness, 1e-5)).mean()))
    mean = max(mean, .35 * float(np.minimum(brightness, 30.0 * mean).mean()))
    return min(_KEY / mean, _MAX_GAIN)


def _bloomed(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Let lamps shine beyond their edges."""
    height, width = light.shape[:2]
    small = cv2.resize(light, (max(width // 4, 1), max(height // 4, 1)),
                       interpolation=cv2.INTER_AREA)
    glow = .05 * cv2.GaussianBlur(small, (0, 0), 1.5) + .03 * cv2.GaussianBlur(small, (0, 0), 6)
    light = light * np.float32(.92)
    light += cv2.resize(glow, (width, height), interpolation=cv2.INTER_LINEAR)
    return light


def _fringed(light: NDArray[np.float32], shift_px: float) -> NDArray[np.float32]:
    height, width = light.shape[:2]
    middle = np.array([(width - 1) / 2.0, (height - 1) / 2.0])
    planes = [np.asarray(plane) for plane in cv2.split(light)]
    for channel, sign in ((0, 1.0), (2, -1.0)):
        scale = 1.0 + .5 * sign * shift_px / np.hypot(*middle)
        to_image = np.column_stack([np.eye(2) * scale, middle * (1.0 - scale)])
        planes[channel] = np.asarray(cv2.warpAffine(
            planes[channel], to_image, (width, height), flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE))
    return np.asarray(cv2.merge(planes), np.float32)


@lru_cache(maxsize=8)
def _falloff(width: int, height: int, strength: float) -> NDArray[np.float32]:
    x = np.linspace(-1.0, 1.0, width)
    y = np.linspace(-1.0, 1.0, height) * height / width
    square = (x[None] ** 2 + y[:, None] ** 2) / (1.0 + (height / width) ** 2)
    return np.repeat((1.0 - strength * square)[..., None], 3, axis=2).astype(np.float32)


def _add_noise(
    light: NDArray[np.float32], level: float, gain: float, rng: np.random.Generator
) -> None:
    """Add the noise of counted electrons and of reading them; both are amplified."""
    amplified = max(gain, 1.0)
    spread = np.sqrt(np.maximum(light, 0.0) * np.float32(amplified / _FULL_WELL)
                     + np.float32((_READ_NOISE * amplified / _FULL_WELL) ** 2))
    first = int(rng.integers(_NOISE_SHIFTS))
    spread *= _noise(light.size)[first:first + light.size].reshape(light.shape)
    spread *= np.float32(level)
    light += spread


@lru_cache(maxsize=8)
def _noise(count: int) -> NDArray[np.float32]:
    """Draw normal numbers once: each image takes them from another one on."""
    return np.random.default_rng(count).standard_normal(count + _NOISE_SHIFTS, np.float32)


@lru_cache(maxsize=1)
def _tone_curve() -> NDArray[np.uint8]:
    """Press highlights softly and deepen shadows, then encode as sRGB."""
    linear = (np.arange(_STEPS) + .5) * _WHITE / _STEPS
    pressed = linear**1.2 * 1.2 / (1.0 + .35 * linear**1.2)
    pressed = np.clip(pressed * 1.02 - .003, 0.0, 1.0)
    encoded = np.where(
        pressed <= .0031308, 12.92 * pressed, 1.055 * pressed ** (1 / 2.4) - .055)
    return np.rint(encoded * 255.0).astype(np.uint8)
