# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Where the ground is, seen from a frame that should stand on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CELL_M = 1.0
_INLIER_M = 0.1
_TRIALS = 300
_STEEPEST = 0.6  # rise per distance; a steeper plane is no ground
_LEAST_CELLS = 30
_LEAST_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class GroundPlane:
    """
    The plane z = height_m + slope_x x + slope_y y.

    Attributes
    ----------
    height_m : float
        Below or above the frame's origin, m.
    slope_x, slope_y : float
        Rise per distance along x and y.

    """

    height_m: float
    slope_x: float
    slope_y: float

    @property
    def tilt_deg(self) -> float:
        """
        Angle to the horizontal, degrees.
        """
        return float(np.degrees(np.arctan(np.hypot(self.slope_x, self.slope_y))))


def fit_ground(points: NDArray[np.float32]) -> GroundPlane | None:
    """
    Fit a plane to the ground around a vehicle.

    Of each square metre only the lowest point counts; the plane is the one near to most of those
    (RANSAC, always with the same draws), then fitted to them.

    Parameters
    ----------
    points : (N, 3) float32
        In a frame whose z is roughly up, m.

    Returns
    -------
    GroundPlane, optional
        None where no plane stands out.

    """
    lowest = _lowest_of_cells(points)
    if len(lowest) < _LEAST_CELLS:
        return None
    draws = np.random.default_rng(0).integers(0, len(lowest), (_TRIALS, 3))
    corners = lowest[draws]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    usable = np.abs(normals[:, 2]) * _STEEPEST > np.hypot(normals[:, 0], normals[:, 1])
    if not usable.any():
        return None
    slopes = -normals[usable, :2] / normals[usable, 2:]
    origins = corners[usable, 0]
    heights = origins[:, 2] - (slopes * origins[:, :2]).sum(axis=1)
    residuals = lowest[:, 2] - slopes @ lowest[:, :2].T - heights[:, None]  # (trials, cells)
    is_inlier = np.abs(residuals) < _INLIER_M
    best = is_inlier[np.argmax(is_inlier.sum(axis=1))]
    if best.sum() < max(_LEAST_CELLS, _LEAST_SHARE * len(lowest)):
        return None
    columns = np.c_[lowest[best, :2], np.ones(best.sum())]
    (slope_x, slope_y, height), *_ = np.linalg.lstsq(columns, lowest[best, 2], rcond=None)
    return GroundPlane(float(height), float(slope_x), float(slope_y))


def _lowest_of_cells(points: NDArray[np.float32]) -> NDArray[np.float64]:
    if len(points) == 0:
        return np.empty((0, 3))
    cells = np.floor(points[:, :2] / _CELL_M).astype(np.int64)
    order = np.lexsort((points[:, 2], cells[:, 1], cells[:, 0]))
    cells = cells[order]
    is_first = np.r_[True, (cells[1:] != cells[:-1]).any(axis=1)]
    return points[order[is_first]].astype(np.float64)
