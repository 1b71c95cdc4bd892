# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Whether the bag holds what the configuration names, in the right type.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from mm_fusion_ros.doctor.findings import Finding
from mm_fusion_ros.doctor.recording import COMPRESSED_IMAGE, IMAGE, POINTS
from mm_fusion_ros.intake import input_topics, InputType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mm_fusion_ros.doctor.recording import Recording
    from mm_fusion_ros.intake import InputTopic
    from mm_fusion_ros.perception_config import PerceptionConfig

_SENSOR_TYPES = (POINTS, IMAGE, COMPRESSED_IMAGE)
_PACKETS = re.compile(r'(Scan|Packets?|PacketMsg|CustomMsg)$')
_LARGE_BYTES = 500_000


def check_topics(config: PerceptionConfig | None, recording: Recording) -> Iterator[Finding]:
    """
    Check the bag as a whole and each topic that the configuration names.
    """
    for warning in recording.warnings:
        yield Finding('warning', '', warning, 'what was recorded after that is lost')
    yield from _check_packets(recording)
    if config is None:
        held = ', '.join(sorted({info.type for info in recording.topics})) or 'no topic'
        yield Finding('error', '', f'sensors: expected PointCloud2 or Image messages, got {held}',
                      'record the topics of a LiDAR or camera')
        return
    inputs = [item for item in input_topics(config) if item.sensor]
    named = {item.topic for item in inputs}
    missing: set[str] = set()
    for item in inputs:  # the data of each sensor come before its CameraInfo
        if item.sensor not in missing:
            for finding in _check_topic(item, recording, named):
                missing.add(item.sensor)
                yield finding
    yield from _check_large(config, recording)


def _check_topic(
    item: InputTopic, recording: Recording, named: set[str]
) -> Iterator[Finding]:
    wanted = item.type.value
    held = [info for info in recording.topics if info.name == item.topic]
    if not held:
        text = f'{item.topic}: expected a topic of type {wanted}, got none of that name'
        yield Finding('error', item.topic, text, _other_topic(item, recording, named))
    elif held[0].type != wanted:
        text = f'{item.topic}: expected {wanted}, got {held[0].type}'
        yield Finding('error', item.topic, text, _other_topic(item, recording, named))
    elif held[0].count == 0:
        text = f'{item.topic}: expected messages, got none'
        yield Finding('error', item.topic, text, 'is the driver running? was QoS compatible?')


def _other_topic(item: InputTopic, recording: Recording, named: set[str]) -> str:
    """
    Suggest what could have been meant: a topic that no sensor has yet.
    """
    parameter = 'camera_info_topic' if item.type is InputType.CAMERA_INFO else 'topic'
    types = {item.type.value}
    if item.type in (InputType.IMAGE, InputType.COMPRESSED_IMAGE):
        types = {IMAGE, COMPRESSED_IMAGE}
    candidates = [
        info.name
        for info in recording.topics
        if info.type in types and info.count and info.name not in named
    ]
    if not candidates:
        return f'record it, or take {item.sensor} out of the configuration'
    close = difflib.get_close_matches(item.topic, candidates, n=1, cutoff=0.0)
    return f'set {item.sensor}.{parameter}, perhaps to {close[0]}'


def _check_packets(recording: Recording) -> Iterator[Finding]:
    for info in recording.topics:
        if _PACKETS.search(info.type) and not info.type.endswith('LaserScan') and info.count:
            text = f'{info.name}: expected {POINTS}, got {info.type}, the packets of a driver'
            yield Finding('info', info.name, text, 'let the driver publish PointCloud2 too')


def _check_large(config: PerceptionConfig, recording: Recording) -> Iterator[Finding]:
    """
    Name the topics that a live system loses where a publisher lacks the DDS profile.
    """
    topics = [item.topic for item in input_topics(config)]
    large = [
        stream.info.name
        for stream in recording.of_type(*_SENSOR_TYPES)
        if stream.info.name in topics
        and stream.bytes_largest > _LARGE_BYTES
        and stream.info.best_effort
    ]
    if large:
        text = (f'delivery of {", ".join(large)}: expected reliable QoS for messages over 0.5 MB, '
                'got best effort, which default Fast DDS loses on the live system')
        remedy = ('start those drivers with FASTRTPS_DEFAULT_PROFILES_FILE set to '
                  'config/dds/fastdds_large_messages.xml')
        yield Finding('info', large[0], text, remedy)
