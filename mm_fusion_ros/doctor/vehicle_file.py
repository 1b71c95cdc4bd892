# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Writes a proposal as a ROS parameter file, with the reasons as comments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from mm_fusion_ros.perception_config import NODE_NAME, SyncConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mm_fusion_ros.config import Value
    from mm_fusion_ros.doctor.proposal import Proposal, ProposedSensor


def vehicle_text(proposal: Proposal, bag_name: str) -> str:
    """
    Write a proposal as YAML that a node, and `load_perception_config`, read.
    """
    return '\n'.join([
        f'# Vehicle file for what {bag_name} holds, as found by `mm_fusion doctor`.',
        '# What is not here keeps its default; look at every line that says guess.',
        f'/**/{NODE_NAME}:',
        *_content(proposal),
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
