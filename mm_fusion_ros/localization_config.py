# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Everything that can be set about the localization, in one tree of dataclasses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mm_fusion_ros.config import (
    build,
    load_parameter_file,
    Parameter,
    parameter,
    refuse_unknown,
    walk,
)
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.localization.settings import EstimatorSettings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mm_fusion_ros.config import Value

NODE_NAME = 'localization_node'


@dataclass(frozen=True, slots=True)
class PathConfig:
    """The way driven, as it is shown."""

    max_poses: int = parameter(
        2000, 'Older ones are forgotten.', 'poses', minimum=2, maximum=100000)
    min_distance_m: float = parameter(
        0.5, 'Between two poses.', 'm', minimum=0.0, maximum=1000.0)


@dataclass(frozen=True, slots=True)
class LocalizationConfig(EstimatorSettings):
    """The whole configuration of the localization."""

    base_frame: str = parameter('base_link', 'Frame of the vehicle, at the rear axle.')
    odom_frame: str = parameter('odom', 'Fixed frame without jumps, which drifts.')
    map_frame: str = parameter('map', 'Fixed frame, east, north, up at the datum.')
    datum: tuple[float, ...] = parameter(
        (), 'Origin of the map: latitude, longitude (deg), altitude (m); empty: the first fix '
        'that the next one agrees with.')
    rate_hz: float = parameter(
        50.0, 'Poses published.', 'Hz', minimum=1.0, maximum=1000.0)
    publish_map_tf: bool = parameter(True, 'Publish the transform from map to odom.')
    publish_odom_tf: bool = parameter(True, 'Publish the transform from odom to the base frame.')
    autostart: bool = parameter(True, 'Configure and activate without being told to.')
    path: PathConfig = field(default_factory=PathConfig)

    def __post_init__(self) -> None:
        """Check what hangs together."""
        if len(self.datum) not in (0, 3):
            raise ConfigError('parameter datum', '3 numbers or none', len(self.datum))


def declared_parameters() -> tuple[Parameter, ...]:
    """List every parameter there is."""
    return tuple(walk(LocalizationConfig))


def localization_config(values: Mapping[str, object]) -> LocalizationConfig:
    """
    Build the configuration from dotted names; what is missing takes its default.

    Raises
    ------
    ConfigError
        If a name is unknown or a value does not fit.

    """
    refuse_unknown(values, (p.name for p in declared_parameters()))
    return build(LocalizationConfig, values)


def load_localization_config(*paths: Path) -> LocalizationConfig:
    """Build the configuration from parameter files, later ones laid over earlier ones."""
    values: dict[str, Value] = {}
    for path in paths:
        values.update(load_parameter_file(path, NODE_NAME))
    return localization_config(values)
