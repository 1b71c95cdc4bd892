# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Smooth hills, and the streets' crown on them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

KERB_M = 0.12
_CROWN = 0.02  # fall to the sides
_CROWN_REACH_M = 6.0
_WAVES = 5


class Terrain:
    """
    Heights as a sum of long waves; streets are higher in the middle than at their edges.

    Parameters
    ----------
    rng : Generator
        Draws the hills.
    steepest : float
        About the largest slope.
    middles : (M, 2) float64
        Points along the middles of all streets, close to each other, m.

    """

    def __init__(
        self, rng: np.random.Generator, steepest: float, middles: NDArray[np.float64]
    ) -> None:
        angles = rng.uniform(0.0, 2.0 * np.pi, _WAVES)
        lengths = rng.uniform(180.0, 420.0, _WAVES)
        self._waves = 2.0 * np.pi / lengths * np.stack([np.cos(angles), np.sin(angles)])
        self._phases = rng.uniform(0.0, 2.0 * np.pi, _WAVES)
        slopes = rng.uniform(0.4, 1.0, _WAVES)
        slopes *= steepest / np.sqrt((slopes**2).sum())
        self._heights = slopes * lengths / (2.0 * np.pi)
        self._middles = cKDTree(middles)

    def carriageway(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the height (N,), m, that a carriageway has, or would have, at places (N, 2)."""
        hills = np.sin(xy @ self._waves + self._phases) @ self._heights
        aside, _ = self._middles.query(xy, distance_upper_bound=_CROWN_REACH_M)
        aside = np.minimum(aside, _CROWN_REACH_M)
        crown: NDArray[np.float64] = hills - _CROWN * (np.sqrt(aside**2 + 0.25) - 0.5)
        return crown
