# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Takes the vehicle's own motion out of a whole frame, where the way it went is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.geometry.deskew import knots_around, move_points

if TYPE_CHECKING:
    from mm_fusion_ros.data_types import CameraInput, LidarInput, SensorFrame

# Stamps (N,), ns, to the base frame at each as seen from it at the stamp of the frame: (N, 4, 4).
Motion: TypeAlias = Callable[[NDArray[np.int64]], NDArray[np.float64]]


def deskewed(frame: SensorFrame, motion: Motion) -> SensorFrame:
    """Move every point that tells its time to where it would have been at the frame's stamp."""

    def moved(lidar: LidarInput) -> LidarInput:
        sweep = lidar.sweep
        if sweep.time_offset_ns is None or not len(sweep):
            return lidar
        knots_ns = knots_around(sweep.time_offset_ns)
        T = transforms.inverse(lidar.T_base_lidar) @ motion(
            sweep.stamp_ns + knots_ns) @ lidar.T_base_lidar
        points = move_points(sweep.points, sweep.time_offset_ns, knots_ns, T)
        return replace(lidar, sweep=replace(sweep, points=points))

    return replace(frame, lidars=tuple(map(moved, frame.lidars)))


def with_moved_cameras(frame: SensorFrame, motion: Motion) -> SensorFrame:
    """Put every camera where it was when it took its image."""

    def moved(camera: CameraInput) -> CameraInput:
        T = motion(np.array([camera.image.stamp_ns]))[0]
        return replace(camera, T_base_camera=T @ camera.T_base_camera)

    return replace(frame, cameras=tuple(map(moved, frame.cameras)))
