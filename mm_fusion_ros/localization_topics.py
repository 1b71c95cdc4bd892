# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Which topics the localization reads, live or from a bag, and what they may carry.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.localization.source import Source

if TYPE_CHECKING:
    from mm_fusion_ros.localization_config import LocalizationConfig

_TWIST = 'geometry_msgs/msg/TwistStamped'
_TWIST_WITH_COVARIANCE = 'geometry_msgs/msg/TwistWithCovarianceStamped'
_ODOMETRY = 'nav_msgs/msg/Odometry'


@dataclass(frozen=True, slots=True)
class LocalizationTopic:
    """
    One topic that the localization reads.

    Attributes
    ----------
    source : Source
        What it serves as.
    topic : str
        Absolute or relative name.
    types : tuple of str
        What it may carry, the usual one first.
    depth : int
        History depth, messages.

    """

    source: Source
    topic: str
    types: tuple[str, ...]
    depth: int


def localization_topics(config: LocalizationConfig) -> tuple[LocalizationTopic, ...]:
    """
    List what has to be subscribed to, or read from a bag, besides transforms.

    Raises
    ------
    ConfigError
        If two sources share a topic.

    """
    twists = (_TWIST, _TWIST_WITH_COVARIANCE)
    listed = (
        LocalizationTopic(Source.IMU, config.imu.topic, ('sensor_msgs/msg/Imu',), 200),
        LocalizationTopic(Source.FIX, config.gnss.topic, ('sensor_msgs/msg/NavSatFix',), 20),
        LocalizationTopic(Source.GNSS_VELOCITY, config.gnss.velocity_topic, twists, 20),
        LocalizationTopic(Source.WHEELS, config.wheels.topic, (*twists, _ODOMETRY), 100),
        LocalizationTopic(Source.VELOCITY, config.velocity.topic, (*twists, _ODOMETRY), 100),
    )
    found = tuple(item for item in listed if item.topic)
    for topic, count in Counter(item.topic for item in found).items():
        if count > 1:
            raise ConfigError(f'topic {topic}', 'one source', f'{count} sources')
    return found
