# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Frames of any number of points and cameras as one batch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from mm_fusion_ros.model.inputs import FusionInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mm_fusion_ros.preprocess.frame_arrays import FrameArrays


def collate(frames: Sequence[FrameArrays]) -> FusionInput:
    """
    Put B frames together.

    Parameters
    ----------
    frames : sequence of FrameArrays
        Of images of one size. There are as many slots for cameras as the frame with the most of
        them needs.

    """
    height, width = frames[0].images.shape[1:3]
    slots = max(len(frame.images) for frame in frames)
    images = np.zeros((len(frames), slots, height, width, 3), np.uint8)
    projections = np.zeros((len(frames), slots, 3, 4), np.float32)
    has_camera = np.zeros((len(frames), slots), np.bool_)
    for index, frame in enumerate(frames):
        count = len(frame.images)
        images[index, :count] = frame.images
        projections[index, :count] = frame.projections
        has_camera[index, :count] = True
    rows = np.concatenate([frame.points for frame in frames])
    of_frame = np.repeat(np.arange(len(frames)), [len(frame.points) for frame in frames])
    return FusionInput(
        points=torch.from_numpy(rows),
        point_frames=torch.from_numpy(of_frame),
        has_lidar=torch.tensor([frame.has_lidar for frame in frames]),
        images=torch.from_numpy(images).permute(0, 1, 4, 2, 3),
        projections=torch.from_numpy(projections),
        has_camera=torch.from_numpy(has_camera),
        ego=torch.from_numpy(np.stack([frame.ego for frame in frames])),
    )
