# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A part of the ground seen from one place: where the labels of a data set are complete.
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
    All that lies in some directions from a point, in `base_link`.

    Attributes
    ----------
    apex : (2,) float64
        x and y of the point, m.
    heading_rad : float
        Middle direction about +z, 0 = +x.
    half_angle_rad : float
        From the middle to either edge, above 0 and up to pi.

    """

    apex: NDArray[np.float64]
    heading_rad: float
    half_angle_rad: float

    def __post_init__(self) -> None:
        """Refuse what is no sector."""
        if self.apex.shape != (2,) or not np.isfinite((*self.apex, self.heading_rad)).all():
            raise InvalidMessageError(
                'sector', 'a finite point and heading', (self.apex, self.heading_rad))
        if not 0.0 < self.half_angle_rad <= np.pi:
            raise InvalidMessageError(
                'half angle of a sector', 'above 0 and up to pi rad', self.half_angle_rad)

    def contains(self, points: NDArray[Any]) -> NDArray[np.bool_]:
        """Tell which points (..., 2 or more), m, of which x and y count, lie in it: (...) bool."""
        directions = np.arctan2(points[..., 1] - self.apex[1], points[..., 0] - self.apex[0])
        inside: NDArray[np.bool_] = (
            np.abs(wrap_angle(directions - self.heading_rad)) <= self.half_angle_rad)
        return inside
