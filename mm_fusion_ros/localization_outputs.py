# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Everything the localization publishes, in one list: the node, `process` and the documents read it.
"""

from __future__ import annotations

from collections import deque
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.messages.convert_out import (
    from_ego_pose,
    from_gnss_fix,
    from_transforms,
    path_from_poses,
    pose_from_ego_pose,
    pose_stamped_from_ego_pose,
)
from mm_fusion_ros.output import Output
from mm_fusion_ros.stamps import NS_PER_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import EgoPose
    from mm_fusion_ros.localization.located import Located
    from mm_fusion_ros.localization_config import LocalizationConfig, PathConfig
    from mm_fusion_ros.messages.message_types import MessageTypes

ODOMETRY = 'odometry'
TF = '/tf'
_PATH_PERIOD_NS = NS_PER_S
_RESTART_NS = NS_PER_S


class LocalizationOutputs:
    """
    The topics, and what of the past they need.

    Parameters
    ----------
    config : LocalizationConfig
        Names frames, and says which transforms are published.

    """

    def __init__(self, config: LocalizationConfig) -> None:
        self._config = config
        self._path = _DrivenPath(config.path, config.map_frame)

    def all(self) -> tuple[Output[Located], ...]:
        """List the topics in the order of publication."""
        return (
            Output(TF, 'tf2_msgs/msg/TFMessage', self._transforms),
            Output(ODOMETRY, 'nav_msgs/msg/Odometry', _odometry),
            Output('pose', 'geometry_msgs/msg/PoseWithCovarianceStamped', _pose),
            Output('fix', 'sensor_msgs/msg/NavSatFix', _fix),
            Output('path', 'nav_msgs/msg/Path', self._path.build),
        )

    def remember(self, located: Located) -> None:
        """Take in every pose, whether it is published or not."""
        self._path.add(located)

    def _transforms(self, located: Located, types: MessageTypes) -> Any:
        config, odometry = self._config, located.odometry
        edges = []
        if config.publish_map_tf:
            edges.append((config.map_frame, config.odom_frame, located.T_map_odom))
        if config.publish_odom_tf:
            edges.append((config.odom_frame, config.base_frame, odometry.T_frame_child))
        if not edges:
            return None
        messages = [from_transforms({child: T}, located.stamp_ns, parent, types)
                    for parent, child, T in edges]
        return types.TFMessage(transforms=[item.transforms[0] for item in messages])


def _odometry(located: Located, types: MessageTypes) -> Any:
    return from_ego_pose(located.odometry, types)


def _pose(located: Located, types: MessageTypes) -> Any:
    return pose_from_ego_pose(located.map_pose, types)


def _fix(located: Located, types: MessageTypes) -> Any:
    return from_gnss_fix(located.fix, types) if located.fix else None


class _DrivenPath:
    """The way driven so far, thinned and bounded; given out once a second."""

    def __init__(self, config: PathConfig, frame_id: str) -> None:
        self._config = config
        self._frame_id = frame_id
        self._fresh: deque[EgoPose] = deque(maxlen=config.max_poses)  # not in a message yet
        self._built: deque[Any] = deque(maxlen=config.max_poses)
        self._newest_ns = self._due_ns = 0
        self._is_on_map = False
        self._last: NDArray[np.float64] | None = None

    def add(self, located: Located) -> None:
        """
        Keep a pose far enough from the last one.

        A new way begins with time that went back, and where the place on the map becomes known.
        """
        pose, is_on_map = located.map_pose, located.fix is not None
        if pose.stamp_ns < self._newest_ns - _RESTART_NS or (is_on_map and not self._is_on_map):
            self._fresh.clear()
            self._built.clear()
            self._last = None
            self._due_ns = 0
        self._newest_ns, self._is_on_map = pose.stamp_ns, is_on_map
        place = pose.T_frame_child[:3, 3]
        if self._last is None or np.linalg.norm(place - self._last) >= self._config.min_distance_m:
            self._last = place
            self._fresh.append(pose)

    def build(self, located: Located, types: MessageTypes) -> Any:
        """Build the Path; None until the next is due."""
        if located.stamp_ns < self._due_ns:
            return None
        self._due_ns = located.stamp_ns + _PATH_PERIOD_NS
        self._built.extend(pose_stamped_from_ego_pose(pose, types) for pose in self._fresh)
        self._fresh.clear()
        return path_from_poses(self._built, located.stamp_ns, self._frame_id, types)
