# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The light and the air of one drive. Radiances count from a white wall in full sun, about 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

Triple = tuple[float, float, float]

_CLEAR_AIR_M = 25_000.0
_KOSCHMIEDER = 3.912  # -ln 0.02: at the visibility, a fiftieth of the contrast is left


@dataclass(frozen=True, slots=True)
class Weather:
    """
    What sun, sky, air and lamps do.

    Attributes
    ----------
    name : str
        One of `WEATHER_NAMES`.
    seed : int
        Of the clouds, of drops on lenses and of which windows are lit.
    to_sun : (float, float, float)
        Unit vector in the world (x east, z up).
    sun : (float, float, float)
        Irradiance of the sun on a surface that faces it, linear RGB; zero without one.
    zenith, horizon : (float, float, float)
        Radiance of the sky, linear RGB.
    clouds : float
        Cover of the sky, 0 to 1.
    visibility_m : float
        Where contrast falls to 2 %, m.
    rain_mmph : float
        mm/h.
    wetness : float
        Of the ground, 0 to 1.
    are_lights_on : bool
        Of vehicles, streets and houses.
    exposure_error_ev : float
        By how much cameras expose too long (too short if negative), in powers of two.
    white_balance : (float, float, float)
        Gains of the channels.

    """

    name: str
    seed: int
    to_sun: Triple
    sun: Triple
    zenith: Triple
    horizon: Triple
    clouds: float = 0.3
    visibility_m: float = _CLEAR_AIR_M
    rain_mmph: float = 0.0
    wetness: float = 0.0
    are_lights_on: bool = False
    exposure_error_ev: float = 0.0
    white_balance: Triple = (1.0, 1.0, 1.0)

    @property
    def extinction_per_m(self) -> float:
        """What share of light the air takes per metre, 1/m."""
        return extinction_per_m(self.visibility_m)

    @property
    def fog_color(self) -> Triple:
        """Radiance of the air itself, linear RGB."""
        thick = min(1.0, 400.0 / self.visibility_m)
        r, g, b = (
            float((1 - thick) * low + thick * (.6 * low + .4 * high))
            for low, high in zip(self.horizon, self.zenith, strict=True))
        return r, g, b


def extinction_per_m(visibility_m: float) -> float:
    """Give the share of light that air, whatever is in it, takes per metre, 1/m."""
    return _KOSCHMIEDER / visibility_m


def weather_named(name: str, rng: np.random.Generator) -> Weather:
    """
    Draw a weather of a kind.

    Raises
    ------
    ConfigError
        If there is no such kind.

    """
    if name not in _KINDS:
        raise ConfigError('weather', f'one of {", ".join(WEATHER_NAMES)}', repr(name))
    return _KINDS[name](rng)


def weather_from_seed(rng: np.random.Generator) -> Weather:
    """Draw any weather, as often as one meets it."""
    name = str(rng.choice(list(_SHARES), p=list(_SHARES.values())))
    return weather_named(name, rng)


def _clear(rng: np.random.Generator) -> Weather:
    elevation = rng.uniform(18.0, 60.0)
    warm = np.clip((45.0 - elevation) / 30.0, 0.0, 1.0)
    strength = rng.uniform(.85, 1.1)
    blue = rng.uniform(.75, 1.2)
    return Weather(
        'clear', _seed(rng), _direction(rng, elevation),
        sun=_scaled((1.0, .94 - .08 * warm, .84 - .22 * warm), strength),
        zenith=_scaled((.10, .19, .42), blue), horizon=_scaled((.46, .54, .62), blue),
        clouds=rng.uniform(0.0, .5), visibility_m=rng.uniform(8_000.0, _CLEAR_AIR_M),
        exposure_error_ev=rng.normal(0.0, .3), white_balance=_balance(rng))


def _cloudy(rng: np.random.Generator) -> Weather:
    grey = rng.uniform(.30, .50)
    veiled = rng.random() < .4  # a soft sun behind thin clouds
    return Weather(
        'cloudy', _seed(rng), _direction(rng, rng.uniform(25.0, 55.0)),
        sun=_scaled((.30, .28, .26), rng.uniform(.5, 1.0)) if veiled else (0.0, 0.0, 0.0),
        zenith=_scaled((.94, .98, 1.06), grey), horizon=_scaled((1.0, 1.02, 1.06), grey * 1.1),
        clouds=rng.uniform(.85, 1.0), visibility_m=rng.uniform(4_000.0, 15_000.0),
        wetness=rng.uniform(.2, .6) if rng.random() < .2 else 0.0,
        exposure_error_ev=rng.normal(0.0, .3), white_balance=_balance(rng))


def _dusk(rng: np.random.Generator) -> Weather:
    elevation = rng.uniform(2.0, 9.0)
    dim = rng.uniform(.06, .22)
    pink = rng.uniform(.8, 1.15)
    return Weather(
        'dusk', _seed(rng), _direction(rng, elevation),
        sun=_scaled((1.0, .55, .26), dim * 1.6),
        zenith=_scaled((.34, .42, .70), dim), horizon=_scaled((1.7 * pink, 1.15, .85), dim),
        clouds=rng.uniform(.1, .7), visibility_m=rng.uniform(5_000.0, 20_000.0),
        are_lights_on=True, exposure_error_ev=rng.normal(-.3, .3), white_balance=_balance(rng))


def _night(rng: np.random.Generator) -> Weather:
    glow = rng.uniform(.002, .006)
    return Weather(
        'night', _seed(rng), _direction(rng, 30.0), sun=(0.0, 0.0, 0.0),
        zenith=_scaled((.30, .38, .60), glow), horizon=_scaled((1.2, .95, .80), glow),
        clouds=rng.uniform(.2, .9), visibility_m=rng.uniform(4_000.0, 15_000.0),
        wetness=rng.uniform(.3, 1.0) if rng.random() < .3 else 0.0,
        are_lights_on=True, exposure_error_ev=rng.normal(0.0, .3), white_balance=_balance(rng))


def _fog(rng: np.random.Generator) -> Weather:
    grey = rng.uniform(.25, .5)
    return Weather(
        'fog', _seed(rng), _direction(rng, 30.0), sun=(0.0, 0.0, 0.0),
        zenith=_scaled((.96, .99, 1.04), grey), horizon=_scaled((1.0, 1.02, 1.05), grey),
        clouds=1.0, visibility_m=float(np.exp(rng.uniform(np.log(50.0), np.log(300.0)))),
        wetness=rng.uniform(0.0, .5), are_lights_on=True,
        exposure_error_ev=rng.normal(0.0, .25), white_balance=_balance(rng))


def _rain(rng: np.random.Generator, *, at_night: bool = False) -> Weather:
    grey = rng.uniform(.002, .005) if at_night else rng.uniform(.14, .34)
    rain = float(np.exp(rng.uniform(np.log(1.5), np.log(25.0))))
    return Weather(
        'rainy_night' if at_night else 'rain', _seed(rng), _direction(rng, 35.0),
        sun=(0.0, 0.0, 0.0), zenith=_scaled((.90, .96, 1.08), grey),
        horizon=_scaled((.98, 1.02, 1.08), grey * 1.15), clouds=1.0,
        visibility_m=float(np.clip(9_000.0 / rain**.63, 900.0, 8_000.0)), rain_mmph=rain,
        wetness=rng.uniform(.6, 1.0), are_lights_on=True,
        exposure_error_ev=rng.normal(0.0, .3), white_balance=_balance(rng))


_KINDS: dict[str, Callable[[np.random.Generator], Weather]] = {
    'clear': _clear, 'cloudy': _cloudy, 'dusk': _dusk, 'night': _night, 'fog': _fog,
    'rain': _rain, 'rainy_night': partial(_rain, at_night=True),
}
WEATHER_NAMES = tuple(_KINDS)
_SHARES = {'clear': .36, 'cloudy': .22, 'dusk': .10, 'night': .11, 'fog': .06, 'rain': .10,
           'rainy_night': .05}


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))


def _direction(rng: np.random.Generator, elevation_deg: float) -> Triple:
    azimuth, elevation = rng.uniform(0.0, 2.0 * np.pi), np.radians(elevation_deg)
    return (float(np.cos(azimuth) * np.cos(elevation)),
            float(np.sin(azimuth) * np.cos(elevation)), float(np.sin(elevation)))


def _scaled(color: Triple, strength: float) -> Triple:
    r, g, b = (float(channel * strength) for channel in color)
    return r, g, b


def _balance(rng: np.random.Generator) -> Triple:
    """Draw what an automatic white balance leaves: warm to cool, a little green to magenta."""
    warm, green = rng.normal(0.0, .05), rng.normal(0.0, .015)
    return float(1.0 + warm), float(1.0 + green), float(1.0 - warm)
