# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Everything that a training run follows from: the same recipe gives the same network.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, TYPE_CHECKING

from mm_fusion_ros.config import build, flatten, parameter, read_yaml, refuse_unknown, walk
from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.model.grid import BevGrid
from mm_fusion_ros.model.settings import NetworkSettings
from mm_fusion_ros.sim.dataset import FrameSource
from mm_fusion_ros.training.augment.settings import AugmentSettings

if TYPE_CHECKING:
    from pathlib import Path

_FRAMES_PER_WORLD = 20
_BURST = 2


@dataclass(frozen=True, slots=True)
class DataSettings:
    """Which frames, and what of each the network gets to see."""

    rigs: tuple[str, ...] = parameter(('surround',), 'Rigs that drive.')
    worlds: tuple[int, ...] = parameter((150,), 'How many worlds each of them drives in.')
    first_seeds: tuple[int, ...] = parameter((1000,), 'Seed of the first world of each.')
    kitti_object: str = parameter(
        '', "Folder of KITTI's object benchmark, with velodyne, image_2, calib and label_2.")
    kitti_tracking: str = parameter(
        '', "Folder of KITTI's tracking benchmark, with velodyne, image_02, oxts, label_02.")
    nuscenes: str = parameter('', 'Folder of nuScenes, with its tables, or a .pkl of frames.')
    camera_shares: tuple[float, ...] = parameter(
        (0.2, 0.35, 0.3, 0.15), 'How often no camera is there, one, two, and so on.')
    lidar_share: float = parameter(
        0.7, 'How often the LiDAR is there if a camera is.', minimum=0.0, maximum=1.0)
    memory_share: float = parameter(
        0.0, 'How often the frame before is remembered.', minimum=0.0, maximum=1.0)

    def __post_init__(self) -> None:
        """Refuse lists that do not fit each other."""
        if not any((self.rigs, self.kitti_object, self.kitti_tracking, self.nuscenes)):
            raise ConfigError('data', 'a rig or a data set', 'none')
        if not len(self.rigs) == len(self.worlds) == len(self.first_seeds):
            raise ConfigError(
                'data.rigs, data.worlds, data.first_seeds', 'lists of one length',
                [len(self.rigs), len(self.worlds), len(self.first_seeds)])
        if not self.camera_shares or min(self.camera_shares) < 0 or not any(self.camera_shares):
            raise ConfigError('data.camera_shares', 'numbers of which one is above 0',
                              self.camera_shares)

    def sources(self) -> tuple[FrameSource, ...]:
        """Give the simulated frames by rig."""
        return tuple(
            FrameSource(rig, seed, worlds, _FRAMES_PER_WORLD, burst=_BURST)
            for rig, worlds, seed in zip(self.rigs, self.worlds, self.first_seeds, strict=True))


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """How long and how fast the network learns."""

    steps: int = parameter(6000, 'Batches.', minimum=1, maximum=10_000_000)
    batch_size: int = parameter(8, 'Frames of a batch, of each process.', minimum=1, maximum=1024)
    learning_rate: float = parameter(2e-3, 'The highest.', minimum=1e-7, maximum=1.0)
    warmup_steps: int = parameter(300, 'Until the highest.', minimum=0, maximum=100_000)
    weight_decay: float = parameter(0.01, 'Of AdamW.', minimum=0.0, maximum=1.0)
    max_gradient: float = parameter(10.0, 'Longer gradients are cut.', minimum=1e-3, maximum=1e6)
    average_decay: float = parameter(
        0.998, 'Of the moving average of the weights, which is what is kept.',
        minimum=0.0, maximum=0.999999)
    precision: str = parameter(
        'bfloat16', 'Of the convolutions.', choices=('float32', 'bfloat16', 'float16'))
    trains_image_backbone: bool = parameter(
        False, 'The image backbone learns too; else it keeps what it learned on ImageNet.')
    seed: int = parameter(0, 'Of weights, order and augmentation.', minimum=0, maximum=2**31)


@dataclass(frozen=True, slots=True)
class Recipe:
    """
    A training run.
    """

    classes: tuple[str, ...] = parameter(
        ('car', 'truck', 'bus', 'cyclist', 'pedestrian', 'barrier'), 'What is told apart.')
    image_width: int = parameter(640, 'Of the images of the network.', 'px', minimum=32)
    image_height: int = parameter(192, 'Of the images of the network.', 'px', minimum=32)
    grid: BevGrid = field(default_factory=BevGrid)
    network: NetworkSettings = field(default_factory=NetworkSettings)
    data: DataSettings = field(default_factory=DataSettings)
    augment: AugmentSettings = field(default_factory=AugmentSettings)
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)

    @property
    def object_classes(self) -> tuple[int, ...]:
        """Values of `ObjectClass` in the order of the network."""
        return tuple(int(ObjectClass.from_label(label)) for label in self.classes)

    def values(self) -> dict[str, Any]:
        """Give all of it, by dotted names."""
        return {item.name: attrgetter(item.name)(self) for item in walk(Recipe)}


def load_recipe(path: Path, changes: dict[str, object] | None = None) -> Recipe:
    """
    Read a recipe.

    Parameters
    ----------
    path : Path
        YAML of dotted or nested names; what is missing takes its default.
    changes : dict, optional
        Dotted names and values laid over it.

    Raises
    ------
    ConfigError
        If a name is unknown or a value does not fit.

    """
    values = dict(flatten(read_yaml(path, 'recipe'))) | (changes or {})
    refuse_unknown(values, (item.name for item in walk(Recipe)))
    return build(Recipe, values)
