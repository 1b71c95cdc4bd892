# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
One frame's arrays as tensors that lie in the same places every time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from mm_fusion_ros.model.inputs import FusionInput

if TYPE_CHECKING:
    from mm_fusion_ros.preprocess.frame_arrays import FrameArrays

_STEP_POINTS = 131_072  # a LiDAR of 64 beams fits; more points than ever open so many more


class InputStaging:
    """
    Keeps slots for points and cameras on a device, and fills them frame by frame.

    The slots that a frame does not fill hold what they held before: the network must not look
    at them. For a GPU memory of the host is pinned, so that copies run beside other work; a frame
    may be uploaded once the answer to the one before it was read.

    Parameters
    ----------
    device : torch.device
        Where the network runs.
    image_px : (int, int)
        Width and height of its images.
    cameras : int
        How many there usually are; more open more slots.

    """

    def __init__(self, device: torch.device, image_px: tuple[int, int], cameras: int) -> None:
        self._device = device
        self._image_px = image_px
        self._open(_STEP_POINTS, cameras)

    def upload(self, arrays: FrameArrays) -> FusionInput:
        """Put a frame into the slots; the same tensors as before, unless more were needed."""
        points, cameras = len(arrays.points), len(arrays.images)
        if points > len(self._slots.points) or cameras > self._slots.images.shape[1]:
            self._open(max(points, len(self._slots.points)),
                       max(cameras, self._slots.images.shape[1]))
        host, slots = self._host, self._slots
        self._put(host.points[:points], slots.points[:points], torch.from_numpy(arrays.points))
        slots.point_frames[:points] = 0
        slots.point_frames[points:] = -1
        slots.has_lidar.fill_(arrays.has_lidar)
        images = torch.from_numpy(arrays.images).permute(0, 3, 1, 2)
        self._put(host.images[0, :cameras], slots.images[0, :cameras], images)
        self._put(host.projections[0, :cameras], slots.projections[0, :cameras],
                  torch.from_numpy(arrays.projections))
        slots.has_camera[:, :cameras] = True
        slots.has_camera[:, cameras:] = False
        self._put(host.ego[0], slots.ego[0], torch.from_numpy(arrays.ego))
        return slots

    def _put(self, host: torch.Tensor, slot: torch.Tensor, values: torch.Tensor) -> None:
        if self._device.type == 'cpu':
            slot.copy_(values)
        else:
            host.copy_(values)
            slot.copy_(host, non_blocking=True)

    def _open(self, points: int, cameras: int) -> None:
        points = -(-points // _STEP_POINTS) * _STEP_POINTS
        self._slots = self._empty(points, cameras, self._device)
        self._host = self._slots
        if self._device.type != 'cpu':
            self._host = FusionInput(*(
                each.pin_memory()
                for each in self._empty(points, cameras, torch.device('cpu'))))

    def _empty(self, points: int, cameras: int, device: torch.device) -> FusionInput:
        width, height = self._image_px
        images = torch.zeros(1, cameras, height, width, 3, dtype=torch.uint8, device=device)
        return FusionInput(
            points=torch.zeros(points, 5, device=device),
            point_frames=torch.full((points,), -1, dtype=torch.int64, device=device),
            has_lidar=torch.zeros(1, dtype=torch.bool, device=device),
            images=images.permute(0, 1, 4, 2, 3),
            projections=torch.zeros(1, cameras, 3, 4, device=device),
            has_camera=torch.zeros(1, cameras, dtype=torch.bool, device=device),
            ego=torch.zeros(1, 4, device=device),
        )
