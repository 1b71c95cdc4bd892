# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Furnishes a site: decides what stands where, and lifts it onto the ground.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.materials import Surface
from mm_fusion_ros.sim.models.street_furniture import LAMP_HEIGHT_M
from mm_fusion_ros.sim.world.catalogue import catalogue
from mm_fusion_ros.sim.world.countryside import furnish_rural
from mm_fusion_ros.sim.world.frontage import build_frontages
from mm_fusion_ros.sim.world.instances import Instances
from mm_fusion_ros.sim.world.kerbside import furnish_kerbs
from mm_fusion_ros.sim.world.placing import Layout
from mm_fusion_ros.sim.world.shapes_2d import Patches, patches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.world.controls import Controls
    from mm_fusion_ros.sim.world.footprint import Footprint
    from mm_fusion_ros.sim.world.ground import Ground
    from mm_fusion_ros.sim.world.street_plan import StreetPlan
    from mm_fusion_ros.sim.world.style import Style

_SLOPE_M = 1.5  # to either side, where slopes are measured
_LAMP_OUT_M = 1.55  # from the pole to the lamp


@dataclass(frozen=True, slots=True, eq=False)
class Scenery:
    """
    What was placed.

    Attributes
    ----------
    instances : Instances
        Everything with a shape.
    lamps : (L, 3) float64
        Heads of street lamps, m.
    covers : Patches
        What lies on the ground beside the streets.
    pits : Patches
        What lies on it in sidewalks.

    """

    instances: Instances
    lamps: NDArray[np.float64]
    covers: Patches
    pits: Patches


def scenery(
    rng: np.random.Generator, style: Style, plan: StreetPlan, rules: Controls,
    area: Footprint, ground: Ground,
) -> Scenery:
    """Furnish a site."""
    things = catalogue(rng, style)
    layout = Layout(area)
    furnish_kerbs(rng, style, things, plan, rules, layout)
    build_frontages(rng, style, things, plan.streets, layout)
    furnish_rural(rng, style, things, plan, layout)
    kinds = np.array([item.kind for item in layout.placed])
    xy = np.array([item.position for item in layout.placed])
    yaws = np.array([item.yaw_rad for item in layout.placed])
    on = ground.on_street(xy)
    z = ground.side_height(xy, on)
    along = _SLOPE_M * np.stack([np.cos(yaws), np.sin(yaws)], axis=1)
    rise = ground.side_height(xy + along, on) - ground.side_height(xy - along, on)
    follows = np.isin(kinds, [
        things.rail, *(part.kind for edge in things.edges for part in edge)])
    is_lamp = kinds == things.lamp
    heads = xy[is_lamp] + _LAMP_OUT_M / _SLOPE_M * along[is_lamp]
    return Scenery(
        Instances(
            things.shapes, np.array(things.reaches_m), kinds, np.column_stack([xy, z]), yaws,
            np.array([item.scale for item in layout.placed]),
            follows * rise / (2 * _SLOPE_M)),
        np.column_stack([heads, z[is_lamp] + LAMP_HEIGHT_M]),
        Patches(tuple(ring for ring, _ in layout.covers),
                np.array([cover for _, cover in layout.covers], np.uint8)),
        patches(layout.pits, Surface.SOIL))
