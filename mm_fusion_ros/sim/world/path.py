# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A smooth curve on the plan, by its own length: what lanes, walks and drives follow.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, TYPE_CHECKING

import numpy as np
from scipy.interpolate import CubicSpline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_MIN_STEP_M = 1e-3


class OnPath(NamedTuple):
    """
    Places on a path.

    Attributes
    ----------
    positions : (N, 2) float64
        m.
    headings : (N,) float64
        Direction of travel, rad, in [-pi, pi].
    curvatures : (N,) float64
        Rate of turning to the left, rad/m.

    """

    positions: NDArray[np.float64]
    headings: NDArray[np.float64]
    curvatures: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """
    A curve through points, twice continuously differentiable; straight on beyond its ends.

    Parameters
    ----------
    points : (N, 2) float64
        In order of travel, a few metres apart, N >= 2, m.

    """

    points: NDArray[np.float64]
    length_m: float = field(init=False)
    _curve: CubicSpline = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Fit the curve, then measure it again along itself."""
        points = np.asarray(self.points, np.float64)
        steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
        points = points[np.concatenate([[True], steps > _MIN_STEP_M])]
        knots = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
        curve = CubicSpline(knots, points)
        for _ in range(3):  # chords are shorter than arcs
            fine = np.interp(np.arange(16 * len(knots) - 15) / 16.0, np.arange(len(knots)), knots)
            speed = np.linalg.norm(curve(fine, 1), axis=1)
            way = np.concatenate(
                [[0.0], np.cumsum((speed[1:] + speed[:-1]) / 2.0 * np.diff(fine))])
            knots = way[::16]
            curve = CubicSpline(knots, points)
        object.__setattr__(self, 'points', points)
        object.__setattr__(self, 'length_m', float(knots[-1]))
        object.__setattr__(self, '_curve', curve)

    def at(self, way_m: NDArray[np.float64]) -> OnPath:
        """Give the places after so much way (N,), m."""
        way_m = np.asarray(way_m, np.float64)
        inside = np.clip(way_m, 0.0, self.length_m)
        tangents = self._curve(inside, 1)
        bends = self._curve(inside, 2)
        speed = np.linalg.norm(tangents, axis=1)
        tangents /= speed[:, None]
        positions = self._curve(inside) + tangents * (way_m - inside)[:, None]
        curvatures = (tangents[:, 0] * bends[:, 1] - tangents[:, 1] * bends[:, 0]) / speed**2
        curvatures[way_m != inside] = 0.0
        return OnPath(positions, np.arctan2(tangents[:, 1], tangents[:, 0]), curvatures)

    def beside(self, offset_m: float, step_m: float = 2.0) -> Path:
        """Give the path that runs so far to the left (to the right if negative)."""
        count = max(int(self.length_m / step_m), 1) + 1
        on = self.at(np.linspace(0.0, self.length_m, count))
        left = np.stack([-np.sin(on.headings), np.cos(on.headings)], axis=1)
        return Path(on.positions + offset_m * left)

    def reversed(self) -> Path:
        """Give the way back."""
        return Path(self.points[::-1])


def join(paths: Sequence[Path], step_m: float = 2.0) -> Path:
    """Make one path of several, each beginning where the one before ends."""
    points = []
    for path in paths:
        count = max(round(path.length_m / step_m), 1) + 1
        points.append(path.at(np.linspace(0.0, path.length_m, count)).positions[:-1])
    points.append(paths[-1].at(np.array([paths[-1].length_m])).positions)
    return Path(np.concatenate(points))
