# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The sky: where it is bright, and what stands on the horizon."""

from dataclasses import replace

import numpy as np

from mm_fusion_ros.sim.render.sky import Sky
from mm_fusion_ros.sim.render.weather import weather_named

CLEAR = replace(weather_named('clear', np.random.default_rng(3)), clouds=0.0)


def along(*directions):
    rays = np.array(directions, np.float32)
    return rays / np.linalg.norm(rays, axis=1, keepdims=True)


def test_the_sun_stands_where_shadows_say():
    sky = Sky(CLEAR)
    away = -np.array(CLEAR.to_sun) * (1, 1, -1)
    sun, opposite = Sky(CLEAR).radiance(along(CLEAR.to_sun, away)).T
    assert (sun > 5 * opposite).all()
    assert sky.radiance(along((0, 0, 1)))[2, 0] > sky.radiance(along((0, 0, 1)))[0, 0]


def test_far_woods_stand_darker_before_the_sky():
    low, high = Sky(CLEAR).radiance(along((1, 0, .001), (1, 0, .2))).T
    assert (low < .8 * high).all()


def test_thick_fog_has_no_horizon():
    fog = replace(weather_named('fog', np.random.default_rng(3)), visibility_m=60.0)
    colors = Sky(fog).radiance(along((1, 0, -.02), (1, 0, .001), (1, 0, .05)))
    assert np.ptp(colors, axis=1).max() < .05 * colors.max()


def test_no_rays_see_nothing():
    assert Sky(CLEAR).radiance(np.empty((0, 3), np.float32)).shape == (3, 0)


def test_nothing_is_seen_brighter_than_the_sky_or_below_black():
    rays = np.random.default_rng(0).normal(size=(4000, 3))
    colors = Sky(weather_named('dusk', np.random.default_rng(1))).radiance(along(*rays))
    assert np.isfinite(colors).all()
    assert colors.min() >= 0.0


def test_a_mirror_shows_the_ground_below_and_the_sky_above():
    sky = Sky(CLEAR)
    down, up = sky.mirrored(*np.array([(0, 0), (0, 0), (-1, 1)], np.float32)).T
    np.testing.assert_allclose(down, sky.ground, rtol=.05)
    np.testing.assert_allclose(up, sky.radiance(along((0, 0, 1)))[:, 0], rtol=.2)
