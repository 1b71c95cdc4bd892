# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What stands behind sidewalks: houses in rows, each with its garden or yard.
"""

from __future__ import annotations

from typing import NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.materials import Surface
from mm_fusion_ros.sim.world.placing import Placed

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from mm_fusion_ros.sim.world.catalogue import Catalogue, Sized
    from mm_fusion_ros.sim.world.placing import Layout
    from mm_fusion_ros.sim.world.street_plan import Street
    from mm_fusion_ros.sim.world.style import Style

_TRIES = 3  # with more and more distance from the sidewalk
_STEP_BACK_M = 1.2
_SKIP_M = 4.0
_INTO_CORNER_M = 9.0  # houses begin so far before the lanes
_EDGE_M = .5  # from the sidewalk to hedges and fences
_GATE_M = 3.2
_DRIVE_M = 2.8  # width of the way from the sidewalk to a house


class _Side(NamedTuple):
    """One side of a street: 1 to the left of its direction, -1 to the right."""

    street: Street
    side: int

    def places(
        self, way_m: ArrayLike, beyond_m: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give places (N, 2) so far from the sidewalk, and yaws of fronts that face the street."""
        section = self.street.section
        on = self.street.middle.at(np.asarray(way_m, np.float64))
        off = self.side * (section.half_m + section.sidewalk_m + np.asarray(beyond_m))
        left = np.stack([-np.sin(on.headings), np.cos(on.headings)], axis=1)
        yaws = on.headings + (0.0 if self.side > 0 else np.pi)
        return on.positions + off[..., None] * left, yaws

    def place(self, way_m: float, beyond_m: float) -> tuple[NDArray[np.float64], float]:
        """Give one."""
        places, yaws = self.places([way_m], beyond_m)
        return places[0], float(yaws[0])

    def strip(
        self, start_m: float, end_m: float, beyond_m: tuple[float, float]
    ) -> NDArray[np.float64]:
        """Give the corners of ground beside the sidewalk."""
        near, far = beyond_m
        return self.places([start_m, end_m, end_m, start_m], [near, near, far, far])[0]


def build_frontages(
    rng: np.random.Generator, style: Style, things: Catalogue, streets: tuple[Street, ...],
    layout: Layout,
) -> None:
    """Build along all streets that have sidewalks, and plant what is left."""
    for street in streets:
        if street.section.is_rural:
            continue
        for side in (1, -1):
            _build(rng, style, things, _Side(street, side), layout)


def _build(
    rng: np.random.Generator, style: Style, things: Catalogue, side: _Side, layout: Layout
) -> None:
    """Build along one side of a street."""
    low, high = side.street.span_m
    low, high = max(low - _INTO_CORNER_M, 0.0), min(
        high + _INTO_CORNER_M, side.street.middle.length_m)
    setback = float(rng.uniform(*style.setback_m))
    edge = things.edges[int(rng.integers(len(things.edges)))]
    way = low
    while way < high:
        house = _choice(rng, style, things)
        if way + house.width_m > high:
            break
        middle = way + house.width_m / 2.0
        gap = float(rng.uniform(*style.gap_m))
        found = None
        if rng.random() < style.built:
            found = _set_down(side, house, middle, setback + rng.uniform(0, 1) * setback * .3,
                              layout)
        if found is None and style.gap_m[0] < 1.0 and rng.random() < .8:
            way += _SKIP_M
            continue
        span = (way - gap / 2.0, way + house.width_m + gap / 2.0)
        _cover(rng, style, side, span, setback if found is None else found, layout)
        _plant(rng, style, things, side, span, layout)
        if rng.random() < style.edged:
            if rng.random() < .25:
                edge = things.edges[int(rng.integers(len(things.edges)))]
            _enclose(side, edge, span, middle, layout)
        way += house.width_m + gap


def _choice(rng: np.random.Generator, style: Style, things: Catalogue) -> Sized:
    some = things.halls if rng.random() < style.sheds else things.houses
    return some[int(rng.integers(len(some)))]


def _set_down(
    side: _Side, house: Sized, middle_m: float, setback_m: float, layout: Layout
) -> float | None:
    """Place a house; give its distance from the sidewalk if there is room."""
    for attempt in range(_TRIES):
        beyond = setback_m + attempt * _STEP_BACK_M
        place, yaw = side.place(middle_m, beyond)
        if layout.put_block(Placed(house.kind, place, yaw, 1.0), house.width_m, house.depth_m):
            return beyond
    return None


def _cover(
    rng: np.random.Generator, style: Style, side: _Side, span_m: tuple[float, float],
    setback_m: float, layout: Layout,
) -> None:
    """Pave the yard of a house, or the way to it, and dig beds."""
    start, end = span_m
    if style.sheds > .5 or style.setback_m[1] < 2.0:
        cover = Surface.GRAVEL if style.sheds > .5 else Surface.SIDEWALK
        depth = float(rng.choice([3.0, 32.0]))  # the yard behind too, or grass
        layout.covers.append((side.strip(start, end, (-.5, setback_m + depth)), cover))
    elif rng.random() < .8:
        drive = start + rng.uniform(.1, .9) * max(end - start - _DRIVE_M, 0.0)
        cover = Surface.GRAVEL if rng.random() < .5 else Surface.SIDEWALK
        layout.covers.append((side.strip(
            drive, drive + _DRIVE_M, (-.3, setback_m + rng.uniform(.5, 8))), cover))
    if rng.random() < .3:
        bed = start + rng.uniform(0, .7) * (end - start)
        layout.covers.append((side.strip(bed, bed + 3.0, (.3, 1.6)), Surface.SOIL))


def _plant(
    rng: np.random.Generator, style: Style, things: Catalogue, side: _Side,
    span_m: tuple[float, float], layout: Layout,
) -> None:
    """Plant the trees and bushes of a garden."""
    start, end = span_m
    for _ in range(rng.poisson(style.garden_trees)):
        place, yaw = side.place(rng.uniform(start, end), rng.uniform(1.5, 26.0))
        kind = things.trees[int(rng.integers(len(things.trees)))]
        if layout.has_room(place[None], 1.6)[0]:
            layout.put(kind, place, yaw + rng.uniform(0, 6.3), rng.uniform(.7, 1.2))
    for _ in range(rng.poisson(1.2 * style.garden_trees + .4)):
        place, yaw = side.place(rng.uniform(start, end), rng.uniform(1.8, 20.0))
        kind = things.bushes[int(rng.integers(len(things.bushes)))]
        layout.put_if_free(Placed(kind, place, yaw, rng.uniform(.7, 1.2)), 2.0)


def _enclose(
    side: _Side, edge: tuple[Sized, ...], span_m: tuple[float, float], gate_m: float,
    layout: Layout,
) -> None:
    """Set a hedge, fence or wall along the sidewalk, with a gap for a gate."""
    parts, ways = [], []
    for low, high in ((span_m[0], gate_m - _GATE_M / 2), (gate_m + _GATE_M / 2, span_m[1])):
        way = low
        for part in edge[::-1]:
            while way + part.width_m <= high + .4:
                parts.append(part)
                ways.append(way + part.width_m / 2)
                way += part.width_m
    for part, place, yaw in zip(parts, *side.places(ways, _EDGE_M), strict=True):
        layout.put_block(Placed(part.kind, place, float(yaw), 1.0), part.width_m, .3)
