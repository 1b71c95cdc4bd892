# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What is seen where nothing is near: sky, sun, clouds, and far woods and roofs on the horizon.

Colours are planar, (3, N), linear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.render.ground_around import interpolated
from mm_fusion_ros.sim.render.patterns import noise, SIZE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.render.weather import Weather

_CLOUD_TILE = 6.0  # as a multiple of the height of the clouds
_AZIMUTHS = 2048
_FAR_M = 700.0  # where woods and roofs stand on the horizon
_FAR_ALBEDO = np.array([.055, .070, .050], np.float32)
_CAMERA_HEIGHT_M = 1.7  # above the ground that ends at the horizon


class Sky:
    """
    The sky of one weather.

    Parameters
    ----------
    weather : Weather
        Its light and its seed.

    """

    def __init__(self, weather: Weather) -> None:
        rng = np.random.default_rng(weather.seed)
        self._weather = weather
        self._to_sun = np.array(weather.to_sun, np.float32)
        self._sun = np.array(weather.sun, np.float32)
        self._zenith = np.array(weather.zenith, np.float32)
        self._horizon = np.array(weather.horizon, np.float32)
        self._fog = np.array(weather.fog_color, np.float32)
        self._cover = _cloud_cover(rng, weather.clouds)
        self._mean_cover = float(self._cover.mean())
        self._skyline = _skyline(rng)
        self._drift = rng.uniform(0.0, _CLOUD_TILE, 2).astype(np.float32)
        direct = self._sun * max(self._to_sun[2], 0.0)
        self.ambient = (  # irradiance from all of the sky, as a radiance
            .55 * self._zenith + .45 * self._horizon) * (.5 + .7 * weather.clouds) + .05 * direct
        self.ground = .13 * (direct + self.ambient)  # radiance of an average ground

    def radiance(self, directions: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give what is seen along unit vectors (N, 3): (3, N)."""
        x, y, z = np.ascontiguousarray(directions.T)
        colors = self._open_sky(x, y, z, self._clouds_at(x, y, np.maximum(z, np.float32(0.0))))
        low = np.flatnonzero(z < .12)
        colors[:, low] = self._behind_haze(colors[:, low], x[low], y[low], z[low])
        return colors

    def mirrored(
        self, x: NDArray[np.float32], y: NDArray[np.float32], z: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Give what a street mirrors along unit vectors: sky above dark fronts above ground."""
        up = np.clip(z * np.float32(6.0) - .25, 0.0, 1.0)
        cover = np.full(len(x), self._mean_cover, np.float32)
        colors = self._open_sky(x, y, np.maximum(z, np.float32(.02)), cover)
        below = np.clip(z * np.float32(8.0) + .5, 0.0, 1.0)
        fronts = .35 * self.ambient
        for channel in range(3):
            dark = self.ground[channel] + (fronts[channel] - self.ground[channel]) * below
            colors[channel] -= dark
            colors[channel] *= up
            colors[channel] += dark
        return colors

    def _open_sky(
        self, x: NDArray[np.float32], y: NDArray[np.float32], z: NDArray[np.float32],
        cover: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        up = np.maximum(z, np.float32(0.0))
        low = 1.0 - up
        low *= low
        low *= low * (1.0 - .4 * up)
        towards = x * self._to_sun[0] + y * self._to_sun[1] + z * self._to_sun[2]
        np.maximum(towards, 0.0, out=towards)
        glow = .10 * _squared(towards, 2)
        glow += .25 * _squared(towards, 2)
        disc = np.minimum(_squared(towards, 6), np.float32(1.0))
        disc *= 14.0 * (1.0 - cover)
        colors = np.empty((3, len(x)), np.float32)
        bright = .9 * self.ambient + .25 * self._sun
        for channel in range(3):
            plane = colors[channel]
            np.multiply(low, self._horizon[channel] - self._zenith[channel], out=plane)
            plane += self._zenith[channel]
            plane += self._sun[channel] * glow
            plane += cover * (bright[channel] - plane)
            plane += self._sun[channel] * disc
        return colors

    def _clouds_at(
        self, x: NDArray[np.float32], y: NDArray[np.float32], up: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Look up how far clouds cover the sky, seen from below a flat layer of them."""
        scale = np.float32(SIZE / _CLOUD_TILE)
        away = scale / (up + np.float32(.06))
        u = x * away + self._drift[0] * scale
        v = y * away + self._drift[1] * scale
        cover = interpolated(self._cover, np.stack([u % SIZE, v % SIZE], axis=1))
        cover *= np.clip(up * 12.0 + .25, 0.0, 1.0)
        return cover

    def _behind_haze(
        self, colors: NDArray[np.float32], x: NDArray[np.float32], y: NDArray[np.float32],
        z: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """Put the skyline, the ground up to it, and the air before both, over the sky."""
        turns = np.arctan2(y, x) * np.float32(_AZIMUTHS / (2.0 * np.pi))
        top = self._skyline[turns.astype(np.int32) % _AZIMUTHS]
        is_far = np.clip((top - z) * 800.0, 0.0, 1.0)
        distance = np.minimum(
            _CAMERA_HEIGHT_M / np.maximum(-z, np.float32(1e-4)), np.float32(_FAR_M))
        clear = np.exp(distance * np.float32(-self._weather.extinction_per_m))
        # Above the skyline the air thins out with the height that one looks at.
        thick = np.exp(np.float32(-self._weather.extinction_per_m * 60.0)
                       / np.maximum(z, np.float32(.01)))
        for channel in range(3):
            fog = self._fog[channel]
            near = fog + clear * (_FAR_ALBEDO[channel] * self.ambient[channel] * 1.6 - fog)
            plane = fog + thick * (colors[channel] - fog)
            colors[channel] = plane + is_far * (near - plane)
        return colors


def _squared(values: NDArray[np.float32], times: int) -> NDArray[np.float32]:
    """Square in place so many times: far cheaper than a power."""
    for _ in range(times):
        np.multiply(values, values, out=values)
    return values


def _cloud_cover(rng: np.random.Generator, clouds: float) -> NDArray[np.float32]:
    field = noise(rng, 26) + .5 * noise(rng, 10) + .28 * noise(rng, 4) + .12 * noise(rng, 1.5)
    field /= field.std()
    threshold = 2.8 - 4.4 * clouds
    # An overcast sky still has darker and brighter parts.
    cover = np.clip((field - threshold) / 1.6, 0.0, 1.0) * (.92 + .10 * np.tanh(noise(rng, 18)))
    return np.asarray(cover, np.float32)


def _skyline(rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw the slope up to the top of what stands on the horizon, by azimuth."""
    white = rng.standard_normal(_AZIMUTHS)
    waves = np.fft.rfft(white)
    order = np.arange(len(waves))
    rough = np.fft.irfft(waves / (1.0 + (order / 9.0) ** 1.1), _AZIMUTHS)
    tops = .020 + .012 * rough / rough.std()
    return np.asarray(np.clip(tops, .004, .09), np.float32)
