# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Which topics are sensors, and what to call them, judged from topic names alone.
"""

from __future__ import annotations

from dataclasses import fields
import re
from typing import TYPE_CHECKING

from mm_fusion_ros.perception_config import PerceptionConfig

if TYPE_CHECKING:
    from collections.abc import Iterable

# Words of a topic name that say what it carries, not which sensor it is.
_GENERIC = re.compile(
    r'(sensing|sensors?|lidars?|cameras?|cam|points?|point_?cloud2?|pointcloud|cloud|packets|'
    r'images?|raw|rect|color|mono|compressed|decompressed|data|driver|node|ros|rectified|unrect)'
)
# What other programs derive, which is not what a sensor saw.
_DERIVED = re.compile(
    r'depth|disparity|mask|segment|label|overlay|ground_truth|(^|[/_])map|fused|cluster|filtered|'
    r'obstacle|voxel|costmap|theora|debug|accumulat|aggregat|registered'
)
_RESERVED = {item.name for item in fields(PerceptionConfig)}


def is_derived(topic: str) -> bool:
    """
    Whether a topic looks like the product of another program rather than of a sensor.
    """
    return bool(_DERIVED.search(topic))


def raw_image_topic(topic: str) -> str:
    """
    Strip the transport from an image topic.
    """
    return topic.removesuffix('/compressed')


def sensor_names(topics: Iterable[str], kind: str) -> dict[str, str]:
    """
    Give each topic a short name that is unique among them and can be a parameter.

    Parameters
    ----------
    topics : iterable of str
        Topics of one kind.
    kind : str
        'lidar' or 'camera': the stem of a name where the topic has none.

    """
    names: dict[str, str] = {}
    for topic in topics:
        words = _telling_words(topic)
        candidates = [words[-1], '_'.join(words)] if words else []
        candidates += [f'{kind}{number}' for number in range(len(names) + 2)]
        taken = {*names.values(), *_RESERVED}
        names[topic] = next(name for name in candidates if name not in taken)
    return names


def _telling_words(topic: str) -> list[str]:
    words = []
    for segment in topic.lower().split('/'):
        parts = [part for part in re.split(r'[^a-z0-9]+', segment) if part]
        telling = [part for part in parts if not _GENERIC.fullmatch(part)]
        if telling and not telling[0][0].isdigit():
            words.append('_'.join(telling))
    return words
