# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Takes sensors away, with what the truth says of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mm_fusion_ros.data_types import CameraInput, LidarInput, SensorFrame
    from mm_fusion_ros.training.sample import TrainingSample


def with_sensors(
    frame: SensorFrame, lidars: tuple[LidarInput, ...], cameras: tuple[CameraInput, ...]
) -> SensorFrame:
    """Keep these sensors of a frame, and say which are gone."""
    left = {lidar.name for lidar in lidars} | {camera.name for camera in cameras}
    return replace(
        frame, lidars=lidars, cameras=cameras,
        sensors=tuple(
            state if state.name in left else replace(state, present=False, offset_ns=0)
            for state in frame.sensors))


def with_cameras(sample: TrainingSample, kept: Sequence[int]) -> TrainingSample:
    """Keep the cameras of these numbers, ascending, and no others."""
    frame, visible_px, depths_m = sample.frame, sample.visible_px, sample.depths_m
    return replace(
        sample,
        frame=with_sensors(
            frame, frame.lidars, tuple(frame.cameras[number] for number in kept)),
        visible_px=None if visible_px is None else visible_px[list(kept)],
        depths_m=None if depths_m is None else tuple(depths_m[number] for number in kept),
    )


def without_lidars(sample: TrainingSample) -> TrainingSample:
    """Take all LiDARs away; boxes keep the count of the points that were in them."""
    return replace(sample, frame=with_sensors(sample.frame, (), sample.frame.cameras))
