# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
All that stands still: ground, streets and scenery of one place, from a seed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.mesh import merge
from mm_fusion_ros.sim.world import street_network
from mm_fusion_ros.sim.world.controls import controls
from mm_fusion_ros.sim.world.footprint import footprint
from mm_fusion_ros.sim.world.ground import Ground
from mm_fusion_ros.sim.world.ground_mesh import GroundMesh
from mm_fusion_ros.sim.world.ground_raster import GroundRaster
from mm_fusion_ros.sim.world.markings import markings
from mm_fusion_ros.sim.world.roadworks import barriers, roadworks
from mm_fusion_ros.sim.world.scenery import scenery
from mm_fusion_ros.sim.world.street_plan import street_plan
from mm_fusion_ros.sim.world.style import STYLES
from mm_fusion_ros.sim.world.terrain import terrain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.mesh import Mesh
    from mm_fusion_ros.sim.world.ground_map import GroundMap
    from mm_fusion_ros.sim.world.style import Style

_KERB_M = (0.08, 0.15)


class CitySite:
    """
    A site; see `Site`.

    Parameters
    ----------
    seed : int
        What it follows from.
    style : Style
        What it looks like.

    Attributes
    ----------
    streets : Streets
        The ways.
    lamps : (L, 3) float64
        Heads of street lamps, m.
    scenery : Instances
        All that stands on the ground.
    barriers : tuple of Barrier
        What fences off roadworks; not part of the mesh.

    """

    def __init__(self, seed: int, style: Style) -> None:
        rngs = np.random.default_rng(seed).spawn(7)
        plan = street_plan(rngs[0], style)
        area = footprint(plan)
        self._ground = Ground(terrain(rngs[1]), plan, area, float(rngs[1].uniform(*_KERB_M)))
        rules = controls(rngs[2], plan)
        works = roadworks(rngs[6], plan)
        self.barriers = barriers(rngs[6], works, self.height)
        self.streets = street_network.streets(rngs[2], plan, rules, area.walks, self.height)
        for work in works:
            self.streets = replace(self.streets, parking=work.without(self.streets.parking))
        self._mesh = GroundMesh(self._ground, plan, area)
        things = scenery(rngs[5], style, plan, rules, area, self._ground)
        self.scenery = things.instances
        self.lamps = things.lamps
        self._raster = GroundRaster(
            rngs[3], area, markings(rngs[4], plan, rules), things.covers, things.pits)

    def height(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the height (N,), m, of what one drives or walks on at positions (N, 2), m."""
        return self._ground.height(xy)

    def mesh_around(self, center: NDArray[np.float64], radius_m: float) -> Mesh:
        """Give ground and scenery near a place (2,), in world coordinates."""
        return merge([
            self._mesh.around(center, radius_m), self.scenery.around(center, radius_m)])

    def map_around(
        self, center: NDArray[np.float64], radius_m: float, cell_m: float
    ) -> GroundMap:
        """Give the map of the square of half width `radius_m` about a place (2,)."""
        return self._raster.around(center, radius_m, cell_m)


def make_site(seed: int, style: Style | None = None) -> CitySite:
    """Make the site of a seed, of a style that the seed decides if none is given."""
    return CitySite(seed, style or STYLES[seed % len(STYLES)])
