# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What happens by chance to the cameras of a sample.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.faults.pixels import exposed, flat_ground_depths, fogged, with_drops
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S
from mm_fusion_ros.training.augment import pictures
from mm_fusion_ros.training.augment.mountings import displaced, misdated

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import CameraInput, EgoMotion
    from mm_fusion_ros.faults.pixels import Pixels
    from mm_fusion_ros.training.augment.settings import (
        AugmentSettings,
        MountingSettings,
        PictureSettings,
    )
    from mm_fusion_ros.training.augment.weather import Weather
    from mm_fusion_ros.training.sample import TrainingSample

_HIGHEST_QUALITY = 90


def chance_cameras(
    sample: TrainingSample, settings: AugmentSettings, weather: Weather,
    rng: np.random.Generator,
) -> TrainingSample:
    """Change what the cameras show, and err about where they sit and when they took it."""
    depths_m = sample.depths_m or (None,) * len(sample.frame.cameras)

    def changed(camera: CameraInput, depth_m: NDArray[np.float32] | None) -> CameraInput:
        pixels = weathered(camera.image.pixels, depth_m, weather, rng)
        pixels = chance_picture(pixels, settings.picture, rng)
        camera = replace(camera, image=replace(camera.image, pixels=pixels))
        return _chance_mounting(camera, settings.mounting, sample.frame.ego, rng)

    cameras = tuple(map(changed, sample.frame.cameras, depths_m))
    return replace(sample, frame=replace(sample.frame, cameras=cameras))


def weathered(
    pixels: Pixels, depth_m: NDArray[np.float32] | None, weather: Weather,
    rng: np.random.Generator,
) -> Pixels:
    """Show the weather: by the depth (H, W) of the pixels, or as over flat ground if unknown."""
    if weather.sight_m < np.inf:
        depths = flat_ground_depths(*pixels.shape[:2]) if depth_m is None else depth_m
        pixels = fogged(pixels, depths, weather.sight_m)
    if weather.light < 1.0:
        pixels = exposed(pixels, weather.light)
    if weather.drops:
        pixels = with_drops(pixels, (int(rng.integers(2**63)),), weather.drops)
    return pixels


def chance_picture(
    pixels: Pixels, settings: PictureSettings, rng: np.random.Generator
) -> Pixels:
    """Change colours, noise, sharpness and compression."""
    own = settings
    brightness, contrast, saturation = 1.0 + rng.uniform(-1.0, 1.0, 3) * (
        own.brightness_spread, own.contrast_spread, own.saturation_spread)
    gains = brightness * (1.0 + rng.uniform(-own.colour_spread, own.colour_spread, 3))
    gamma = float(np.exp(rng.uniform(-own.gamma_spread, own.gamma_spread)))
    if (gains != 1.0).any() or contrast != 1.0 or gamma != 1.0:
        pixels = pictures.with_tones(pixels, gains, contrast, gamma)
    if saturation != 1.0:
        pixels = pictures.with_saturation(pixels, saturation)
    is_blurred, is_noisy, is_compressed = rng.random(3) < (
        own.blur_share, own.noise_share, own.jpeg_share)
    if is_blurred:
        pixels = pictures.blurred(pixels, own.max_blur_px * rng.uniform(0.2, 1.0))
    if is_noisy:
        pixels = pictures.noisy(pixels, own.max_noise * rng.random(), rng)
    if is_compressed:
        quality = rng.integers(own.lowest_jpeg_quality, _HIGHEST_QUALITY, endpoint=True)
        pixels = pictures.compressed(pixels, int(quality))
    return pixels


def _chance_mounting(
    camera: CameraInput, settings: MountingSettings, ego: EgoMotion | None,
    rng: np.random.Generator,
) -> CameraInput:
    T_base_camera = displaced(
        camera.T_base_camera, np.radians(settings.camera_turn_deg), settings.camera_shift_m, rng)
    error_ms = settings.max_stamp_error_ms * rng.uniform(-1.0, 1.0)
    camera = replace(camera, T_base_camera=T_base_camera)
    if ego is None or error_ms == 0.0:
        return camera
    return misdated(camera, error_ms * NS_PER_MS / NS_PER_S, ego.twist)
