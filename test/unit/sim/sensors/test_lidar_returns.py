# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What comes back of a pulse."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.render.rays import FaceTable
from mm_fusion_ros.sim.render.weather import weather_named, WEATHER_NAMES
from mm_fusion_ros.sim.sensors.lidar_returns import Air, are_seen, Reflectors, scattered, signals

POWER_M = 50.0


def one(value):
    return np.array([value], np.float32)


def test_a_ten_percent_target_is_seen_every_other_time_at_the_power_range():
    chances = np.random.default_rng(0).random(20_000, np.float32)
    signal = signals(np.full(20_000, 0.1, np.float32), np.full(20_000, POWER_M, np.float32),
                     POWER_M, Air())
    seen = are_seen(signal, np.zeros(20_000, np.float32), chances)
    assert seen.mean() == pytest.approx(0.5, abs=0.02)


@given(st.floats(0.01, 1.0), st.floats(2.0, 100.0), st.floats(1.01, 3.0), st.floats(0.0, 30.0),
       st.floats(30.0, 2000.0))
def test_a_signal_fades_with_distance_faster_in_bad_air(strength, near, times, rain, visibility):
    bad = Air(rain, visibility)
    clear = [signals(one(strength), one(r), POWER_M, Air())[0] for r in (near, near * times)]
    hazy = [signals(one(strength), one(r), POWER_M, bad)[0] for r in (near, near * times)]
    assert clear[0] / clear[1] == pytest.approx(times**2, rel=1e-3)
    assert hazy[0] < clear[0]
    assert hazy[1] * clear[0] < hazy[0] * clear[1] + 1e-30


@given(st.floats(0.0, 1.0), st.floats(0.01, 100.0), st.floats(0.0, 0.999))
def test_a_stronger_signal_is_never_lost_where_a_weaker_one_is_seen(loss, signal, chance):
    weak, strong = (are_seen(one(s), one(loss), one(chance))[0] for s in (signal, 2 * signal))
    assert strong or not weak


def test_a_material_of_loss_one_never_answers():
    assert not are_seen(one(1e6), one(1.0), one(0.0))[0]


def test_dark_paint_answers_less_than_white_and_foliage_whatever_its_colour():
    materials = np.array([Material.CAR_PAINT] * 2 + [Material.FOLIAGE] * 2, np.uint8)
    colors = np.array([[10] * 3, [240] * 3] * 2, np.uint8)
    table = Reflectors.of(FaceTable(materials, colors, np.ones(4, np.bool_),
                                        np.zeros((4, 3, 3), np.float32)))
    assert table.diffuse[1] > 5.0 * table.diffuse[0]
    assert table.diffuse[2] == table.diffuse[3]


def test_clear_air_scatters_nothing():
    assert Air().scatter_share == 0.0
    assert Air().extinction_per_m == 0.0


def test_more_rain_and_denser_fog_scatter_more():
    shares = [Air(*air).scatter_share for air in ((0.0, 999.0), (0.0, 50.0), (30.0, 50.0))]
    assert 0.0 < shares[0] < shares[1] < shares[2] < 1.0


@pytest.mark.parametrize('name', WEATHER_NAMES)
def test_lidars_lose_as_much_in_the_air_as_cameras(name):
    weather = weather_named(name, np.random.default_rng(0))
    air = Air(weather.rain_mmph, weather.visibility_m)
    assert air.extinction_per_m == pytest.approx(weather.extinction_per_m)


def test_drops_are_nearer_than_what_they_hide():
    limits = np.random.default_rng(1).uniform(0.0, 10.0, 50_000).astype(np.float32)
    air = Air(visibility_m=40.0)
    rows, distances = scattered(limits, 1.0, air, np.random.default_rng(2))
    assert (distances < limits[rows]).all()
    assert (distances >= 1.0).all()
    assert (np.diff(rows) > 0).all()
    assert 0.02 < len(rows) / len(limits) < air.scatter_share
