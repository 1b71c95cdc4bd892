# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Lanes, ways through junctions, lights, crosswalks, walks and parking of a plan of streets.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.world.path import Path
from mm_fusion_ros.sim.world.street_plan import bezier, LANE_M, PARKING_M
from mm_fusion_ros.sim.world.streets import (
    Crossing,
    Lane,
    ParkingSpace,
    Signal,
    Streets,
    Turn,
)

if TYPE_CHECKING:
    from mm_fusion_ros.sim.world.street_plan import Street, StreetPlan

_CYCLE_S, _AMBER_S, _ALL_RED_S = 44.0, 3.0, 2.0
_SPACE_M = 6.0
_CROSSWALK_M = 3.0
_STOP_TO_CROSSWALK_M = 1.0
_TURN_MPS = 6.0


@dataclass(slots=True)
class _Draft:
    """What is collected while going through the plan."""

    lanes: list[Lane] = field(default_factory=list)
    # Lanes of each street that go with it, and against it; the outermost first.
    along: dict[tuple[int, bool], list[int]] = field(default_factory=dict)
    signals: list[Signal] = field(default_factory=list)
    signal_of: dict[tuple[int, int], int] = field(default_factory=dict)  # (junction, street)


def street_network(plan: StreetPlan, rng: np.random.Generator) -> Streets:
    """Work out all ways of a plan."""
    draft = _Draft()
    for junction in range(len(plan.junctions)):
        _add_signals(plan, junction, draft, rng)
    for index, street in enumerate(plan.streets):
        for is_forward in (True, False):
            _add_lanes(street, index, is_forward, draft)
    for junction in range(len(plan.junctions)):
        _add_connectors(plan, junction, draft)
    return Streets(
        lanes=tuple(draft.lanes),
        walks=tuple(walk for street in plan.streets for walk in _walks(street)),
        crossings=tuple(_crossings(plan, draft)),
        signals=tuple(draft.signals),
        parking=tuple(space for street in plan.streets for space in _parking(street)),
    )


def middle_line(street: Street, is_forward: bool) -> Path:
    """Give the middle of a street between its stop lines, in one direction."""
    count = max(int(street.middle.length_m / 3.0), 4)
    ways = np.linspace(street.trim_m[0], street.middle.length_m - street.trim_m[1], count)
    points = street.middle.at(ways).positions
    return Path(points if is_forward else points[::-1])


def _add_signals(
    plan: StreetPlan, junction: int, draft: _Draft, rng: np.random.Generator
) -> None:
    """Put lights at busy junctions: the two streets that cross are green in turn."""
    streets = plan.at(junction)
    widest = max(plan.streets[index].profile.lanes for index, _ in streets)
    if len(streets) < 3 or (widest < 2 and rng.random() < .6):
        return
    shift = rng.uniform(0.0, _CYCLE_S)
    for index, begins in streets:
        street = plan.streets[index]
        way = street.trim_m[0] if begins else street.middle.length_m - street.trim_m[1]
        on = street.middle.at(np.array([way]))
        heading = on.headings[0] + (np.pi if begins else 0.0)
        right = np.array([np.sin(heading), -np.cos(heading)])
        place = on.positions[0] + right * (street.profile.half_m + .7)
        phase = abs(street.end - street.start) == 1
        draft.signal_of[junction, index] = len(draft.signals)
        draft.signals.append(Signal(
            position=np.array([*place, 3.0]), heading_rad=float(heading), cycle_s=_CYCLE_S,
            green_from_s=shift + phase * _CYCLE_S / 2.0,
            green_s=_CYCLE_S / 2.0 - _AMBER_S - _ALL_RED_S, amber_s=_AMBER_S))


def _add_lanes(street: Street, index: int, is_forward: bool, draft: _Draft) -> None:
    middle = middle_line(street, is_forward)
    junction = street.end if is_forward else street.start
    numbers = [len(draft.lanes) + k for k in range(street.profile.lanes)]
    draft.along[index, is_forward] = numbers
    for k, number in enumerate(numbers):
        aside = (street.profile.lanes - k - .5) * LANE_M
        beside = [n for n in numbers if abs(n - number) == 1]
        signal = draft.signal_of.get((junction, index), -1)
        draft.lanes.append(Lane(
            middle.beside(-aside), LANE_M, street.profile.speed_mps, (),
            neighbour=beside[0] if beside else -1, signal=signal))


def _add_connectors(plan: StreetPlan, junction: int, draft: _Draft) -> None:
    streets = plan.at(junction)
    for index, begins in streets:
        incoming = draft.along[index, not begins]
        others = [draft.along[other] for other in streets if other[0] != index]
        joined = [pair for outgoing in others for pair in _joined(draft, incoming, outgoing)]
        for number in set(incoming) - {a for a, _ in joined}:  # no way on from that lane
            joined.append((number, others[0][-1]))
        for a, b in joined:
            _connect(draft, a, b, junction)
    is_minor = [index for index, _ in streets if plan.streets[index].profile.lanes == 1]
    for index, begins in streets:
        if len(streets) > 2 and (junction, index) not in draft.signal_of and index in is_minor:
            for number in draft.along[index, not begins]:
                draft.lanes[number] = replace(draft.lanes[number], yields=True)


def _joined(draft: _Draft, incoming: list[int], outgoing: list[int]) -> list[tuple[int, int]]:
    """Choose which lanes lead into which: turns from the nearest lane, straight side by side."""
    turn = _turn(draft.lanes[incoming[0]].path, draft.lanes[outgoing[0]].path)
    if turn is Turn.RIGHT:
        return [(incoming[0], outgoing[0])]
    if turn is Turn.LEFT:
        return [(incoming[-1], outgoing[-1])]
    return [(number, outgoing[min(k, len(outgoing) - 1)]) for k, number in enumerate(incoming)]


def _turn(a: Path, b: Path) -> Turn:
    before = a.at(np.array([a.length_m])).headings[0]
    after = b.at(np.array([0.0])).headings[0]
    angle = (after - before + np.pi) % (2.0 * np.pi) - np.pi
    if abs(angle) < np.pi / 4.0:
        return Turn.STRAIGHT
    return Turn.LEFT if angle > 0.0 else Turn.RIGHT


def _connect(draft: _Draft, a: int, b: int, junction: int) -> None:
    start, end = draft.lanes[a].path, draft.lanes[b].path
    leave, arrive = start.at(np.array([start.length_m])), end.at(np.array([0.0]))
    gap = np.linalg.norm(arrive.positions[0] - leave.positions[0])
    turn = _turn(start, end)
    reach = gap * (.36 if turn is Turn.STRAIGHT else .40)
    out = np.array([np.cos(leave.headings[0]), np.sin(leave.headings[0])])
    back = np.array([np.cos(arrive.headings[0]), np.sin(arrive.headings[0])])
    points = bezier(leave.positions[0], leave.positions[0] + out * reach,
                    arrive.positions[0] - back * reach, arrive.positions[0], 14)
    speed = draft.lanes[b].speed_mps if turn is Turn.STRAIGHT else _TURN_MPS
    number = len(draft.lanes)
    draft.lanes.append(Lane(Path(points), LANE_M, speed, (b,), turn=turn, junction=junction))
    draft.lanes[a] = replace(
        draft.lanes[a], followers=(*draft.lanes[a].followers, number))


def _walks(street: Street) -> list[Path]:
    if not street.profile.sidewalk_m:
        return []
    middle = middle_line(street, True)
    aside = street.profile.half_m + street.profile.sidewalk_m * .55
    return [middle.beside(aside), middle.beside(-aside)]


def _crossings(plan: StreetPlan, draft: _Draft) -> list[Crossing]:
    found = []
    for index, street in enumerate(plan.streets):
        if not street.profile.sidewalk_m:
            continue
        for junction, is_start in ((street.start, True), (street.end, False)):
            inwards = street.trim_m[0 if is_start else 1] - (
                _STOP_TO_CROSSWALK_M + _CROSSWALK_M / 2.0)
            way = inwards if is_start else street.middle.length_m - inwards
            on = street.middle.at(np.array([way]))
            left = np.array([-np.sin(on.headings[0]), np.cos(on.headings[0])])
            half = street.profile.half_m
            ends = on.positions[0] + np.linspace(-half, half, 5)[:, None] * left
            signal = draft.signal_of.get((junction, index), -1)
            found.append(Crossing(Path(ends), _CROSSWALK_M, signal))
    return found


def _parking(street: Street) -> list[ParkingSpace]:
    if not street.profile.has_parking:
        return []
    spaces = []
    for is_forward in (True, False):
        middle = middle_line(street, is_forward)
        aside = street.profile.half_m - .2 - PARKING_M / 2.0
        line = middle.beside(-aside)
        ways = np.arange(9.0, line.length_m - 9.0, _SPACE_M)
        on = line.at(ways)
        spaces += [ParkingSpace(place, float(heading), _SPACE_M)
                   for place, heading in zip(on.positions, on.headings, strict=True)]
    return spaces
