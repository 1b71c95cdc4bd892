# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
How much samples are changed. Zero everywhere changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mm_fusion_ros.config import parameter


@dataclass(frozen=True, slots=True)
class WorldSettings:
    """Turning, mirroring and scaling everything."""

    max_turn_deg: float = parameter(
        22.5, 'Largest turn to either side.', 'deg', minimum=0.0, maximum=180.0)
    mirror_share: float = parameter(
        0.5, 'Share of samples whose left and right change places.', minimum=0.0, maximum=1.0)
    scale_spread: float = parameter(
        0.05, 'Largest change of scale, as a share of it.', minimum=0.0, maximum=0.5)


@dataclass(frozen=True, slots=True)
class SweepSettings:
    """Making other LiDARs."""

    thinning_share: float = parameter(
        0.4, 'Share of LiDARs of which every second or every fourth beam is kept.',
        minimum=0.0, maximum=1.0)
    max_loss: float = parameter(
        0.2, 'Largest share of points that are lost by chance.', minimum=0.0, maximum=1.0)
    short_range_share: float = parameter(
        0.1, 'Share of samples whose LiDARs see no farther than shortest_range_m to 80 m.',
        minimum=0.0, maximum=1.0)
    shortest_range_m: float = parameter(
        30.0, 'How far LiDARs see at least.', 'm', minimum=1.0, maximum=80.0)
    max_range_noise_m: float = parameter(
        0.05, 'Largest standard deviation that is added to ranges.', 'm', minimum=0.0, maximum=1.0)
    no_intensity_share: float = parameter(
        0.2, 'Share of samples without intensity.', minimum=0.0, maximum=1.0)
    intensity_spread: float = parameter(
        0.5, 'Largest change of the logarithm of intensity, and of its power.',
        minimum=0.0, maximum=3.0)


@dataclass(frozen=True, slots=True)
class MountingSettings:
    """Erring about where sensors are, each by chance on its own."""

    camera_turn_deg: float = parameter(
        0.3, 'Standard deviation of the turn of cameras about each axis.', 'deg',
        minimum=0.0, maximum=10.0)
    camera_shift_m: float = parameter(
        0.02, 'Standard deviation of the shift of cameras along each axis.', 'm',
        minimum=0.0, maximum=1.0)
    lidar_turn_deg: float = parameter(
        0.1, 'Standard deviation of the turn of LiDARs about each axis.', 'deg',
        minimum=0.0, maximum=10.0)
    lidar_shift_m: float = parameter(
        0.01, 'Standard deviation of the shift of LiDARs along each axis.', 'm',
        minimum=0.0, maximum=1.0)
    max_stamp_error_ms: float = parameter(
        20.0, 'Largest error of the stamp of an image.', 'ms', minimum=0.0, maximum=200.0)


@dataclass(frozen=True, slots=True)
class PictureSettings:
    """Making other cameras."""

    brightness_spread: float = parameter(
        0.2, 'Largest change of brightness, as a share.', minimum=0.0, maximum=1.0)
    colour_spread: float = parameter(
        0.05, 'Largest change of red, green and blue on their own.', minimum=0.0, maximum=1.0)
    contrast_spread: float = parameter(
        0.2, 'Largest change of contrast, as a share.', minimum=0.0, maximum=1.0)
    gamma_spread: float = parameter(
        0.3, 'Largest change of the logarithm of the power of light.', minimum=0.0, maximum=2.0)
    saturation_spread: float = parameter(
        0.4, 'Largest change of saturation, as a share.', minimum=0.0, maximum=1.0)
    noise_share: float = parameter(
        0.3, 'Share of images with more noise.', minimum=0.0, maximum=1.0)
    max_noise: float = parameter(
        10.0, 'Its largest standard deviation, of 256.', minimum=0.0, maximum=100.0)
    blur_share: float = parameter(
        0.2, 'Share of images that are blurred.', minimum=0.0, maximum=1.0)
    max_blur_px: float = parameter(
        1.5, 'Largest standard deviation of the blur.', 'px', minimum=0.1, maximum=20.0)
    jpeg_share: float = parameter(
        0.2, 'Share of images that are compressed.', minimum=0.0, maximum=1.0)
    lowest_jpeg_quality: int = parameter(
        30, 'Lowest quality of these; the highest is 90.', minimum=1, maximum=90)


@dataclass(frozen=True, slots=True)
class WeatherSettings:
    """Making weather, for all sensors of a sample."""

    fog_share: float = parameter(0.05, 'Share of samples in fog.', minimum=0.0, maximum=1.0)
    shortest_sight_m: float = parameter(
        40.0, 'How far one sees in the thickest fog; in the thinnest it is 300 m.', 'm',
        minimum=5.0, maximum=300.0)
    dark_share: float = parameter(0.05, 'Share of samples in the dark.', minimum=0.0, maximum=1.0)
    least_light: float = parameter(
        0.02, 'Share of light in the darkest dark.', minimum=0.001, maximum=1.0)
    rain_share: float = parameter(
        0.05, 'Share of samples in rain: drops on the lenses, and lost LiDAR returns.',
        minimum=0.0, maximum=1.0)
    max_drops: int = parameter(60, 'Most drops on a lens.', minimum=1, maximum=1000)


@dataclass(frozen=True, slots=True)
class AugmentSettings:
    """All that may happen to a sample."""

    world: WorldSettings = field(default_factory=WorldSettings)
    sweep: SweepSettings = field(default_factory=SweepSettings)
    mounting: MountingSettings = field(default_factory=MountingSettings)
    picture: PictureSettings = field(default_factory=PictureSettings)
    weather: WeatherSettings = field(default_factory=WeatherSettings)
