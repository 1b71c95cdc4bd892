# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What can be set about the model-free obstacle detector.
"""

from __future__ import annotations

from dataclasses import dataclass

from mm_fusion_ros.config import parameter
from mm_fusion_ros.errors import ConfigError


@dataclass(frozen=True, slots=True)
class EgoBoxSettings:
    """
    The own vehicle in the base frame; points inside are hits on itself.
    """

    x_min_m: float = parameter(-1.0, 'Rear end.', 'm', minimum=-50.0, maximum=50.0)
    x_max_m: float = parameter(3.5, 'Front end.', 'm', minimum=-50.0, maximum=50.0)
    y_min_m: float = parameter(-1.1, 'Right side.', 'm', minimum=-50.0, maximum=50.0)
    y_max_m: float = parameter(1.1, 'Left side.', 'm', minimum=-50.0, maximum=50.0)
    z_min_m: float = parameter(-0.5, 'Lower end.', 'm', minimum=-50.0, maximum=50.0)
    z_max_m: float = parameter(2.5, 'Upper end.', 'm', minimum=-50.0, maximum=50.0)

    def __post_init__(self) -> None:
        """Refuse a box that is turned inside out, which would take nothing out."""
        for axis in 'xyz':
            low, high = getattr(self, f'{axis}_min_m'), getattr(self, f'{axis}_max_m')
            if low >= high:
                raise ConfigError(
                    f'parameter obstacles.ego_box.{axis}_min_m', f'less than {high} m', low)


@dataclass(frozen=True, slots=True)
class GroundSettings:
    """
    The ground height field.
    """

    step_m: float = parameter(
        0.2, 'A step up or down of this height is still ground (a kerb).', 'm',
        minimum=0.02, maximum=1.0)
    slope: float = parameter(
        0.15, 'Steepest change of height per distance that is still ground.', 'm/m',
        minimum=0.01, maximum=1.0)


@dataclass(frozen=True, slots=True)
class ObstacleSettings:
    """
    The model-free obstacle detector.
    """

    max_range_m: float = parameter(
        55.0, 'Points farther away are left unlabelled.', 'm', minimum=5.0, maximum=300.0)
    min_height_m: float = parameter(
        0.3, 'Points lower than this above the ground are ground.', 'm',
        minimum=0.05, maximum=2.0)
    clearance_m: float = parameter(
        2.6, 'Points higher than this above the ground do not block the vehicle.', 'm',
        minimum=1.0, maximum=10.0)
    min_points: int = parameter(
        5, 'A smaller cluster gets no box.', 'points', minimum=1, maximum=1000)
    max_length_m: float = parameter(
        14.0, 'A longer cluster is a structure and gets no box.', 'm', minimum=1.0, maximum=100.0)
    max_width_m: float = parameter(
        3.5, 'A wider cluster is a structure and gets no box.', 'm', minimum=0.5, maximum=50.0)
    min_score: float = parameter(
        0.7, 'A cluster less plausible gets no box, unless it is in the own way.',
        minimum=0.0, maximum=1.0)
    max_boxes: int = parameter(
        100, 'At most this many boxes, the best ones.', minimum=1, maximum=10000)
    publish_unexplained: bool = parameter(
        True, 'Report obstacles, which have no class, where no box of the network explains them.')
    ego_box: EgoBoxSettings = EgoBoxSettings()
    ground: GroundSettings = GroundSettings()
