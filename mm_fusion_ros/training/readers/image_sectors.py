# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Where on the ground things are that a part of a level camera's image shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.geometry.transforms import apply, wrap_angle
from mm_fusion_ros.training.sector import Sector

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NEARER = 0.8  # as a rectangle may end above what its object stands on, and ground is not flat


def columns_sector(
    projection: NDArray[np.float64], T_base_camera: NDArray[np.float64],
    left_px: float, right_px: float,
) -> Sector:
    """
    Give what is seen between two columns of an image.

    Parameters
    ----------
    projection : (3, 4) float64
        Of a camera without distortion.
    T_base_camera : (4, 4) float64
        Where it is; its axis is nearly level.
    left_px, right_px : float
        The columns, from left to right.

    """
    apex, rays = _rays(projection, T_base_camera, np.array(
        [(left_px, projection[1, 2]), (right_px, projection[1, 2])]))
    left, right = np.arctan2(rays[:, 1], rays[:, 0])
    half = float(np.mod(left - right, 2.0 * np.pi)) / 2.0
    return Sector(apex[:2], float(wrap_angle(right + half)), half)


def rectangle_sector(
    projection: NDArray[np.float64], T_base_camera: NDArray[np.float64],
    rectangle_px: NDArray[np.float64],
) -> Sector | None:
    """
    Give where objects on the ground, which is at z = 0, can stand if a rectangle holds them.

    Parameters
    ----------
    projection, T_base_camera :
        As for `columns_sector`.
    rectangle_px : (4,) float64
        Left, top, right, bottom.

    Returns
    -------
    Sector, optional
        None where the rectangle shows no ground: it ends above the horizon.

    """
    left, _, right, bottom = rectangle_px.tolist()
    apex, rays = _rays(projection, T_base_camera, np.array([(left, bottom), (right, bottom)]))
    if right <= left or (rays[:, 2] >= 0.0).any():
        return None
    distances_m = np.linalg.norm(rays[:, :2], axis=1) * apex[2] / -rays[:, 2]
    whole = columns_sector(projection, T_base_camera, left, right)
    return Sector(
        whole.apex, whole.heading_rad, whole.half_angle_rad, _NEARER * float(distances_m.min()))


def _rays(
    projection: NDArray[np.float64], T_base_camera: NDArray[np.float64],
    pixels: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the point (3,) that a camera sees from, and in which directions (N, 3) pixels look."""
    K = projection[:, :3]
    center = -np.linalg.solve(K, projection[:, 3])
    rays = np.linalg.solve(K, np.column_stack([pixels, np.ones(len(pixels))]).T).T
    apex = apply(T_base_camera, center[None])[0]
    return apex, rays @ T_base_camera[:3, :3].T
