# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""From light to pixels: exposure, noise, blur."""

from dataclasses import replace

import numpy as np
import pytest

from mm_fusion_ros.sim.render.lens import Development
from mm_fusion_ros.sim.render.weather import weather_named

PLAIN = Development(
    exposure_ev=0.0, noise=0.0, blur_px=0.0, vignetting=0.0, chromatic_px=0.0)
DAY = replace(weather_named('clear', np.random.default_rng(0)), exposure_error_ev=0.0,
              white_balance=(1.0, 1.0, 1.0))


def develop(light, lens=PLAIN, weather=DAY, seed=0):
    return lens.pixels(light.astype(np.float32), weather, np.random.default_rng(seed))


def grey(level=.2, shape=(40, 60)):
    return np.full((*shape, 3), level)


@pytest.mark.parametrize('level', [.02, .2, 2.0])
def test_a_day_of_any_brightness_is_exposed_alike(level):
    pixels = develop(grey(level))
    assert (pixels == develop(grey())).all()
    assert 90 < pixels[0, 0, 0] < 150


def test_a_night_stays_dark():
    assert develop(grey(1e-4)).max() < 40


def test_noise_grows_in_the_dark():
    spreads = [develop(grey(level), replace(PLAIN, noise=1.0)).std() for level in (.5, .02)]
    assert 0.3 < spreads[0] < .5 * spreads[1]


def test_no_light_is_black_and_too_much_is_white():
    light = grey()
    light[:10] = 0.0
    light[30:] = 500.0
    pixels = develop(light)
    assert (pixels[:10] == 0).all()
    assert (pixels[30:] == 255).all()


def test_a_point_is_spread_by_the_blur():
    light = grey()
    light[20, 30] = 3.0
    sharp, soft = (develop(light, replace(PLAIN, blur_px=blur)) for blur in (0.0, 1.5))
    assert sharp[20, 32, 0] == sharp[0, 0, 0] < soft[20, 32, 0]
    assert soft[20, 30, 0] < sharp[20, 30, 0]


def test_corners_are_darker_by_vignetting():
    pixels = develop(grey(), replace(PLAIN, vignetting=.5)).astype(int)
    assert pixels[0, 0, 0] < .8 * pixels[20, 30, 0]


def test_red_lies_farther_out_than_blue():
    light = grey(.05, (41, 61))
    light[:, 50:] = .5
    pixels = develop(light, replace(PLAIN, chromatic_px=4.0)).astype(int)
    edge = [np.argmax(pixels[20, :, channel] > 120) for channel in range(3)]
    assert edge[0] > edge[1] > edge[2]


def test_white_balance_colours_a_grey():
    pixels = develop(grey(), weather=replace(DAY, white_balance=(1.1, 1.0, .9)))
    assert pixels[0, 0, 0] > pixels[0, 0, 1] > pixels[0, 0, 2]
