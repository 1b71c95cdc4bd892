# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Weathers: what each name promises."""

import numpy as np
import pytest

from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.sim.render.weather import weather_from_seed, weather_named, WEATHER_NAMES


@pytest.mark.parametrize('name', WEATHER_NAMES)
def test_every_name_gives_a_weather_of_that_name(name):
    for seed in range(20):
        weather = weather_named(name, np.random.default_rng(seed))
        assert weather.name == name
        assert np.linalg.norm(weather.to_sun) == pytest.approx(1.0)
        assert weather.to_sun[2] > 0.0
        assert min(*weather.sun, *weather.zenith, *weather.horizon) >= 0.0
        assert (weather.rain_mmph > 0.0) == ('rain' in name)
        assert weather.are_lights_on == (name not in ('clear', 'cloudy'))
        assert (weather.visibility_m < 350.0) == (name == 'fog')


def test_an_unknown_name_is_refused_with_those_there_are():
    with pytest.raises(ConfigError, match=r"weather: expected one of clear, cloudy, .*'snow'"):
        weather_named('snow', np.random.default_rng(0))


def test_the_same_seed_gives_the_same_weather():
    assert weather_from_seed(np.random.default_rng(4)) == weather_from_seed(
        np.random.default_rng(4))


def test_seeds_meet_every_weather():
    drawn = [weather_from_seed(np.random.default_rng(seed)).name for seed in range(200)]
    assert set(drawn) == set(WEATHER_NAMES)
    assert drawn.count('clear') > drawn.count('fog')


def test_at_the_visibility_a_fiftieth_of_the_light_is_left():
    weather = weather_named('fog', np.random.default_rng(0))
    left = np.exp(-weather.extinction_per_m * weather.visibility_m)
    assert left == pytest.approx(.02, rel=1e-3)
