# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Where streets run and what they consist of across: lanes, parking, sidewalks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.world.street_grid import street_grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.world.path import Path
    from mm_fusion_ros.sim.world.street_grid import StreetGrid
    from mm_fusion_ros.sim.world.style import Style

CROSSWALK_M = 3.2
_BEND_TRIM_M = 2.0
_STOP_GAP_M = 1.4  # from the stop line to the crosswalk


@dataclass(frozen=True, slots=True)
class Section:
    """
    One half of a street, the other is alike. From the middle outwards, each in m.

    Attributes
    ----------
    rank : int
        0 residential street, 1 main street, 2 rural road.
    lanes : int
        Each way.
    lane_m : float
        Width of one.
    bike_m, parking_m : float
        Width of bicycle and parking lane, 0 for none.
    gutter_m : float
        To the kerb.
    sidewalk_m : float
        0 for none.
    speed_mps : float
        What is driven.
    is_marked : bool
        Whether it has lines.

    """

    rank: int
    lanes: int
    lane_m: float
    bike_m: float
    parking_m: float
    gutter_m: float
    sidewalk_m: float
    speed_mps: float
    is_marked: bool

    @property
    def lanes_m(self) -> float:
        """Width of all lanes."""
        return self.lanes * self.lane_m

    @property
    def half_m(self) -> float:
        """From the middle to the kerb."""
        return self.lanes_m + self.bike_m + self.parking_m + self.gutter_m

    @property
    def parking_middle_m(self) -> float:
        """From the middle to that of the parking lane."""
        return self.lanes_m + self.bike_m + self.parking_m / 2.0

    @property
    def pole_m(self) -> float:
        """From the middle to where poles stand: out of the way of those who walk."""
        if self.is_rural:
            return self.half_m + 1.3
        return self.half_m + (.65 if self.sidewalk_m > 2.1 else self.sidewalk_m + .3)

    @property
    def is_rural(self) -> bool:
        """Whether there is neither kerb nor sidewalk."""
        return self.rank == 2


@dataclass(frozen=True, slots=True, eq=False)
class Street:
    """
    What lies between two junctions.

    Attributes
    ----------
    middle : Path
        From the middle of one junction to that of the other.
    section : Section
        What it consists of.
    ends : (int, int)
        Indices of the junctions.
    trims_m : (float, float)
        From either junction's middle to where its lanes end, m.

    """

    middle: Path
    section: Section
    ends: tuple[int, int]
    trims_m: tuple[float, float]

    def at(
        self, way_m: NDArray[np.float64], left_m: NDArray[np.float64] | float
    ) -> NDArray[np.float64]:
        """Give places (N, 2) so far along the middle and so far to the left of it."""
        on = self.middle.at(way_m)
        left = np.stack([-np.sin(on.headings), np.cos(on.headings)], axis=1)
        return np.asarray(on.positions + np.asarray(left_m)[..., None] * left)

    @property
    def span_m(self) -> tuple[float, float]:
        """Where on the middle its lanes begin and end."""
        return self.trims_m[0], self.middle.length_m - self.trims_m[1]

    @property
    def run_m(self) -> tuple[float, float]:
        """Where on the middle it looks like a street: where lanes are, and all of bends."""
        low, high = (0.0 if trim == _BEND_TRIM_M else trim for trim in self.trims_m)
        return low, self.middle.length_m - high


class Arm(NamedTuple):
    """A street at a junction, the end of it that lies there, and its direction away, rad."""

    street: int
    end: int
    heading_rad: float


@dataclass(frozen=True, slots=True, eq=False)
class Junction:
    """Where streets meet: position (2,), m, and arms, anticlockwise."""

    position: NDArray[np.float64]
    arms: tuple[Arm, ...]

    @property
    def is_bend(self) -> bool:
        """Whether one street merely goes on as another."""
        return len(self.arms) == 2


@dataclass(frozen=True, slots=True, eq=False)
class StreetPlan:
    """Streets, junctions, and the radius of kerbs at corners, m."""

    streets: tuple[Street, ...]
    junctions: tuple[Junction, ...]
    corner_m: float


def street_plan(rng: np.random.Generator, style: Style) -> StreetPlan:
    """Draw streets from the rules of a style."""
    grid = street_grid(rng, style)
    sections = _sections(rng, grid, style)
    corner = float(rng.uniform(5.5, 7.5))
    streets = [
        Street(middle, sections[line], (int(a), int(b)), (0.0, 0.0))
        for middle, line, (a, b) in zip(grid.middles, grid.lines, grid.ends, strict=True)]
    junctions = [Junction(node, _arms(index, streets)) for index, node in enumerate(grid.nodes)]
    trims = np.zeros((len(streets), 2))
    for junction in junctions:
        for arm, trim in zip(junction.arms, _trims(junction, streets, corner), strict=True):
            trims[arm.street, arm.end] = trim
    streets = [
        Street(street.middle, street.section, street.ends, (float(a), float(b)))
        for street, (a, b) in zip(streets, trims, strict=True)]
    return StreetPlan(tuple(streets), tuple(junctions), corner)


def _sections(rng: np.random.Generator, grid: StreetGrid, style: Style) -> list[Section]:
    """Draw what each line of streets consists of; those around the whole are alike."""
    around = _rural(rng) if style.is_rim_rural else _in_town(rng, style)
    sections = [
        _rural(rng) if rng.random() < style.rural else _in_town(rng, style)
        for _ in range(grid.line_count)]
    for line in grid.rim:
        sections[line] = around
    return sections


def _rural(rng: np.random.Generator) -> Section:
    """Draw a road between fields."""
    lanes = 2 if rng.random() < .2 else 1
    return Section(
        rank=2, lanes=lanes, lane_m=float(rng.uniform(3.25, 3.6)), bike_m=0.0, parking_m=0.0,
        gutter_m=float(rng.uniform(.4, .9)), sidewalk_m=0.0,
        speed_mps=float(rng.uniform(60, 80)) / 3.6, is_marked=True)


def _in_town(rng: np.random.Generator, style: Style) -> Section:
    """Draw a main or a residential street."""
    is_main = rng.random() < style.main
    sidewalk = float(rng.uniform(*style.sidewalk_m))
    parking = float(rng.uniform(2.0, 2.3)) if rng.random() < style.parking else 0.0
    if not is_main:
        return Section(
            rank=0, lanes=1, lane_m=float(rng.uniform(2.75, 3.2)), bike_m=0.0, parking_m=parking,
            gutter_m=.15, sidewalk_m=sidewalk, speed_mps=float(rng.uniform(30, 50)) / 3.6,
            is_marked=bool(rng.random() < .35))
    return Section(
        rank=1, lanes=int(rng.integers(1, 3)), lane_m=float(rng.uniform(3.0, 3.4)),
        bike_m=1.6 if rng.random() < .4 else 0.0, parking_m=parking if rng.random() < .5 else 0.0,
        gutter_m=.25, sidewalk_m=sidewalk + .3, speed_mps=50 / 3.6, is_marked=True)


def _arms(node: int, streets: list[Street]) -> tuple[Arm, ...]:
    arms = []
    for index, street in enumerate(streets):
        for end in (0, 1):
            if street.ends[end] == node:
                heading = street.middle.at(np.array([0.0, street.middle.length_m])).headings[end]
                arms.append(Arm(index, end, float(heading + np.pi * end) % (2 * np.pi)))
    return tuple(sorted(arms, key=lambda arm: arm.heading_rad))


def _trims(junction: Junction, streets: list[Street], corner_m: float) -> list[float]:
    """Give how far from the middle of a junction the lanes of each arm end."""
    if junction.is_bend:
        return [_BEND_TRIM_M, _BEND_TRIM_M]
    halves = [streets[arm.street].section.half_m for arm in junction.arms]
    count = len(halves)
    trims = []
    for k, arm in enumerate(junction.arms):
        corners = [0.0]
        for beside in ((k + 1) % count, (k - 1) % count):
            turn = abs(junction.arms[beside].heading_rad - arm.heading_rad)
            turn = min(turn, 2 * np.pi - turn)
            if turn < 0.8 * np.pi:
                corners.append((halves[beside] + halves[k] * np.cos(turn)) / np.sin(turn)
                               + corner_m / np.tan(turn / 2.0))
        trims.append(float(max(corners)) + .5 + CROSSWALK_M + _STOP_GAP_M)
    return trims


def mouth_m(trim_m: float) -> tuple[float, float]:
    """Give where, from the middle of a junction, the crosswalk of an arm begins and ends, m."""
    return trim_m - _STOP_GAP_M - CROSSWALK_M, trim_m - _STOP_GAP_M
