# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Writes a proposal as a ROS parameter file, with the reasons as comments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from mm_fusion_ros.localization_config import NODE_NAME as LOCALIZATION_NODE
from mm_fusion_ros.perception_config import NODE_NAME, SyncConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mm_fusion_ros.config import Value
    from mm_fusion_ros.doctor.motion_proposal import MotionProposal
    from mm_fusion_ros.doctor.proposal import Proposal, ProposedSensor


def vehicle_text(proposal: Proposal, motion: MotionProposal, bag_name: str) -> str:
    """
    Write a proposal as YAML that nodes, `load_perception_config` and its sibling read.
    """
    return '\n'.join([
        f'# Vehicle file for what {bag_name} holds, as found by `mm_fusion doctor`.',
        '# What is not here keeps its default; look at every line that says guess.',
        f'/**/{NODE_NAME}:',
        *_content(proposal),
        *_motion_content(motion),
        '',
    ])


def _content(proposal: Proposal) -> Iterator[str]:
    if not proposal.sensors:
        yield '  ros__parameters: {}  # no LiDAR and no camera was found'
        return
    yield '  ros__parameters:'
    yield f'    lidars: {_yaml(proposal.names("lidar"))}'
    yield f'    cameras: {_yaml(proposal.names("camera"))}'
    yield f'    base_frame: {_yaml(proposal.base_frame)}'
    if proposal.max_wait_ms != SyncConfig().max_wait_ms:
        yield '    sync:'
        yield f'      max_wait_ms: {proposal.max_wait_ms}  # so late do messages come'
    for sensor in proposal.sensors:
        yield from _section(sensor)


def _section_of(item: tuple[str, Value]) -> str:
    above, dot, _ = item[0].rpartition('.')
    return above if dot else ''


def _motion_content(motion: MotionProposal) -> Iterator[str]:
    if not motion.found:
        return
    yield f'/**/{LOCALIZATION_NODE}:'
    yield '  ros__parameters:'
    section = ''
    for name, value in sorted(motion.values.items(), key=_section_of):
        *above, key = name.split('.')
        if above and above[0] != section:
            section = above[0]
            yield f'    {section}:'
        reason = f'  # {motion.reasons[name]}' if name in motion.reasons else ''
        yield f'    {"  " * len(above)}{key}: {_yaml(value)}{reason}'
    for remark in motion.remarks:
        yield f'    # {remark}'


def _section(sensor: ProposedSensor) -> Iterator[str]:
    yield f'    {sensor.name}:'
    for key, value in sensor.values.items():
        reason = sensor.reasons[key]
        yield f'      {key}: {_yaml(value)}' + (f'  # {reason}' if reason else '')
    for remark in sensor.remarks:
        yield f'      # {remark}'


def _yaml(value: Value) -> str:
    plain = list(value) if isinstance(value, tuple) else value
    text: str = yaml.safe_dump(plain, default_flow_style=True, width=10_000)
    return text.removesuffix('\n').removesuffix('\n...')
