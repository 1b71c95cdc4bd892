# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Grain: continuous, without seams, and calm from far away."""

import numpy as np
import pytest

from mm_fusion_ros.sim.materials import Material, Surface
from mm_fusion_ros.sim.render.patterns import (
    BROAD_PATTERNS,
    MATERIAL_PATTERNS,
    Pattern,
    PATTERNS,
    SURFACE_PATTERNS,
)
from mm_fusion_ros.sim.render.textures import fine_tiles, TILE_M


def factors(pattern, u, v, footprint=1e-3):
    count = len(u)
    return fine_tiles().factors(
        np.full(count, pattern, np.int32), np.asarray(u, np.float32), np.asarray(v, np.float32),
        np.full(count, footprint, np.float32), TILE_M)


def test_there_is_a_tile_for_every_pattern_and_surface():
    assert len(PATTERNS) == len(Pattern)
    assert len(BROAD_PATTERNS) == len(Surface) == len(SURFACE_PATTERNS)
    assert set(MATERIAL_PATTERNS) <= set(Material)


@pytest.mark.parametrize('pattern', Pattern)
def test_a_tile_neither_brightens_nor_darkens_much(pattern):
    u, v = np.random.default_rng(0).uniform(-40, 40, (2, 20_000))
    assert factors(pattern, u, v).mean() == pytest.approx(1.0, abs=.1)


@pytest.mark.parametrize('pattern', Pattern)
def test_a_tile_repeats(pattern):
    u, v = np.random.default_rng(0).uniform(-4, 4, (2, 500)) + .001
    u, v = (np.floor(axis * 128) / 128 + .002 for axis in (u, v))
    np.testing.assert_array_equal(factors(pattern, u, v), factors(pattern, u + TILE_M, v - 8.0))


@pytest.mark.parametrize('pattern', [Pattern.ASPHALT, Pattern.BRICK, Pattern.GRASS])
def test_grain_fades_with_what_a_pixel_covers(pattern):
    u, v = np.random.default_rng(0).uniform(-40, 40, (2, 5000))
    spreads = [factors(pattern, u, v, footprint).std() for footprint in (.002, .03, .2, 5.0)]
    assert spreads[0] > 1.3 * spreads[2] > 0.0
    assert (np.diff(spreads) < 0.0).all()


def test_no_pixels_are_none():
    assert factors(Pattern.PLAIN, [], []).shape == (0,)
