# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What wet ground mirrors."""

from dataclasses import replace

import numpy as np

from mm_fusion_ros.sim.render import wet_ground
from mm_fusion_ros.sim.render.sky import Sky
from mm_fusion_ros.sim.render.weather import weather_named

SKY = Sky(replace(weather_named('rain', np.random.default_rng(0)), clouds=1.0))
DOWN = np.array([(.8,), (0.0,), (-.6,)], np.float32)
UP = np.array([(0.0,), (0.0,), (1.0,)], np.float32)
MIRROR = wet_ground.Mirror(np.zeros((3, 1), np.float32), DOWN, UP, np.array([.6], np.float32))
GREEN = np.array([(0.0,), (.5,), (0.0,)], np.float32)


def wall_at(distance_m):
    """Stand for a picture of one ray, which sees a green wall."""
    def rays_to(places):
        return np.zeros(len(places), np.intp), 10.0 + np.linalg.norm(places, axis=1)
    return wet_ground.mirrored(
        MIRROR, GREEN, np.array([10.0 + distance_m], np.float32), rays_to, SKY)


def test_a_wall_in_the_picture_is_mirrored():
    np.testing.assert_array_equal(wall_at(3.5), GREEN)


def test_what_is_farther_than_the_mirrored_ray_reaches_is_not():
    assert wall_at(60.0)[1] < .9 * GREEN[1]


def test_out_of_the_picture_there_is_the_sky():
    def nowhere(places):
        return np.full(len(places), -1, np.intp), np.ones(len(places), np.float32)
    found = wet_ground.mirrored(MIRROR, GREEN, np.ones(1, np.float32), nowhere, SKY)
    upwards = SKY.mirrored(*np.array([(.8,), (0.0,), (.6,)], np.float32))
    np.testing.assert_allclose(found, upwards, rtol=.3)


def test_a_lamp_is_smeared():
    def rays_to(places):
        return np.zeros(len(places), np.intp), 10.0 + np.linalg.norm(places, axis=1)
    found = wet_ground.mirrored(
        MIRROR, 100.0 * GREEN, np.array([13.5], np.float32), rays_to, SKY)
    assert found.max() < 2.0
