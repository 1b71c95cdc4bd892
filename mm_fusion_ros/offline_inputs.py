# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What of a bag perception and localization read, and where perception has its poses from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mm_fusion_ros.errors import BagError, ConfigError
from mm_fusion_ros.intake import input_topics, InputTopic, InputType, TF
from mm_fusion_ros.localization_outputs import ODOMETRY
from mm_fusion_ros.localization_topics import localization_topics
from mm_fusion_ros.offline_perception import DATA_TYPES
from mm_fusion_ros.output import absolute_topic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from mm_fusion_ros.bags.read import TopicInfo
    from mm_fusion_ros.localization.source import Source
    from mm_fusion_ros.localization_config import LocalizationConfig
    from mm_fusion_ros.perception_config import LidarConfig, PerceptionConfig

_DATA_TYPES = frozenset(item.value for item in DATA_TYPES)


@dataclass(frozen=True, slots=True)
class BagInputs:
    """
    What is read.

    Attributes
    ----------
    perception : dict of str to InputTopic
        What perception reads, by absolute topic.
    sources : dict of str to Source
        What the localization reads, besides transforms and sweeps.
    odometry_lidar : LidarConfig, optional
        The LiDAR whose motion the localization is told.
    poses : InputTopic, optional
        What perception is given of the localization; None where it has poses from the bag, or
        needs none.
    warnings : tuple of str
        What cannot be used.

    """

    perception: dict[str, InputTopic]
    sources: dict[str, Source]
    odometry_lidar: LidarConfig | None
    poses: InputTopic | None
    warnings: tuple[str, ...]

    @property
    def locates(self) -> bool:
        """Whether there is anything to locate the vehicle by."""
        return bool(self.sources or self.odometry_lidar)

    @property
    def topics(self) -> frozenset[str]:
        """All of them."""
        return frozenset((*self.perception, *self.sources))


def bag_inputs(
    path: Path,
    topics: Iterable[TopicInfo],
    config: PerceptionConfig,
    localization: LocalizationConfig | None,
    odometry_lidar: str = '',
) -> BagInputs:
    """
    Find in a bag what is configured.

    Parameters
    ----------
    path : Path
        The bag.
    topics : iterable of TopicInfo
        What it holds.
    config : PerceptionConfig
        Names what perception reads.
    localization : LocalizationConfig, optional
        Names what the localization reads; None where there is none.
    odometry_lidar : str
        The LiDAR whose motion is told to the localization; empty for none.

    Raises
    ------
    BagError
        If nothing is there, or images and sweeps only under names that are not configured, or a
        topic of perception is of another type.
    ConfigError
        If the motion of a LiDAR is wanted that is not there, or that nobody listens to.

    """
    recorded = {info.name: info.type for info in topics}
    sources, warnings = _sources(recorded, localization)
    wanted = {absolute_topic(item.topic): item for item in input_topics(config)}
    for topic, item in wanted.items():
        if recorded.get(topic, item.type.value) != item.type.value:
            raise BagError(f'topic {topic} of {path}', item.type.value, recorded[topic])
    found = {topic: item for topic, item in wanted.items() if topic in recorded}
    if not any(item.type in DATA_TYPES for item in found.values()):
        names = ', '.join(topic for topic, item in wanted.items() if item.type in DATA_TYPES)
        if not sources or _DATA_TYPES & {*recorded.values()}:
            raise BagError(f'bag {path}', f'a sensor topic ({names})',
                           ', '.join(recorded) or 'no topics')
        warnings.append(f'bag {path}: expected a sensor topic ({names}), got none; '
                        'only the localization answers')
    lidar = None
    if odometry_lidar:
        lidar = _odometry_lidar(odometry_lidar, config, localization, recorded)
    poses = _poses_wanted(config, recorded, warnings) if sources or lidar else None
    return BagInputs(found, sources, lidar, poses, tuple(warnings))


def _odometry_lidar(
    name: str, config: PerceptionConfig, localization: LocalizationConfig | None,
    recorded: Mapping[str, str],
) -> LidarConfig:
    if localization is None:
        raise ConfigError('LiDAR odometry', 'a localization that it serves', 'none')
    if localization.velocity.topic:
        raise ConfigError('parameter velocity.topic', 'none where LiDAR odometry serves instead',
                          localization.velocity.topic)
    lidars = {
        lidar: settings for lidar, settings in zip(config.lidars, config.lidar, strict=True)
        if absolute_topic(settings.topic) in recorded}
    if name not in lidars:
        known = f'one of {", ".join(lidars)}' if lidars else 'a LiDAR'
        raise ConfigError('LiDAR of the odometry', f'{known} in the bag', name)
    return lidars[name]


def _sources(
    recorded: Mapping[str, str], localization: LocalizationConfig | None
) -> tuple[dict[str, Source], list[str]]:
    found, warnings = {}, []
    for item in localization_topics(localization) if localization else ():
        topic = absolute_topic(item.topic)
        kind = recorded.get(topic)
        if kind in item.types:
            found[topic] = item.source
        elif kind is not None:
            warnings.append(
                f'localization: topic {topic}: expected {" or ".join(item.types)}, got {kind}; '
                'it is not used')
    return found, warnings


def _poses_wanted(
    config: PerceptionConfig, recorded: Mapping[str, str], warnings: list[str]
) -> InputTopic | None:
    motion = config.ego_motion
    if not motion.is_used:
        return None
    if motion.source == 'tf':
        return None if TF in recorded else InputTopic(TF, InputType.TRANSFORMS, '')
    topic = absolute_topic(motion.odometry_topic)
    if topic in recorded:
        return None
    if topic != absolute_topic(ODOMETRY):
        warnings.append(f'odometry: expected {topic} in the bag, got none; perception is given '
                        'the poses of the localization')
    return InputTopic(topic, InputType.ODOMETRY, '')
