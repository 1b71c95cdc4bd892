# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A part of the ground seen from one place: where labels are complete, or where some are missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.geometry.transforms import wrap_angle

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Sector:
    """
    All that lies in some directions from a point, from some distance on, in `base_link`.

    Attributes
    ----------
    apex : (2,) float64
        x and y of the point, m.
    heading_rad : float
        Middle direction about +z, 0 = +x.
    half_angle_rad : float
        From the middle to either edge, above 0 and up to pi.
    nearest_m : float
        Distance from the point at which it begins.

    """

    apex: NDArray[np.float64]
    heading_rad: float
    half_angle_rad: float
    nearest_m: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no sector."""
        numbers = (*self.apex, self.heading_rad, self.nearest_m)
        if self.apex.shape != (2,) or not np.isfinite(numbers).all():
            raise InvalidMessageError('sector', 'a finite point, heading and distance', numbers)
        if not 0.0 < self.half_angle_rad <= np.pi:
            raise InvalidMessageError(
                'half angle of a sector', 'above 0 and up to pi rad', self.half_angle_rad)

    def contains(self, points: NDArray[Any]) -> NDArray[np.bool_]:
        """Tell which points (..., 2 or more), m, of which x and y count, lie in it: (...) bool."""
        x, y = points[..., 0] - self.apex[0], points[..., 1] - self.apex[1]
        turns = np.abs(wrap_angle(np.arctan2(y, x) - self.heading_rad))
        inside: NDArray[np.bool_] = (
            (turns <= self.half_angle_rad) & (np.hypot(x, y) >= self.nearest_m))
        return inside
