# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The lie of the land: gentle hills without any edge, as a sum of long waves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WAVES = 6
_SHORTEST_M, _RANGE = 340.0, 2.8  # lengths from the first to so many times that
_STEEPEST = 0.10  # of all waves together, which hardly ever fall together


@dataclass(frozen=True, slots=True, eq=False)
class Terrain:
    """
    Heights as a sum of W waves.

    Attributes
    ----------
    wave_numbers : (W, 2) float64
        Direction and frequency, rad/m.
    phases : (W,) float64
        rad.
    amplitudes : (W,) float64
        m.

    """

    wave_numbers: NDArray[np.float64]
    phases: NDArray[np.float64]
    amplitudes: NDArray[np.float64]

    def height(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the height (N,) at positions (N, 2), m."""
        waves = np.sin(xy @ self.wave_numbers.T + self.phases)
        return np.asarray(waves @ self.amplitudes, np.float64)


def terrain(rng: np.random.Generator) -> Terrain:
    """Make a landscape between flat and hilly."""
    lengths = _SHORTEST_M * _RANGE ** rng.uniform(0.0, 1.0, _WAVES)
    angles = rng.uniform(0.0, 2.0 * np.pi, _WAVES)
    numbers = (2.0 * np.pi / lengths)[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    slopes = rng.uniform(0.2, 1.0, _WAVES)
    slopes *= _STEEPEST * rng.uniform(0.25, 1.0) / slopes.sum()
    return Terrain(numbers, rng.uniform(0.0, 2.0 * np.pi, _WAVES), slopes * lengths / (2 * np.pi))
