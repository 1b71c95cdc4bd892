# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Takes sensors away, with what the truth says of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mm_fusion_ros.data_types import SensorFrame
    from mm_fusion_ros.training.sample import TrainingSample


def with_cameras(sample: TrainingSample, kept: Sequence[int]) -> TrainingSample:
    """Keep the cameras of these numbers, ascending, and no others."""
    cameras = tuple(sample.frame.cameras[number] for number in kept)
    gone = {camera.name for camera in sample.frame.cameras} - {camera.name for camera in cameras}
    visible_px, depths_m = sample.visible_px, sample.depths_m
    return replace(
        sample,
        frame=_without(replace(sample.frame, cameras=cameras), 'camera', gone),
        visible_px=None if visible_px is None else visible_px[list(kept)],
        depths_m=None if depths_m is None else tuple(depths_m[number] for number in kept),
    )


def without_lidars(sample: TrainingSample) -> TrainingSample:
    """Take all LiDARs away; boxes keep the count of the points that were in them."""
    gone = {lidar.name for lidar in sample.frame.lidars}
    return replace(sample, frame=_without(replace(sample.frame, lidars=()), 'lidar', gone))


def _without(frame: SensorFrame, kind: str, gone: Collection[str]) -> SensorFrame:
    """Say which sensors are absent."""
    return replace(frame, sensors=tuple(
        replace(state, present=False, offset_ns=0)
        if state.kind == kind and state.name in gone else state
        for state in frame.sensors))
