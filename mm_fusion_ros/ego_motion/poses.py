# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Reads ego poses from any Odometry or transform into a `PoseBuffer`, as poses of the base frame.

The thread that receives messages fills it while another one reads.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import EgoPose
from mm_fusion_ros.errors import InvalidMessageError, MmFusionError, TransformError
from mm_fusion_ros.geometry.pose_buffer import PoseBuffer
from mm_fusion_ros.messages.convert_in import to_ego_pose

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from mm_fusion_ros.ego_motion.settings import EgoMotionSettings
    from mm_fusion_ros.geometry.pose_buffer import PosesAt
    from mm_fusion_ros.geometry.transform_tree import TransformTree
    from mm_fusion_ros.messages.convert_in.transforms import StampedTransform

_UNKNOWN_TWIST = np.zeros(3)


class EgoPoses:
    """
    Where the base frame was at any recent stamp.

    Parameters
    ----------
    settings : EgoMotionSettings
        Names the source.
    base_frame : str
        Whose poses are kept.
    tree : TransformTree
        Tells where the base frame is on what an Odometry is about, or in the fixed frame.

    """

    def __init__(
        self, settings: EgoMotionSettings, base_frame: str, tree: TransformTree
    ) -> None:
        self._settings = settings
        self._base_frame = base_frame
        self._tree = tree
        self._buffer = PoseBuffer(max_prediction_s=settings.max_prediction_ms / 1e3)
        self._received = self._rejected = 0

    @property
    def source(self) -> str:
        """What they are read from, in words; empty where nothing is."""
        settings = self._settings
        if not settings.is_used:
            return ''
        if settings.source == 'odometry':
            return settings.odometry_topic
        return f'/tf from {settings.odom_frame} to {self._base_frame}'

    @property
    def newest_ns(self) -> int | None:
        """Stamp of the newest pose; None without any."""
        return self._buffer.newest_ns

    @property
    def received(self) -> int:
        """How many poses came."""
        return self._received

    @property
    def rejected(self) -> int:
        """How many of them could not be used."""
        return self._rejected

    def clear(self) -> None:
        """Forget all poses, as after time began anew."""
        self._buffer.clear()

    def at(self, stamps_ns: NDArray[np.int64]) -> PosesAt:
        """Give the poses of the base frame at stamps (N,), in one fixed frame."""
        return self._buffer.poses_at(stamps_ns)

    def add_odometry(self, message: Any) -> tuple[str, ...]:
        """
        Take in an Odometry of the base frame, or of another one that the tree joins to it.

        Returns
        -------
        tuple of str
            Why it could not be used; empty if it could.

        """
        self._received += 1
        try:
            pose = to_ego_pose(message)
            if pose.stamp_ns <= 0:  # would be taken for a new run, and the others forgotten
                raise InvalidMessageError('stamp', 'a time after 0', f'{pose.stamp_ns} ns')
            if pose.child_frame_id != self._base_frame:
                pose = self._of_base(pose)
            self._buffer.add(pose)
        except MmFusionError as err:
            self._rejected += 1
            return (f'odometry: {err}',)
        return ()

    def add_transforms(self, edges: Iterable[StampedTransform]) -> None:
        """
        Take note of transforms that are in the tree by now.

        Those at either end of the chain from the fixed frame to the base frame make a pose.
        """
        fixed_frame = self._settings.odom_frame
        for edge in edges:
            if edge.child == self._base_frame or edge.parent == fixed_frame:
                # Of several changing links one may be missing yet.
                with suppress(TransformError):
                    T = self._tree.lookup(fixed_frame, self._base_frame, edge.stamp_ns)
                    self._received += 1
                    self._buffer.add(EgoPose(
                        edge.stamp_ns, fixed_frame, self._base_frame, T, _UNKNOWN_TWIST,
                        _UNKNOWN_TWIST))

    def _of_base(self, pose: EgoPose) -> EgoPose:
        T_child_base = self._tree.lookup(pose.child_frame_id, self._base_frame, pose.stamp_ns)
        turn, arm = T_child_base[:3, :3], T_child_base[:3, 3]
        return replace(
            pose,
            child_frame_id=self._base_frame,
            T_frame_child=pose.T_frame_child @ T_child_base,
            linear_mps=turn.T @ (pose.linear_mps + np.cross(pose.angular_radps, arm)),
            angular_radps=turn.T @ pose.angular_radps,
        )
