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
from mm_fusion_ros.sim.world.placing import FREE, Placed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.world.catalogue import Catalogue
    from mm_fusion_ros.sim.world.placing import Layout
    from mm_fusion_ros.sim.world.street_plan import StreetPlan
    from mm_fusion_ros.sim.world.style import Style

_BEND = 1.0 / 260.0  # rad/m: curves to be railed
_WOOD_M = (9.0, 42.0)  # from the edge of the road
_TREES_PER_M = .16  # of road, on either side
_TREES_PER_M2 = 2.4e-3  # in the middle of nowhere
_SQUARE = np.array([(-.5, -.5), (.5, -.5), (.5, .5), (-.5, .5)])


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
            kind, kerb.place(way, off), rng.uniform(0, 6.3), rng.uniform(.7, 1.6)), 2.5)


def _land(rng: np.random.Generator, style: Style, things: Catalogue, layout: Layout) -> None:
    """Scatter houses, fields and trees over the rest."""
    area = float(np.prod(layout.high - layout.low))
    is_open = style.rural > .5
    buildings = (*things.houses, *things.halls)
    for place in _anywhere(rng, layout, area * style.built * (2e-4 if is_open else 9e-4)):
        house = buildings[int(rng.integers(len(buildings)))]
        item = Placed(house.kind, place, float(rng.uniform(0, 2 * np.pi)), 1.0)
        layout.put_block(item, house.width_m, house.depth_m)
    for place in _anywhere(rng, layout, area * (4e-4 if is_open else 6e-5)):
        yaw, size = rng.uniform(0, 2 * np.pi), rng.uniform(15, 60 if is_open else 25, 2)
        turn = np.array([[np.cos(yaw), np.sin(yaw)], [-np.sin(yaw), np.cos(yaw)]])
        cover = (Surface.SOIL, Surface.SOIL, Surface.GRAVEL)[int(rng.integers(3))]
        layout.covers.append((place + _SQUARE * size @ turn, cover))
    places = _anywhere(rng, layout, area * _TREES_PER_M2)
    places = places[layout.has_room(places, 2.0)]
    kinds = rng.choice(things.trees, len(places))
    yaws, scales = rng.uniform(0, 2 * np.pi, len(places)), rng.uniform(.8, 1.4, len(places))
    layout.placed += [
        Placed(int(kind), place, float(yaw), float(scale))
        for kind, place, yaw, scale in zip(kinds, places, yaws, scales, strict=True)]


def _anywhere(rng: np.random.Generator, layout: Layout, count: float) -> NDArray[np.float64]:
    """Draw places, and keep those that are free."""
    places = rng.uniform(layout.low, layout.high, (int(count), 2))
    return np.asarray(places[layout.what(places) == FREE])
