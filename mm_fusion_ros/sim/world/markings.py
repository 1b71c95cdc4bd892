# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What is painted on streets, as areas: lines, crosswalks, arrows, parking bays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.world.shapes_2d import Patches, patches
from mm_fusion_ros.sim.world.street_network import parking_ways
from mm_fusion_ros.sim.world.street_plan import CROSSWALK_M, mouth_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.world.controls import Controls
    from mm_fusion_ros.sim.world.street_plan import Street, StreetPlan

    Rings = list[NDArray[np.float64]]

_LINE_M = 0.12
_TRUE_LINE_M = 0.15
_STOP_M = 0.4
_BAR_M = 0.5  # of crosswalks, and the gap between them
_SOLID_M = 22.0  # before stop lines, lanes may not be changed
_DASH_M, _TOWN_GAP_M, _RURAL_GAP_M = 3.0, 5.0, 9.0
_STEP_M = 3.0
_ARROW_BEFORE_M = (9.0, 26.0)
_STRAIGHT_ARROW = np.array([
    (-2.2, -.08), (.8, -.08), (.8, -.35), (2.2, 0), (.8, .35), (.8, .08), (-2.2, .08)])
_LEFT_ARROW = np.array([
    (-2.2, -.08), (.9, -.08), (1.2, .25), (1.5, .25), (.9, .95), (-.1, .25), (.3, .25), (.3, .08),
    (-2.2, .08)])
_FADED = (110.0, 250.0)  # brightness of paint


@dataclass(frozen=True, slots=True, eq=False)
class Markings:
    """Paint with its coverage 0 to 255, true lines with their gaps closed, and crosswalks."""

    paint: Patches
    lines: Patches
    crosswalks: Patches


class _Line(NamedTuple):
    """A line along a street: distance to the left, m, and gap between its dashes, 0 if solid."""

    left_m: float
    gap_m: float


def markings(rng: np.random.Generator, plan: StreetPlan, rules: Controls) -> Markings:
    """Paint all streets of a plan."""
    paint: Rings = []
    brightness: list[NDArray[np.float64]] = []
    lines: Rings = []
    crosswalks: Rings = []
    for index, street in enumerate(plan.streets):
        mine: Rings = []
        crossing = float(rules.crossings_m[index])
        if street.section.is_marked:
            for line in _lines(rng, street):
                for start, end in _parts(street, crossing):
                    lines.append(_strip(street, (start, end), line.left_m, _TRUE_LINE_M))
                    mine += _dashes(street, (start, end), line)
        if rng.random() < .7:
            mine += _bays(street, crossing)
        for end in (0, 1):
            mine += _end(street, end, rules, index)
        for way in _crosswalk_ways(street, rules, index):
            crosswalks.append(_band(street, way, CROSSWALK_M))
            mine += _zebra(street, way)
        paint += mine
        fresh = rng.uniform(*_FADED)
        brightness.append(np.clip(rng.normal(fresh, 12.0, len(mine)), 60, 255))
    return Markings(
        Patches(tuple(paint), np.concatenate(brightness).astype(np.uint8)),
        patches(lines, 255), patches(crosswalks, 255))


def _lines(rng: np.random.Generator, street: Street) -> list[_Line]:
    """Draw which lines a street has."""
    section = street.section
    gap = _RURAL_GAP_M if section.is_rural else _TOWN_GAP_M
    if section.lanes == 2:
        lines = [_Line(-.13, 0.0), _Line(.13, 0.0)]
    else:
        lines = [_Line(0.0, 0.0 if rng.random() < .2 else gap)]
    for side in (-1, 1):
        if section.lanes == 2:
            lines.append(_Line(side * section.lane_m, gap))
        if section.is_rural or section.bike_m or section.parking_m:
            lines.append(_Line(side * section.lanes_m, 0.0))
        if section.bike_m and section.parking_m:
            lines.append(_Line(side * (section.lanes_m + section.bike_m), 0.0))
    return lines


def _parts(street: Street, crossing_m: float) -> list[tuple[float, float]]:
    """Give where lines run: not over crosswalks."""
    low, high = street.run_m
    if np.isnan(crossing_m):
        return [(low, high)]
    return [(low, crossing_m - CROSSWALK_M / 2 - .6), (crossing_m + CROSSWALK_M / 2 + .6, high)]


def _strip(
    street: Street, span_m: tuple[float, float], left_m: float, width_m: float
) -> NDArray[np.float64]:
    """Give the corners of a line along a street."""
    way = np.linspace(*span_m, max(int((span_m[1] - span_m[0]) / _STEP_M), 1) + 1)
    way = np.concatenate([way, way[::-1]])
    side = np.repeat([-.5, .5], len(way) // 2) * width_m
    return street.at(way, left_m + side)


def _dashes(street: Street, span_m: tuple[float, float], line: _Line) -> Rings:
    """Break a line, though not near its ends."""
    low, high = span_m
    if not line.gap_m or high - low < 2 * _SOLID_M + 3 * _DASH_M:
        return [_strip(street, span_m, line.left_m, _LINE_M)]
    starts = np.arange(low + _SOLID_M + line.gap_m, high - _SOLID_M - _DASH_M - 1.0,
                       _DASH_M + line.gap_m)
    ends = [_strip(street, (a, b), line.left_m, _LINE_M)
            for a, b in ((low, low + _SOLID_M), (high - _SOLID_M, high))]
    return ends + _quads(street, starts, starts + _DASH_M, line.left_m, _LINE_M)


def _quads(
    street: Street, starts_m: NDArray[np.float64], ends_m: NDArray[np.float64],
    left_m: NDArray[np.floating] | float, width_m: float,
) -> Rings:
    """Give many short strips."""
    way = np.stack([starts_m, ends_m, ends_m, starts_m], axis=1)
    left = np.add.outer(np.broadcast_to(left_m, starts_m.shape),
                        np.array([-.5, -.5, .5, .5]) * width_m)
    return list(street.at(way.ravel(), left.ravel()).reshape(-1, 4, 2))


def _bays(street: Street, crossing_m: float) -> Rings:
    """Mark the corners between parking spaces."""
    way = parking_ways(street, crossing_m)
    section = street.section
    inner = section.lanes_m + section.bike_m
    middle, width = inner + section.parking_m / 2, section.parking_m - .2
    rings: Rings = []
    for side in (-1, 1):
        rings += _quads(street, way - 2.95, way - 2.85, side * middle, width)
        if not section.is_marked:
            rings += _quads(street, way - 3.4, way - 2.4, side * inner, .10)
    return rings


def _way(street: Street, end: int, from_junction_m: float) -> float:
    return street.middle.length_m - from_junction_m if end else from_junction_m


def _end(street: Street, end: int, rules: Controls, index: int) -> Rings:
    """Paint what is before a junction: stop line or teeth, and arrows."""
    is_signal, section = rules.signals[index, end] >= 0, street.section
    side = 1 if end == 0 else -1  # to the right of those who arrive
    trim = street.trims_m[end]
    where = np.sort([_way(street, end, trim - _STOP_M), _way(street, end, trim)])
    width = section.lanes_m + section.bike_m - .1
    if is_signal:
        rings = _quads(street, where[:1], where[1:], side * (width / 2 + .1), width)
        return rings + _arrows(street, end) * (section.lanes == 2)
    if not rules.yields[index, end]:
        return []
    lefts = side * np.arange(.35, width, .8)
    return _quads(street, np.full(len(lefts), where[0]), np.full(len(lefts), where[1]), lefts, .5)


def _arrows(street: Street, end: int) -> Rings:
    section, side = street.section, 1 if end == 0 else -1
    rings: Rings = []
    for before in _ARROW_BEFORE_M:
        way = np.full(1, _way(street, end, street.trims_m[end] + before))
        heading = street.middle.at(way).headings[0] + (0.0 if end else np.pi)
        turn = np.array([[np.cos(heading), np.sin(heading)], [-np.sin(heading), np.cos(heading)]])
        for k, arrow in enumerate((_LEFT_ARROW, _STRAIGHT_ARROW)):
            place = street.at(way, side * (k + .5) * section.lane_m)
            rings.append(place + arrow @ turn)
    return rings


def _crosswalk_ways(street: Street, rules: Controls, index: int) -> list[float]:
    ways = [_way(street, end, sum(mouth_m(street.trims_m[end])) / 2)
            for end in (0, 1) if rules.has_crossing[index, end]]
    crossing = float(rules.crossings_m[index])
    return ways if np.isnan(crossing) else [*ways, crossing]


def _band(street: Street, way_m: float, width_m: float) -> NDArray[np.float64]:
    """Give the corners of a strip from kerb to kerb."""
    half = street.section.half_m
    along, across = np.array([-.5, .5, .5, -.5]) * width_m, np.array([-half, -half, half, half])
    return street.at(way_m + along, across)


def _zebra(street: Street, way_m: float) -> Rings:
    count = int((street.section.half_m - .2) / _BAR_M - .5) // 2
    lefts = np.arange(-count, count + 1) * 2 * _BAR_M
    return _quads(street, np.full(len(lefts), way_m - CROSSWALK_M / 2),
                  np.full(len(lefts), way_m + CROSSWALK_M / 2), lefts, _BAR_M)
