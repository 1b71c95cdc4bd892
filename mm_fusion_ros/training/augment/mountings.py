# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Errs about where a sensor sits and about when an image was taken.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.transform import Rotation

from mm_fusion_ros.stamps import from_seconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import CameraInput


def displaced(
    T_base_sensor: NDArray[np.float64], turn_deviation_rad: float, shift_deviation_m: float,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Turn a sensor about its own axes, and shift it, both normally distributed."""
    turn, shift = rng.standard_normal((2, 3))
    T: NDArray[np.float64] = T_base_sensor.copy()
    T[:3, :3] = T[:3, :3] @ Rotation.from_rotvec(turn * turn_deviation_rad).as_matrix()
    T[:3, 3] += shift * shift_deviation_m
    return T


def misdated(camera: CameraInput, error_s: float, twist: NDArray[np.float64]) -> CameraInput:
    """
    Put a camera where it would be taken to be if its stamp were wrong.

    Parameters
    ----------
    camera : CameraInput
        Where it was at its own stamp.
    error_s : float
        How much later the stamp says than it was, a few hundredths of a second.
    twist : (6,) float64
        Of the vehicle, linear m/s and angular rad/s.

    """
    motion = np.eye(4)
    # So little a turn hardly bends the way.
    motion[:3, :3] = Rotation.from_rotvec(twist[3:] * error_s).as_matrix()
    motion[:3, 3] = twist[:3] * error_s
    stamp_ns = camera.image.stamp_ns + from_seconds(error_s)
    return replace(
        camera, image=replace(camera.image, stamp_ns=stamp_ns),
        T_base_camera=motion @ camera.T_base_camera)
