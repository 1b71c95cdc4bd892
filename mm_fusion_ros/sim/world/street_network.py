# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Makes of a plan of streets what those who move follow.

Lanes, ways through junctions, traffic lights, crosswalks and parking spaces.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.geometry.transforms import wrap_angle
from mm_fusion_ros.sim.world.path import Path
from mm_fusion_ros.sim.world.street_plan import CROSSWALK_M, mouth_m
from mm_fusion_ros.sim.world.streets import Crossing, Lane, ParkingSpace, Signal, Streets, Turn
from mm_fusion_ros.sim.world.turning import turning

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mm_fusion_ros.sim.world.controls import Controls
    from mm_fusion_ros.sim.world.street_plan import Arm, Street, StreetPlan

    Height = Callable[[NDArray[np.float64]], NDArray[np.float64]]

_LANE_STEP_M = 3.0
_STRAIGHT_RAD = 0.8  # turns by less lead straight on
SIGNAL_HEIGHT_M = 2.95
_ALL_RED_S = 2.0
_AMBER_S = 3.0
_SIDE_MPS2 = 2.2  # to the side, in turns
_CAR_M = 5.8  # length of a parking space
_CLEAR_M = 6.0  # without parking, before junctions and around crosswalks


class _Move(NamedTuple):
    """From a lane to another through a junction; how far their middles are from the kerb, m."""

    junction: int
    source: int
    target: int
    turn: Turn
    beside_m: float


def streets(
    rng: np.random.Generator, plan: StreetPlan, rules: Controls, walks: tuple[Path, ...],
    height: Height,
) -> Streets:
    """Make all ways of a plan."""
    lanes, firsts = _lanes(plan, rules)
    moves = [move for index in range(len(plan.junctions)) for move in _moves(index, plan, firsts)]
    return Streets(
        lanes=_joined(lanes, moves, plan),
        walks=walks,
        crossings=_crossings(plan, rules),
        signals=_signals(rng, plan, rules, height),
        parking=_parking(plan, rules),
    )


def _lanes(plan: StreetPlan, rules: Controls) -> tuple[list[Lane], list[int]]:
    """Give the lanes between junctions, not joined yet, and the index of each street's first."""
    lanes: list[Lane] = []
    firsts: list[int] = []
    for index, street in enumerate(plan.streets):
        firsts.append(len(lanes))
        section = street.section
        low, high = street.span_m
        way = np.linspace(low, high, max(int((high - low) / _LANE_STEP_M), 2) + 1)
        for direction in (0, 1):
            for k in range(section.lanes):
                points = street.at(way, -(k + .5) * section.lane_m * (1 - 2 * direction))
                lanes.append(Lane(
                    path=Path(points if direction == 0 else points[::-1]),
                    width_m=section.lane_m,
                    speed_mps=section.speed_mps,
                    followers=(),
                    signal=int(rules.signals[index, 1 - direction]),
                    yields=bool(rules.yields[index, 1 - direction]),
                ))
    return lanes, firsts


def _moves(index: int, plan: StreetPlan, firsts: list[int]) -> list[_Move]:
    """Give all ways through a junction, lane by lane, those to the right first."""
    arms = plan.junctions[index].arms
    sections = [plan.streets[arm.street].section for arm in arms]
    beside = min(section.half_m - section.lanes_m + section.lane_m / 2 for section in sections)
    moves = []
    for k, arm in enumerate(arms):
        into = _lanes_of(arm, plan, firsts, arriving=True)
        turns = []
        for m in range(1, len(arms)):
            other = arms[(k + m) % len(arms)]
            turn = _turn(other.heading_rad - arm.heading_rad - np.pi)
            turns.append((turn, _lanes_of(other, plan, firsts, arriving=False)))
        mine = [_Move(index, a, b, turn, beside)
                for turn, out in turns for a, b in _pairs(turn, into, out)]
        reached = {move.source for move in mine}
        turn, out = next((item for item in turns if item[0] == Turn.STRAIGHT), turns[-1])
        mine += [_Move(index, a, out[0], turn, beside) for a in into if a not in reached]
        moves += mine
    return moves


def _lanes_of(arm: Arm, plan: StreetPlan, firsts: list[int], *, arriving: bool) -> list[int]:
    """Give the lanes that end or begin where an arm meets the junction, the innermost first."""
    count = plan.streets[arm.street].section.lanes
    direction = 1 - arm.end if arriving else arm.end
    first = firsts[arm.street] + count * direction
    return list(range(first, first + count))


def _turn(angle_rad: float) -> Turn:
    angle = float(wrap_angle(angle_rad))
    if abs(angle) < _STRAIGHT_RAD:
        return Turn.STRAIGHT
    return Turn.LEFT if angle > 0.0 else Turn.RIGHT


def _pairs(turn: Turn, into: list[int], out: list[int]) -> list[tuple[int, int]]:
    if turn == Turn.STRAIGHT:
        return list(zip(into[::-1], out[::-1], strict=False))
    return [(into[0], out[0]) if turn == Turn.LEFT else (into[-1], out[-1])]


def _joined(lanes: list[Lane], moves: list[_Move], plan: StreetPlan) -> tuple[Lane, ...]:
    """Add the ways through junctions, and tell every lane how it goes on."""
    followers: list[list[int]] = [[] for _ in lanes]
    ways: list[Lane] = []
    for move in moves:
        followers[move.source].append(len(lanes) + len(ways))
        ways.append(_way(move, lanes, plan.corner_m))
    on_streets = [replace(lane, followers=tuple(after))
                  for lane, after in zip(lanes, followers, strict=True)]
    return (*on_streets, *ways)


def _way(move: _Move, lanes: list[Lane], corner_m: float) -> Lane:
    source, target = lanes[move.source], lanes[move.target]
    path = turning(source.path, target.path, move.turn, corner_m, move.beside_m)
    bend = np.abs(path.at(np.linspace(0.0, path.length_m, 16)).curvatures).max()
    limit = np.sqrt(_SIDE_MPS2 / max(float(bend), 1e-3))
    return Lane(
        path=path,
        width_m=min(source.width_m, target.width_m),
        speed_mps=float(min(limit, source.speed_mps, target.speed_mps)),
        followers=(move.target,),
        turn=move.turn,
        junction=move.junction,
    )


def _crossings(plan: StreetPlan, rules: Controls) -> tuple[Crossing, ...]:
    crossings = []
    for index, street in enumerate(plan.streets):
        length = street.middle.length_m
        for end in (0, 1):
            if rules.has_crossing[index, end]:
                way = sum(mouth_m(street.trims_m[end])) / 2.0
                crossings.append(_across(
                    street, length - way if end else way, int(rules.signals[index, end])))
        if np.isfinite(rules.crossings_m[index]):
            crossings.append(_across(street, float(rules.crossings_m[index]), -1))
    return tuple(crossings)


def _across(street: Street, way_m: float, signal: int) -> Crossing:
    half = street.section.half_m
    places = street.at(np.full(5, way_m), np.linspace(-half, half, 5))
    return Crossing(Path(places), CROSSWALK_M, signal)


def _signals(
    rng: np.random.Generator, plan: StreetPlan, rules: Controls, height: Height
) -> tuple[Signal, ...]:
    signals = []
    for junction in plan.junctions:
        cycle, start = float(rng.uniform(36, 56)), float(rng.uniform(0, 56))
        share = float(rng.uniform(.42, .58))
        for arm in junction.arms:
            if rules.signals[arm.street, arm.end] < 0:
                continue
            is_first = abs(np.cos(arm.heading_rad - junction.arms[0].heading_rad)) > .7
            part = cycle * (share if is_first else 1.0 - share)
            signals.append(Signal(
                position=_beside_stop_line(plan.streets[arm.street], arm.end, height),
                heading_rad=float(wrap_angle(arm.heading_rad + np.pi)),
                cycle_s=cycle,
                green_from_s=start + (0.0 if is_first else cycle * share),
                green_s=part - _AMBER_S - _ALL_RED_S,
                amber_s=_AMBER_S,
            ))
    return tuple(signals)


def _beside_stop_line(street: Street, end: int, height: Height) -> NDArray[np.float64]:
    """Give the place of a signal's head, to the right of those who arrive."""
    way = street.trims_m[end] - .6
    beside = street.section.pole_m
    place = street.at(np.array([street.middle.length_m - way if end else way]),
                      -beside if end else beside)
    return np.array([*place[0], height(place)[0] + SIGNAL_HEIGHT_M])


def _parking(plan: StreetPlan, rules: Controls) -> tuple[ParkingSpace, ...]:
    spaces = []
    for street, crossing in zip(plan.streets, rules.crossings_m, strict=True):
        way = parking_ways(street, float(crossing))
        if not len(way):
            continue
        for side in (-1, 1):
            places = street.at(way, side * street.section.parking_middle_m)
            headings = street.middle.at(way).headings + (np.pi if side > 0 else 0.0)
            spaces += [ParkingSpace(place, float(wrap_angle(heading)), _CAR_M)
                       for place, heading in zip(places, headings, strict=True)]
    return tuple(spaces)


def parking_ways(street: Street, crossing_m: float) -> NDArray[np.float64]:
    """Give where along a street the middles of parking spaces are, m."""
    low, high = street.span_m
    if not street.section.parking_m:
        return np.empty(0)
    way = np.arange(low + _CLEAR_M + _CAR_M / 2, high - _CLEAR_M - _CAR_M / 2, _CAR_M)
    if np.isnan(crossing_m):
        return way
    return np.asarray(way[np.abs(way - crossing_m) > _CLEAR_M + _CAR_M / 2])
