# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Where actors are at any time: standing, or on a path at a pace that was worked out before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.actor import Moving

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.interpolate import CubicSpline

    from mm_fusion_ros.sim.world.path import Path


@dataclass(frozen=True, slots=True, eq=False)
class StillMotion:
    """
    It never moves.

    Attributes
    ----------
    T_world : (4, 4) float64
        Where it stands.

    """

    T_world: NDArray[np.float64]

    @property
    def is_still(self) -> bool:
        """Whether it never moves."""
        return True

    def at(self, times_s: NDArray[np.float64]) -> Moving:
        """Give the one pose for each time (N,)."""
        count = len(times_s)
        return Moving(np.broadcast_to(self.T_world, (count, 4, 4)), np.zeros((count, 3)),
                      np.zeros(count))


@dataclass(frozen=True, slots=True, eq=False)
class Relief:
    """
    The ground along a path.

    Attributes
    ----------
    profile : CubicSpline
        Of the way, m: height of the ground, m, and its fall to the right, as a slope.
    tilts : bool
        Whether the actor leans with the ground; people do not.

    """

    profile: CubicSpline
    tilts: bool


@dataclass(frozen=True, slots=True, eq=False)
class Wander:
    """A slow sway to both sides of the path: how far, m, how long a wave, m, where it begins."""

    reach_m: float
    wave_m: float
    phase_rad: float


@dataclass(frozen=True, slots=True, eq=False)
class PathMotion:
    """
    It follows a path.

    Attributes
    ----------
    path : Path
        m.
    way : CubicSpline
        Way along the path, m, of time, s.
    relief : Relief
        Below the path.
    wander : Wander
        Beside the path.

    """

    path: Path
    way: CubicSpline
    relief: Relief
    wander: Wander

    @property
    def is_still(self) -> bool:
        """Whether it never moves."""
        return False

    def at(self, times_s: NDArray[np.float64]) -> Moving:
        """Give poses and velocities at times (N,), s, in any order."""
        way, speed = self.way(times_s), self.way(times_s, 1)
        on = self.path.at(way)
        turn = 2.0 * np.pi / self.wander.wave_m
        aside = self.wander.reach_m * np.sin(turn * way + self.wander.phase_rad)
        drift = self.wander.reach_m * turn * np.cos(turn * way + self.wander.phase_rad)
        cos, sin = np.cos(on.headings), np.sin(on.headings)
        ground, climb = self.relief.profile(way), self.relief.profile(way, 1)[:, 0]
        forward = 1.0 - aside * on.curvatures
        velocities = np.stack([
            cos * forward - sin * drift, sin * forward + cos * drift, climb], axis=1)
        headings = np.arctan2(velocities[:, 1], velocities[:, 0])
        slope, fall = (climb, ground[:, 1]) if self.relief.tilts else (0.0 * climb, 0.0 * climb)
        T_world = np.zeros((len(way), 4, 4))
        T_world[:, :3, :3] = _turned(headings, slope, fall)
        T_world[:, 0, 3] = on.positions[:, 0] - sin * aside
        T_world[:, 1, 3] = on.positions[:, 1] + cos * aside
        T_world[:, 2, 3] = ground[:, 0]
        T_world[:, 3, 3] = 1.0
        return Moving(T_world, velocities * speed[:, None], way)


def _turned(
    headings: NDArray[np.float64], slope: NDArray[np.float64], fall: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give rotations (N, 3, 3) that look along a heading on ground that climbs and falls."""
    cos, sin = np.cos(headings), np.sin(headings)
    x = np.stack([cos, sin, slope], axis=1)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    left = np.stack([-sin, cos, fall], axis=1)
    z = np.cross(x, left)
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    return np.stack([x, np.cross(z, x), z], axis=2)
