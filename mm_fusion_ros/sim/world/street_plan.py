# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A bent grid of streets, from a seed: where they run, and how wide they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.world.path import Path

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SIDE = 4  # junctions along each side of the grid
_SPACING_M = 150.0
_DROPPED = 0.12  # share of streets left out
KERB_RADIUS_M = 5.0
_CROSSWALK_M = 3.0
LANE_M = 3.25
PARKING_M = 2.2


class Style(Enum):
    """What kind of place it is."""

    CITY = 'city'
    SUBURB = 'suburb'
    INDUSTRY = 'industry'
    COUNTRY = 'country'


@dataclass(frozen=True, slots=True)
class Profile:
    """
    A street across.

    Attributes
    ----------
    lanes : int
        In each direction.
    has_parking : bool
        On both sides.
    sidewalk_m : float
        On both sides; 0 for none, with grass instead.
    speed_mps : float
        What is driven.

    """

    lanes: int
    has_parking: bool
    sidewalk_m: float
    speed_mps: float

    @property
    def half_m(self) -> float:
        """Half the width of the carriageway, m."""
        return self.lanes * LANE_M + self.has_parking * PARKING_M + 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Street:
    """
    A street between two junctions.

    Attributes
    ----------
    start, end : int
        Indices of the junctions.
    middle : Path
        From one to the other, m.
    profile : Profile
        Across.
    trim_m : (float, float)
        Way from either junction to where its stop line is, m.

    """

    start: int
    end: int
    middle: Path
    profile: Profile
    trim_m: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class StreetPlan:
    """
    All streets.

    Attributes
    ----------
    style : Style
        Of the place.
    junctions : (J, 2) float64
        m.
    streets : tuple of Street
        Each between two of them.

    """

    style: Style
    junctions: NDArray[np.float64]
    streets: tuple[Street, ...]

    def at(self, junction: int) -> list[tuple[int, bool]]:
        """List the streets at a junction, and whether each begins there."""
        return [(index, street.start == junction) for index, street in enumerate(self.streets)
                if junction in (street.start, street.end)]


def street_plan(rng: np.random.Generator) -> StreetPlan:
    """Draw a plan."""
    style = list(Style)[int(rng.choice(4, p=[.4, .3, .12, .18]))]
    nodes = np.array(list(product(range(_SIDE), range(_SIDE))), np.float64)
    junctions = (nodes - (_SIDE - 1) / 2.0) * _SPACING_M + rng.uniform(-20, 20, nodes.shape)
    profiles = [[_profile(rng, style) for _ in range(_SIDE)] for _ in range(2)]
    ends = _edges(rng)
    tangents = _tangents(junctions)
    halves = {(axis, node): profiles[axis][int(nodes[node][1 - axis])].half_m
              for axis in (0, 1) for node in range(len(nodes))}
    streets = []
    for start, end in ends:
        axis = 0 if end - start == _SIDE else 1
        profile = profiles[axis][int(nodes[start][1 - axis])]
        middle = _curve(junctions[start], junctions[end], tangents[axis][start],
                        tangents[axis][end])
        trim = tuple(halves[1 - axis, node] + KERB_RADIUS_M * .6 + _CROSSWALK_M + 1.5
                     for node in (start, end))
        streets.append(Street(start, end, middle, profile, (trim[0], trim[1])))
    return StreetPlan(style, junctions, tuple(streets))


def _profile(rng: np.random.Generator, style: Style) -> Profile:
    if style is Style.COUNTRY:
        return Profile(1, False, 0.0 if rng.random() < .7 else 1.8, rng.uniform(15.0, 20.0))
    wide = rng.random() < {Style.CITY: .45, Style.SUBURB: .15, Style.INDUSTRY: .4}[style]
    parking = rng.random() < {Style.CITY: .7, Style.SUBURB: .6, Style.INDUSTRY: .4}[style]
    return Profile(1 + wide, bool(parking), rng.uniform(1.8, 3.5),
                   rng.uniform(11.0, 14.0) if wide else rng.uniform(8.3, 12.0))


def _edges(rng: np.random.Generator) -> list[tuple[int, int]]:
    """Join neighbours of the grid; drop a few inner streets, never two at one junction."""
    edges: list[tuple[int, int]] = []
    touched: set[int] = set()
    for i, j in product(range(_SIDE), range(_SIDE)):
        for di, dj in ((1, 0), (0, 1)):
            if i + di >= _SIDE or j + dj >= _SIDE:
                continue
            start, end = i * _SIDE + j, (i + di) * _SIDE + j + dj
            is_inner = 0 < (j if di else i) < _SIDE - 1
            if is_inner and rng.random() < _DROPPED and not touched & {start, end}:
                touched |= {start, end}
            else:
                edges.append((start, end))
    return edges


def _tangents(junctions: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Give the directions in which streets run through each junction, along either axis."""
    grid = junctions.reshape(_SIDE, _SIDE, 2)
    both = []
    for axis in (0, 1):
        slopes = np.asarray(np.gradient(grid, axis=axis)).reshape(-1, 2)
        both.append(slopes / np.linalg.norm(slopes, axis=1, keepdims=True))
    return tuple(both)


def _curve(
    a: NDArray[np.float64], b: NDArray[np.float64], ta: NDArray[np.float64],
    tb: NDArray[np.float64],
) -> Path:
    """Lead from a to b, leaving and arriving in given directions."""
    reach = np.linalg.norm(b - a) * 0.4
    return Path(bezier(a, a + ta * reach, b - tb * reach, b, 24))


def bezier(
    a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64],
    d: NDArray[np.float64], count: int,
) -> NDArray[np.float64]:
    """Give points (count, 2) on the cubic curve of four control points."""
    t = np.linspace(0.0, 1.0, count)[:, None]
    s = 1.0 - t
    points: NDArray[np.float64] = (
        s**3 * a + 3 * s**2 * t * b + 3 * s * t**2 * c + t**3 * d)
    return points
