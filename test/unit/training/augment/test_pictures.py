# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Images with other colours, noise, blur, compression and weather."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from support.training_sample import small_sample

from mm_fusion_ros.training.augment import pictures
from mm_fusion_ros.training.augment.camera_chance import weathered
from mm_fusion_ros.training.augment.mirror import mirrored_image, mirrored_model
from mm_fusion_ros.training.augment.settings import WeatherSettings
from mm_fusion_ros.training.augment.weather import chance_weather, Weather

PIXELS = cv2.GaussianBlur(small_sample().frame.cameras[0].image.pixels, (0, 0), 3.0)
GREY = np.full((64, 64, 3), 128, np.uint8)
ONES = np.ones(3)


def rng():
    return np.random.default_rng(5)


def test_tones_that_change_nothing_change_nothing():
    np.testing.assert_array_equal(pictures.with_tones(PIXELS, ONES, 1.0, 1.0), PIXELS)
    after = pictures.with_saturation(PIXELS, 1.0)
    np.testing.assert_array_equal(after, PIXELS)


def test_gains_act_on_the_channels_in_their_order():
    after = pictures.with_tones(GREY, np.array((0.5, 1.0, 3.0)), 1.0, 1.0)
    assert after[0, 0].tolist() == [64, 128, 255]


def test_contrast_goes_from_the_middle_and_gamma_keeps_black_and_white():
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)
    flat = pictures.with_tones(ramp, ONES, 0.5, 1.0)
    assert (flat.min(), flat.max()) == (64, 191)
    dark = pictures.with_tones(ramp, ONES, 1.0, 2.0)
    assert (dark.min(), dark.max(), dark[8, 0, 0]) == (0, 255, 64)


def test_without_saturation_all_is_grey():
    after = pictures.with_saturation(PIXELS, 0.0)
    assert np.ptp(after.astype(int), axis=2).max() <= 1


def test_noise_has_the_deviation_that_is_asked_for_and_no_bias():
    noise = pictures.noisy(GREY, 8.0, rng()).astype(int) - 128
    assert noise.std() == pytest.approx(8.0, rel=0.03)
    assert abs(noise.mean()) < 0.3
    bright = pictures.noisy(np.full_like(GREY, 255), 8.0, rng())
    assert bright.max() == 255
    assert bright.min() > 200


def test_blur_and_compression_keep_size_and_look():
    for after in (pictures.blurred(PIXELS, 1.0), pictures.compressed(PIXELS, 80)):
        assert after.shape == PIXELS.shape
        assert np.abs(after.astype(int) - PIXELS).mean() < 6.0
    good, bad = (np.abs(pictures.compressed(PIXELS, quality).astype(int) - PIXELS).mean()
                 for quality in (80, 5))
    assert bad > good


def test_fog_hides_by_distance_what_is_there():
    depths = np.full(PIXELS.shape[:2], 1.0, np.float32)
    depths[:, 80:] = np.inf
    after = weathered(PIXELS, depths, Weather(sight_m=50.0), rng())
    assert (after[:, 80:] == 200).all()
    assert np.abs(after[:, :80].astype(int) - PIXELS[:, :80]).max() < 20
    flat = weathered(PIXELS, None, Weather(sight_m=50.0), rng())
    assert (flat[0] == 200).all()


def test_the_dark_is_dark_and_drops_differ_from_lens_to_lens():
    assert weathered(PIXELS, None, Weather(light=0.05), rng()).mean() < 0.4 * PIXELS.mean()
    chance = rng()
    one, other = (weathered(PIXELS, None, Weather(drops=30), chance) for _ in range(2))
    assert (one != PIXELS).any()
    assert (one != other).any()


def test_weather_stays_within_what_is_set():
    chance = rng()
    own = WeatherSettings(fog_share=1.0, dark_share=1.0, rain_share=1.0)
    drawn = [chance_weather(own, chance) for _ in range(200)]
    assert 40.0 <= min(w.sight_m for w in drawn) < 50.0
    assert 250.0 < max(w.sight_m for w in drawn) <= 300.0
    assert 0.02 <= min(w.light for w in drawn) < 0.05
    assert {min(w.drops for w in drawn), max(w.drops for w in drawn)} <= set(range(1, 61))
    clear = WeatherSettings(fog_share=0.0, dark_share=0.0, rain_share=0.0)
    assert chance_weather(clear, chance) == Weather()


def test_a_mirror_undoes_itself():
    for camera in small_sample().frame.cameras:
        twice = mirrored_model(mirrored_model(camera.model))
        np.testing.assert_allclose(twice.projection, camera.model.projection, atol=1e-9)
        np.testing.assert_array_equal(twice.distortion, camera.model.distortion)
    np.testing.assert_array_equal(mirrored_image(PIXELS), PIXELS[:, ::-1])
