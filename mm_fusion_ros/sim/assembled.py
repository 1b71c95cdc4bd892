# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Labelled frames as the assembler would have given them, had it known the vehicle's way exactly.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import EgoPose
from mm_fusion_ros.ego_motion.motion_removal import deskewed, with_moved_cameras
from mm_fusion_ros.ego_motion.own_motion import own_motion
from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.geometry.pose_buffer import PoseBuffer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.frames import LabelledFrame

_UNKNOWN = np.full(3, np.nan)


def assembled(
    labelled: LabelledFrame, *, deskews: bool = True, moves_cameras: bool = True
) -> LabelledFrame:
    """
    Take the vehicle's own motion out of a frame.

    Parameters
    ----------
    labelled : LabelledFrame
        As measured.
    deskews : bool
        Move every point to where it would have been at the stamp of the frame.
    moves_cameras : bool
        Put every camera where it was when it took its image.

    """
    buffer = PoseBuffer()
    for stamp_ns, T in zip(labelled.way_ns, labelled.T_world_way, strict=True):
        buffer.add(EgoPose(int(stamp_ns), 'world', labelled.frame.frame_id, T, _UNKNOWN, _UNKNOWN))
    T_frame_world = transforms.inverse(labelled.T_world_base)

    def poses_at(stamps_ns: NDArray[np.int64]) -> NDArray[np.float64]:
        return buffer.poses_at(stamps_ns).T

    def motion(stamps_ns: NDArray[np.int64]) -> NDArray[np.float64]:
        return T_frame_world @ poses_at(stamps_ns)

    frame = replace(labelled.frame, ego=own_motion(poses_at, labelled.frame.stamp_ns))
    if deskews:
        frame = deskewed(frame, motion)
    if moves_cameras:
        frame = with_moved_cameras(frame, motion)
    return replace(labelled, frame=frame)
