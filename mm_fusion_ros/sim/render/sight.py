# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Which rays from one place may hit a ball, without a look at each of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CONE_STRIDE = 61  # every so many rays tell the axis
_SLACK_RAD = 0.001  # for rounding
_BUNCH = 64  # rays


class Bunches:
    """
    Rays in bunches of neighbours, so that few need be looked at one by one.

    Parameters
    ----------
    directions : (N, 3) float32
        Unit vectors; those that follow each other are near each other.

    """

    def __init__(self, directions: NDArray[np.float32]) -> None:
        self._directions = directions
        count = -(-len(directions) // _BUNCH)
        self._firsts = np.arange(count) * _BUNCH
        self._axes = directions[np.minimum(self._firsts + _BUNCH // 2, len(directions) - 1)]
        cosines = np.ones(count * _BUNCH, np.float32)
        cosines[:len(directions)] = dots(
            directions, np.repeat(self._axes, _BUNCH, axis=0)[:len(directions)])
        self._spreads = np.arccos(np.clip(cosines.reshape(count, _BUNCH).min(axis=1), -1.0, 1.0))

    def within(self, axis: NDArray[np.float32], angle_rad: float) -> NDArray[np.intp]:
        """Find the rays (M,) within an angle of a unit vector (3,)."""
        away = np.arccos(np.clip(self._axes @ axis, -1.0, 1.0))
        firsts = self._firsts[away <= angle_rad + self._spreads + _SLACK_RAD]
        rows = (firsts[:, None] + np.arange(_BUNCH)).ravel()
        rows = rows[:np.searchsorted(rows, len(self._directions))]
        cosines = np.take(self._directions, rows, axis=0) @ axis
        found: NDArray[np.intp] = rows[cosines >= np.float32(np.cos(angle_rad))]
        return found


def in_cone(
    directions: NDArray[np.float32], centers: NDArray[np.float64], radii: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Tell which balls (A,) reach into the cone around all rays, which is wide for a LiDAR."""
    axis = directions[::_CONE_STRIDE].mean(axis=0)
    axis /= max(float(np.linalg.norm(axis)), 1e-6)
    half = np.arccos(np.clip((directions @ axis).min(), -1.0, 1.0)) + _SLACK_RAD
    distances = np.maximum(np.linalg.norm(centers, axis=1), 1e-6)
    angles = np.arccos(np.clip(centers @ axis / distances, -1.0, 1.0))
    inside: NDArray[np.bool_] = angles <= half + np.arcsin(np.minimum(radii / distances, 1.0))
    inside |= distances <= radii
    return inside


def dots(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the inner products (N,) of vectors (N, 3); faster so than by einsum."""
    found: NDArray[np.float32] = (a * b) @ np.ones(3, np.float32)
    return found
