# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The weather of a sample, which all of its sensors are in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mm_fusion_ros.training.augment.settings import WeatherSettings

THINNEST_FOG_M = 300.0


@dataclass(frozen=True, slots=True)
class Weather:
    """
    What is in the way of seeing.

    Attributes
    ----------
    sight_m : float
        How far one sees in fog; infinite without.
    light : float
        Share of the light that is left.
    drops : int
        On each lens.

    """

    sight_m: float = np.inf
    light: float = 1.0
    drops: int = 0


def chance_weather(settings: WeatherSettings, rng: np.random.Generator) -> Weather:
    """Draw the weather."""
    is_fog, is_dark, is_rain = rng.random(3) < (
        settings.fog_share, settings.dark_share, settings.rain_share)
    shares = rng.random(3)
    thickest = np.log(settings.shortest_sight_m)
    sight_m = np.exp(thickest + shares[0] * (np.log(THINNEST_FOG_M) - thickest))
    light = settings.least_light ** shares[1]
    return Weather(
        float(sight_m) if is_fog else np.inf,
        float(light) if is_dark else 1.0,
        1 + int(shares[2] * settings.max_drops) if is_rain else 0,
    )
