# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What lies beside rural roads and in the middle of blocks: woods, fields, rails, poles, farms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.materials import Surface
from mm_fusion_ros.sim.world.catalogue import RAIL_M
from mm_fusion_ros.sim.world.kerbside import Kerb
from mm_fusion_ros.sim.world.placing import Placed

if TYPE_CHECKING:
    from mm_fusion_ros.sim.world.catalogue import Catalogue
    from mm_fusion_ros.sim.world.placing import Layout
    from mm_fusion_ros.sim.world.street_plan import StreetPlan
    from mm_fusion_ros.sim.world.style import Style

_BEND = 1.0 / 260.0  # rad/m: curves to be railed
_WOOD_M = (9.0, 42.0)  # from the edge of the road
_TREES_PER_M = .16  # of road, on either side
_LAND_M2 = 550.0  # for each thing in the middle of nowhere


def furnish_rural(
    rng: np.random.Generator, style: Style, things: Catalogue, plan: StreetPlan, layout: Layout
) -> None:
    """Furnish the sides of rural roads, then whatever ground is free anywhere."""
    for street in plan.streets:
        if street.section.is_rural:
            for side in (1, -1):
                kerb = Kerb(street, side, [])
                _rails(rng, things, kerb, layout)
                _verge(rng, things, kerb, layout)
                _woods(rng, things, kerb, layout)
    _land(rng, style, things, layout)


def _rails(rng: np.random.Generator, things: Catalogue, kerb: Kerb, layout: Layout) -> None:
    """Set guard rails on the outside of curves, and here and there."""
    low, high = kerb.street.span_m
    ways = np.arange(low + 10.0, high - 10.0, RAIL_M)
    bends = kerb.street.middle.at(ways).curvatures * -kerb.side
    start, length = rng.uniform(low, high), rng.uniform(20, 80)
    is_random = (ways > start) & (ways < start + length) & (rng.random() < .5)
    for way in ways[(bends > _BEND) | is_random]:
        way = float(way)
        place = kerb.place(way, kerb.street.section.half_m + .8)
        layout.put(things.rail, place, kerb.to_street(way) + np.pi / 2)


def _verge(rng: np.random.Generator, things: Catalogue, kerb: Kerb, layout: Layout) -> None:
    """Set posts, and sometimes a line of poles."""
    low, high = kerb.street.span_m
    half = kerb.street.section.half_m
    for way in np.arange(low + 8.0, high - 8.0, 25.0):
        layout.put(things.bollard, kerb.place(float(way), half + .55), 0.0)
    if rng.random() < .4:
        for way in np.arange(low + 15.0, high - 5.0, 42.0):
            way = float(way)
            item = Placed(things.pole, kerb.place(way, half + 7.0), kerb.to_traffic(way), 1.0)
            layout.put_if_free(item, .5)


def _woods(rng: np.random.Generator, things: Catalogue, kerb: Kerb, layout: Layout) -> None:
    """Plant woods along a part of a road, or a row of trees, or bushes only."""
    low, high = kerb.street.span_m
    start, end = np.sort(rng.uniform(low - 20, high + 20, 2))
    is_wood, half = rng.random() < .6, kerb.street.section.half_m
    for _ in range(rng.poisson((end - start) * _TREES_PER_M * (2.2 if is_wood else .5))):
        way, off = float(rng.uniform(start, end)), half + float(rng.uniform(*_WOOD_M))
        kind = things.trees[int(rng.integers(len(things.trees)))]
        layout.put_if_free(Placed(
            kind, kerb.place(way, off), rng.uniform(0, 6.3), rng.uniform(.8, 1.5)), 1.2)
    for _ in range(rng.poisson((high - low) * .05)):
        way, off = float(rng.uniform(low, high)), half + float(rng.uniform(6.5, 20))
        kind = things.bushes[int(rng.integers(len(things.bushes)))]
        layout.put_if_free(Placed(
            kind, kerb.place(way, off), rng.uniform(0, 6.3), rng.uniform(.7, 1.6)), 1.2)


def _land(rng: np.random.Generator, style: Style, things: Catalogue, layout: Layout) -> None:
    """Scatter houses, trees and fields over the rest."""
    low, high = layout.low, layout.high
    count = int(np.prod(high - low) / _LAND_M2)
    buildings = (*things.houses, *things.halls)
    for place in rng.uniform(low, high, (count, 2)):
        draw, yaw = rng.random(), float(rng.uniform(0, 2 * np.pi))
        if draw < .25 * style.built - .1 * (style.rural > .5):
            house = buildings[int(rng.integers(len(buildings)))]
            layout.put_block(Placed(house.kind, place, yaw, 1.0), house.width_m, house.depth_m)
        elif draw < .3:
            size = rng.uniform(15, 60 if style.rural > .5 else 25, 2)
            corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * size / 2
            turn = np.array([[np.cos(yaw), np.sin(yaw)], [-np.sin(yaw), np.cos(yaw)]])
            cover = (Surface.SOIL, Surface.SOIL, Surface.GRAVEL)[int(rng.integers(3))]
            layout.covers.append((place + corners @ turn, cover))
        else:
            kind = things.trees[int(rng.integers(len(things.trees)))]
            item = Placed(kind, place, yaw, rng.uniform(.8, 1.4))
            if not layout.is_near_road(place):
                layout.put_if_free(item, 2.0)
