# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
How densely a LiDAR samples what it sees, measured from the points themselves.

Something solid returns most of the beams that meet it; a bush or a fence lets many through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.obstacles.box_fit import Footprints

# Just below the horizon every beam meets the road or something on it.
_BAND_RAD = np.deg2rad((-8.0, -2.0))
_SECTORS = 360
_STEEP_M = 15.0
_NARROW_M = 0.15  # nothing is taken for narrower or lower than this


def beams_per_steradian(points: NDArray[np.float32], origin: NDArray[np.float64]) -> float:
    """
    Count the returns per solid angle a little below the horizon, where there are any.

    Parameters
    ----------
    points : (N, 3) float32
        All points of a sweep, m.
    origin : (3,) float64
        Where they were seen from, in the same frame, m.

    Returns
    -------
    float
        0 if there is no point in that band.

    """
    x, y, z = (points[:, axis] - np.float32(origin[axis]) for axis in range(3))
    distance = np.hypot(x, y)
    low, high = (np.float32(np.tan(limit)) * distance for limit in _BAND_RAD)
    in_band = np.flatnonzero((z > low) & (z < high))
    turn = np.arctan2(y[in_band], x[in_band]) * np.float32(_SECTORS / (2 * np.pi))
    sectors = np.bincount(np.floor(turn).astype(np.intp) % _SECTORS, minlength=_SECTORS)
    width_rad = np.count_nonzero(sectors) * 2 * np.pi / _SECTORS
    if not width_rad:
        return 0.0
    return float(len(in_band) / (width_rad * (np.sin(_BAND_RAD[1]) - np.sin(_BAND_RAD[0]))))


def fill(
    seen: Footprints,
    heights_m: NDArray[np.float64],
    num_points: NDArray[np.intp],
    origin: NDArray[np.float64],
    density: float,
) -> NDArray[np.float64]:
    """
    Divide the points of each cluster by the beams that its outline covers.

    Parameters
    ----------
    seen : Footprints
        C rectangles.
    heights_m : (C,) float64
        From the lowest to the highest point that counts.
    num_points : (C,) int
        Points of each.
    origin : (3,) float64
        Where they were seen from.
    density : float
        Beams per steradian.

    Returns
    -------
    (C,) float64
        About 0.3 to 1 for something solid; may exceed 1 where the outline is taken for too small.

    """
    to_each = seen.centers - origin[:2]
    distance = np.maximum(np.linalg.norm(to_each, axis=1), 0.1)
    along, across = np.abs(np.einsum('cij,cj->ic', seen.axes, to_each / distance[:, None]))
    width = seen.sizes[:, 0] * across + seen.sizes[:, 1] * along
    area = np.maximum(width, _NARROW_M) * np.maximum(heights_m, _NARROW_M)
    # What is near is met by the steeper beams, which most sensors have fewer of.
    expected = area * max(density, 1.0) / distance**2 * np.minimum(distance / _STEEP_M, 1.0)
    filled: NDArray[np.float64] = num_points / expected
    return filled
