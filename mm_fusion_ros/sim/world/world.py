# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
One world: ground, scenery, lights, everybody who moves, and the ego vehicle's drive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.actor import Actor
    from mm_fusion_ros.sim.mesh import Mesh
    from mm_fusion_ros.sim.world.ground_map import GroundMap
    from mm_fusion_ros.sim.world.streets import Streets


class Site(Protocol):
    """
    All that stands still, of any part of the world.

    Attributes
    ----------
    streets : Streets
        The ways.
    lamps : (L, 3) float64
        Heads of street lamps, m.

    """

    streets: Streets
    lamps: NDArray[np.float64]

    def height(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the height (N,), m, of what one drives or walks on at positions (N, 2), m."""

    def mesh_around(self, center: NDArray[np.float64], radius_m: float) -> Mesh:
        """Give ground (material GROUND) and scenery near a place (2,), in world coordinates."""

    def map_around(
        self, center: NDArray[np.float64], radius_m: float, cell_m: float
    ) -> GroundMap:
        """Give the map of the square of half width `radius_m` about a place (2,)."""


class Drive(Protocol):
    """The ego vehicle's motion: `base_link`, on the ground below the rear axle, x forward."""

    duration_s: float

    def T_world_base(self, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the poses (N, 4, 4) at times (N,), s."""

    def twist(
        self, times_s: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give linear (N, 3) m/s and angular (N, 3) rad/s velocity, both in base_link."""

    def acceleration(self, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the second derivative (N, 3) of the position, in the world, m/s^2."""

    def angular_acceleration(self, times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the derivative (N, 3) of the angular velocity, in base_link, rad/s^2."""


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """
    A world, complete.

    Attributes
    ----------
    seed : int
        What it was made from.
    site : Site
        All that stands still.
    actors : tuple of Actor
        All that has a box: vehicles, parked ones too, people, barriers and cones.
    drive : Drive
        The ego vehicle's.
    latitude_deg, longitude_deg, altitude_m : float
        Of the world's origin; x points east, y north.

    """

    seed: int
    site: Site
    actors: tuple[Actor, ...]
    drive: Drive
    latitude_deg: float
    longitude_deg: float
    altitude_m: float
