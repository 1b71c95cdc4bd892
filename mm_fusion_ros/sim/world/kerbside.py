# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What stands on sidewalks: lamps, trees, traffic lights, signs, bins, shelters and the like.

Some of it, posters above all, only a camera or only a LiDAR takes for people.
"""

from __future__ import annotations

from typing import NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.world.placing import PAVED, Placed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.world.catalogue import Catalogue
    from mm_fusion_ros.sim.world.controls import Controls
    from mm_fusion_ros.sim.world.placing import Layout
    from mm_fusion_ros.sim.world.street_plan import Street, StreetPlan
    from mm_fusion_ros.sim.world.style import Style

_WIDE_M = 2.4  # sidewalks where trees stand on the kerb's side
_TREE_M = 0.75  # from the kerb
_GAP_M = 1.7  # between things along a kerb
_CROSSWALK_CLEAR_M = 3.2
_THING_EVERY_M = 11.0  # in a street that is fully furnished
_BOLLARD_GAP_M = 1.6


class Kerb(NamedTuple):
    """
    One side of a street: 1 to the left of its direction, -1 to the right.

    Attributes
    ----------
    street : Street
        Which.
    side : int
        1 or -1.
    taken_m : list of float
        Where along the street something stands already.

    """

    street: Street
    side: int
    taken_m: list[float]

    def take(self, way_m: float, gap_m: float = _GAP_M) -> bool:
        """Reserve a place along the kerb, if it is free."""
        if any(abs(way_m - other) < gap_m for other in self.taken_m):
            return False
        self.taken_m.append(way_m)
        return True

    def place(self, way_m: float, off_m: float) -> NDArray[np.float64]:
        """Give the place (2,) so far from the middle of the street."""
        return np.asarray(self.street.at(np.array([way_m]), self.side * off_m)[0])

    def to_street(self, way_m: float) -> float:
        """Give the yaw of what looks at the street."""
        return self._heading(way_m) - self.side * np.pi / 2

    def to_traffic(self, way_m: float) -> float:
        """Give the yaw of what looks at those who drive on this side."""
        return self._heading(way_m) + (np.pi if self.side < 0 else 0.0)

    def _heading(self, way_m: float) -> float:
        return float(self.street.middle.at(np.array([way_m])).headings[0])


def furnish_kerbs(
    rng: np.random.Generator, style: Style, things: Catalogue, plan: StreetPlan,
    rules: Controls, layout: Layout,
) -> None:
    """Furnish all streets."""
    for index, street in enumerate(plan.streets):
        crossing = float(rules.crossings_m[index])
        lamps = float(rng.uniform(24, 34))
        for side in (1, -1):
            kerb = Kerb(street, side, [])
            if np.isfinite(crossing):
                kerb.taken_m.extend(
                    np.arange(-_CROSSWALK_CLEAR_M, _CROSSWALK_CLEAR_M + 1, 1.6) + crossing)
            _controls(rng, things, kerb, rules, index, layout)
            if street.section.is_rural:
                continue
            start = street.span_m[0] + lamps * (.25 if side > 0 else .75)
            for way in np.arange(start, street.span_m[1], lamps):
                if kerb.take(way):
                    layout.put(things.lamp, kerb.place(way, street.section.pole_m),
                               kerb.to_street(way))
            _trees(rng, style, things, kerb, layout)
            _clutter(rng, style, things, kerb, layout)


def _controls(
    rng: np.random.Generator, things: Catalogue, kerb: Kerb, rules: Controls, index: int,
    layout: Layout,
) -> None:
    """Set lights and signs for those who drive on this side."""
    end = 0 if kerb.side > 0 else 1  # to the left of the street's direction one drives back
    street = kerb.street
    from_junction = street.trims_m[end] - .6
    way = street.middle.length_m - from_junction if end else from_junction
    signs = [way] if rules.yields[index, end] else []
    if rules.signals[index, end] >= 0 and kerb.take(way):
        layout.put(things.signal, kerb.place(way, street.section.pole_m), kerb.to_traffic(way))
    if rng.random() < .7:
        signs.append(float(rng.uniform(street.span_m[0] + 8, street.span_m[1] - 8)))
    for way in signs:
        if kerb.take(way):
            kind = things.signs[int(rng.integers(len(things.signs)))]
            layout.put(kind, kerb.place(way, street.section.pole_m),
                       kerb.to_traffic(way) + rng.normal(0, .06))


def _trees(
    rng: np.random.Generator, style: Style, things: Catalogue, kerb: Kerb, layout: Layout
) -> None:
    """Plant a row of trees on the kerb's side, all of one or two kinds."""
    section = kerb.street.section
    if section.sidewalk_m < _WIDE_M or rng.random() < .25:
        return
    kinds = rng.choice(things.street_trees, 2)
    low, high = kerb.street.span_m
    for way in np.arange(low + 6.0, high - 6.0, style.street_tree_m * rng.uniform(.8, 1.2)):
        if rng.random() < .85 and kerb.take(float(way)):
            kind = int(kinds[int(rng.random() < .25)])
            place = kerb.place(float(way), section.half_m + _TREE_M)
            layout.put(kind, place, rng.uniform(0, 2 * np.pi), rng.uniform(1.0, 1.2))
            layout.pits.append(place + _PIT)


_PIT = .55 * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])


def _clutter(
    rng: np.random.Generator, style: Style, things: Catalogue, kerb: Kerb, layout: Layout
) -> None:
    """Scatter smaller things on the kerb's side and at the back of a sidewalk."""
    low, high = kerb.street.span_m
    section = kerb.street.section
    is_wide = section.sidewalk_m >= _WIDE_M
    back = section.half_m + section.sidewalk_m
    for _ in range(rng.poisson((high - low) / _THING_EVERY_M * style.furnished)):
        way = float(rng.uniform(low + 2, high - 2))
        draw = rng.random()
        if draw < .35 and is_wide and kerb.take(way):
            kind = (things.bin, things.column, things.planter, things.bench)[
                int(rng.choice(4, p=[.4, .2, .2, .2]))]
            off = section.half_m + .62
            layout.put(kind, kerb.place(way, off), kerb.to_street(way) + (
                np.pi if kind == things.bench else 0.0))
        elif draw < .45 and is_wide:
            _bollards(rng, things, kerb, way, layout)
        elif draw < .75:
            kind = things.box if rng.random() < .6 else things.bin
            item = Placed(kind, kerb.place(way, back + .5), kerb.to_street(way), 1.0)
            layout.put_if_free(item, .35)
        elif draw < .93:
            item = Placed(things.shelter, kerb.place(way, back + 1.1), kerb.to_street(way), 1.0)
            layout.put_if_free(item, .9)
        else:
            _billboard(rng, things, kerb, way, back, layout)


def _billboard(
    rng: np.random.Generator, things: Catalogue, kerb: Kerb, way_m: float, back_m: float,
    layout: Layout,
) -> None:
    """Set a poster wall behind the sidewalk: along the street, or across as seen by drivers."""
    is_across = rng.random() < .5
    yaw = (kerb.to_traffic if is_across else kerb.to_street)(way_m)
    place = kerb.place(way_m, back_m + (2.3 if is_across else .6))
    across = np.array([-np.sin(yaw), np.cos(yaw)])
    ends = place + np.linspace(-1.9, 1.9, 9)[:, None] * across
    if layout.most(ends) < PAVED:
        layout.put_if_free(Placed(things.billboard, place, yaw, 1.0), .2)


def _bollards(
    rng: np.random.Generator, things: Catalogue, kerb: Kerb, way_m: float, layout: Layout
) -> None:
    """Set a row of bollards along the kerb."""
    for way in way_m + _BOLLARD_GAP_M * np.arange(rng.integers(3, 9)):
        if way < kerb.street.span_m[1] - 1.0 and kerb.take(float(way), 1.2):
            place = kerb.place(float(way), kerb.street.section.half_m + .4)
            layout.put(things.bollard, place, 0.0)
