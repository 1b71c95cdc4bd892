# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Finds out whether somebody else publishes the transforms that the localization publishes.
"""

from __future__ import annotations

from collections import deque
from typing import Any, TYPE_CHECKING

from mm_fusion_ros.errors import MmFusionError
from mm_fusion_ros.messages.convert_in import to_transform

if TYPE_CHECKING:
    from mm_fusion_ros.localization_config import LocalizationConfig
    from mm_fusion_ros.messages.convert_in import StampedTransform

_REMEMBERED = 1000  # stamps: longer than a message travels


class OwnTransforms:
    """
    What is published on /tf, compared with what is heard there.

    Parameters
    ----------
    config : LocalizationConfig
        Names frames, and says which transforms are published.

    """

    def __init__(self, config: LocalizationConfig) -> None:
        # By child, with the parameter that leaves it to others.
        self._parents: dict[str, tuple[str, str]] = {}
        if config.publish_map_tf:
            self._parents[config.odom_frame] = config.map_frame, 'publish_map_tf'
        if config.publish_odom_tf:
            self._parents[config.base_frame] = config.odom_frame, 'publish_odom_tf'
        self._stamps_ns: deque[int] = deque(maxlen=_REMEMBERED)
        self._conflicts: dict[str, None] = {}  # an ordered set

    @property
    def conflicts(self) -> tuple[str, ...]:
        """One text for each frame that somebody else gives a place too."""
        return tuple(self._conflicts)

    def forget(self) -> None:
        """Forget what was heard, as where others came or went."""
        self._conflicts.clear()

    def hear(self, message: Any) -> None:
        """Compare a TFMessage with what is published."""
        for item in message.transforms:
            try:
                text = self.conflict(to_transform(item))
            except MmFusionError as err:
                text = str(err)
            if text:
                self._conflicts[text] = None

    def published(self, stamp_ns: int) -> None:
        """Remember what was published."""
        self._stamps_ns.append(stamp_ns)

    def conflict(self, heard: StampedTransform) -> str:
        """Say what is wrong with a transform heard; empty if nothing is."""
        parent, parameter = self._parents.get(heard.child, ('', ''))
        if not parent:
            return ''
        remedy = f'; set {parameter} to false, or end the other'
        if heard.parent != parent:
            return (f'frame {heard.child}: expected one parent, got {parent} and '
                    f'{heard.parent}{remedy}')
        if heard.stamp_ns not in self._stamps_ns:
            return (f'transform from {heard.child} to {parent}: expected one publisher, '
                    f'got another beside this node{remedy}')
        return ''
