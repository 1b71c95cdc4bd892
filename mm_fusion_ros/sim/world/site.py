# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
All that stands still in a world: streets, ground, and what is built and grows beside them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.materials import Surface
from mm_fusion_ros.sim.world.ground import Ground, plots
from mm_fusion_ros.sim.world.ground_painter import GroundPainter
from mm_fusion_ros.sim.world.markings import markings
from mm_fusion_ros.sim.world.street_network import street_network
from mm_fusion_ros.sim.world.street_plan import street_plan, Style
from mm_fusion_ros.sim.world.terrain import Terrain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.mesh import Mesh
    from mm_fusion_ros.sim.world.ground_map import GroundMap

_MIDDLES_STEP_M = 0.5


class CitySite:
    """
    A part of a town, or of the country, from a seed.

    Parameters
    ----------
    rng : Generator
        Draws everything.

    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.plan = street_plan(rng)
        self.streets = street_network(self.plan, rng)
        self.plots = plots(self.plan)
        middles = np.concatenate([
            street.middle.at(np.arange(0.0, street.middle.length_m, _MIDDLES_STEP_M)).positions
            for street in self.plan.streets])
        self.ground = Ground(
            Terrain(rng, rng.uniform(0.005, 0.05), middles), self.plots.carriageway)
        lot = Surface.GRASS if self.plan.style is not Style.INDUSTRY else Surface.GRAVEL
        self._painter = GroundPainter(self.plots, markings(self.plan, self.streets, rng), lot)
        self.lamps: NDArray[np.float64] = np.empty((0, 3))

    def height(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the height (N,), m, of what one drives or walks on at places (N, 2), m."""
        return self.ground.height(xy)

    def mesh_around(self, center: NDArray[np.float64], radius_m: float) -> Mesh:
        """Give ground and scenery near a place (2,), in world coordinates."""
        return self.ground.mesh_around(center, radius_m)

    def map_around(
        self, center: NDArray[np.float64], radius_m: float, cell_m: float
    ) -> GroundMap:
        """Give the map of the square of half width `radius_m` about a place (2,)."""
        return self._painter.map_around(center, radius_m, cell_m)
