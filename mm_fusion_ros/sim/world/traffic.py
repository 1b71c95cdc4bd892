# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Traffic that reacts: everybody keeps a distance to whatever is ahead on the own path.

Source: Treiber et al., Congested traffic states (2000), the intelligent driver model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mm_fusion_ros.sim.actor_model import ActorModel
    from mm_fusion_ros.sim.world.routes import Gate, Route
    from mm_fusion_ros.sim.world.streets import Streets

STEP_S = 0.1
_LOOK_M = np.arange(1.0, 46.0, 1.5)
_HEADWAY_S, _STANDSTILL_M = 1.2, 2.2
_BRAKE_MPS2, _HARDEST_MPS2 = 2.0, 6.0
_SIDE_GAP_M = 0.35
_AMBER_BRAKE_MPS2 = 3.0
_GIVE_WAY_M = 28.0
_FREE_M = 1e3


@dataclass(slots=True)
class Agent:
    """
    One who moves.

    Attributes
    ----------
    route : Route
        Where to.
    model : ActorModel
        Its shape.
    way_m, speed_mps : float
        Where and how fast on the route at time 0.
    keenness : float
        Share of the allowed speed that is driven.
    acceleration_mps2 : float
        Strongest.
    walks : bool
        Does not look out for others, who look out for it.
    starts_s : float
        When it begins to move, s.

    """

    route: Route
    model: ActorModel
    way_m: float
    speed_mps: float
    keenness: float = 1.0
    acceleration_mps2: float = 1.6
    walks: bool = False
    starts_s: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """
    What came of it.

    Attributes
    ----------
    times_s : (T,) float64
        Of the steps, s.
    ways_m : (T, A) float64
        Of each agent on its route.

    """

    times_s: NDArray[np.float64]
    ways_m: NDArray[np.float64]


class Traffic:
    """
    Moves agents step by step.

    Parameters
    ----------
    streets : Streets
        With the signals.
    agents : sequence of Agent
        Who moves.
    conflicting : dict of int to frozenset of int
        Ways through junctions that exclude each other.

    """

    def __init__(
        self, streets: Streets, agents: Sequence[Agent],
        conflicting: dict[int, frozenset[int]],
    ) -> None:
        self._streets, self._agents, self._conflicting = streets, list(agents), conflicting
        count = len(self._agents)
        longest = max(int(agent.route.path.length_m) for agent in self._agents) + 60
        self._points = np.empty((count, longest, 2))
        self._headings = np.empty((count, longest))
        self._limits = np.empty((count, longest))
        for row, agent in enumerate(self._agents):
            on = agent.route.path.at(np.arange(longest, dtype=np.float64))
            self._points[row], self._headings[row] = on.positions, on.headings
            limits = agent.route.limits
            self._limits[row] = np.pad(limits, (0, longest), mode='edge')[:longest]
        self._half_lengths = np.array([agent.model.size_m[0] / 2.0 for agent in self._agents])
        self._half_widths = np.array([agent.model.size_m[1] / 2.0 for agent in self._agents])
        self._keenness = np.array([agent.keenness for agent in self._agents])
        self._walks = np.array([agent.walks for agent in self._agents])
        self._gates: list[list[Gate]] = [list(agent.route.gates) for agent in self._agents]
        self._inside: dict[int, Gate] = {}  # agents that may be in a junction

    def run(self, duration_s: float) -> Course:
        """Move everybody from time 0 on."""
        times = np.arange(0.0, duration_s + STEP_S, STEP_S)
        ways = np.array([agent.way_m for agent in self._agents])
        speeds = np.array([agent.speed_mps for agent in self._agents])
        strongest = np.array([agent.acceleration_mps2 for agent in self._agents])
        starts = np.array([agent.starts_s for agent in self._agents])
        all_ways = []
        for time_s in times:
            all_ways.append(ways.copy())
            wanted = self._wanted(ways)
            gaps, ahead = self._ahead(ways, speeds)
            self._stop_at_gates(float(time_s), ways, speeds, gaps, ahead)
            free = 1.0 - (speeds / wanted) ** 4
            close = _STANDSTILL_M + np.maximum(
                0.0, speeds * _HEADWAY_S
                + speeds * (speeds - ahead) / (2.0 * np.sqrt(strongest * _BRAKE_MPS2)))
            change = strongest * (free - (close / np.maximum(gaps, 0.1)) ** 2)
            change[self._walks] = (strongest * free)[self._walks]
            change[starts > time_s] = 0.0
            after = np.maximum(speeds + np.clip(change, -_HARDEST_MPS2, strongest) * STEP_S, 0.0)
            ways = ways + (speeds + after) / 2.0 * STEP_S
            speeds = after
        return Course(times, np.array(all_ways))

    def _wanted(self, ways: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the speed wanted now, with what bends ahead allow."""
        metres = ways[:, None] + _LOOK_M
        limits = np.take_along_axis(self._limits, self._index(metres), axis=1)
        slowing = np.sqrt(
            (limits * self._keenness[:, None]) ** 2 + 2.0 * _BRAKE_MPS2 * .7 * _LOOK_M)
        now = np.take_along_axis(self._limits, self._index(ways[:, None]), axis=1)[:, 0]
        wanted: NDArray[np.float64] = np.minimum(now * self._keenness, slowing.min(axis=1))
        return np.maximum(wanted, .3)

    def _index(self, metres: NDArray[np.float64]) -> NDArray[np.intp]:
        return np.clip(metres, 0, self._points.shape[1] - 1).astype(np.intp)

    def _ahead(
        self, ways: NDArray[np.float64], speeds: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Find the gap to the first thing on each path, m, and its speed along it, m/s."""
        rows = np.arange(len(ways))
        places = self._points[rows, self._index(ways)]
        headings = self._headings[rows, self._index(ways)]
        ahead = np.stack([np.cos(headings), np.sin(headings)], axis=1)
        looked = self._index(ways[:, None] + self._half_lengths[:, None] + _LOOK_M)
        corridor = self._points[rows[:, None], looked]  # (A, L, 2)
        reach = np.maximum(self._half_lengths - self._half_widths, 0.0)
        spots = places[:, None] + np.array([-1.0, 0.0, 1.0])[:, None] * (
            ahead * reach[:, None])[:, None]  # (A, 3, 2)
        gaps = np.full(len(ways), _FREE_M)
        leaders = np.zeros(len(ways))
        for row in rows[~self._walks]:
            near = np.flatnonzero(
                (np.abs(places - corridor[row, len(_LOOK_M) // 2]) < 40.0).all(axis=1)
                & (rows != row))
            others, radii = spots[near].reshape(-1, 2), np.repeat(self._half_widths[near], 3)
            apart = np.linalg.norm(corridor[row][:, None] - others, axis=2)
            hit = apart < radii + self._half_widths[row] + _SIDE_GAP_M
            if not hit.any():
                continue
            first = int(hit.any(axis=1).argmax())
            other = near[int(np.where(hit[first], apart[first], np.inf).argmin()) // 3]
            along = self._headings[row, looked[row, first]]
            gaps[row] = _LOOK_M[first]
            leaders[row] = max(speeds[other] * np.cos(headings[other] - along), 0.0)
        return gaps, leaders

    def _stop_at_gates(
        self, time_s: float, ways: NDArray[np.float64], speeds: NDArray[np.float64],
        gaps: NDArray[np.float64], ahead: NDArray[np.float64],
    ) -> None:
        """Put an end to the free way of those who may not enter their next junction."""
        for row, gate in list(self._inside.items()):
            if ways[row] - self._half_lengths[row] > gate.clear_m:
                del self._inside[row]
        for row in np.argsort([gates[0].stop_m - ways[row] if gates else _FREE_M
                               for row, gates in enumerate(self._gates)]):
            if not self._gates[row]:
                continue
            gate = self._gates[row][0]
            gap = gate.stop_m - ways[row] - self._half_lengths[row]
            if gap > 45.0:
                continue
            if gap < speeds[row] ** 2 / 5.0 + 4.0 and row not in self._inside and self._may_enter(
                    row, gate, time_s, ways, speeds, gap):
                self._inside[row] = gate
                self._gates[row].pop(0)
            elif gap < gaps[row]:
                gaps[row], ahead[row] = max(gap + _STANDSTILL_M - .3, .1), 0.0

    def _may_enter(
        self, row: int, gate: Gate, time_s: float, ways: NDArray[np.float64],
        speeds: NDArray[np.float64], gap: float,
    ) -> bool:
        if gate.signal >= 0 and not self._streets.signals[gate.signal].may_go(time_s):
            hard = speeds[row] ** 2 / (2.0 * max(gap, 0.1)) > _AMBER_BRAKE_MPS2
            cannot_stop = hard and self._streets.signals[gate.signal].may_go(
                time_s - self._streets.signals[gate.signal].amber_s)
            if not cannot_stop:
                return False
        against = self._conflicting[gate.connector]
        if any(other.connector in against for other in self._inside.values()):
            return False
        return not gate.gives_way or not self._is_approached(row, gate, time_s, ways, speeds)

    def _is_approached(
        self, row: int, gate: Gate, time_s: float, ways: NDArray[np.float64],
        speeds: NDArray[np.float64],
    ) -> bool:
        """Tell whether somebody with the right of way is about to cross."""
        for other, gates in enumerate(self._gates):
            if other == row or not gates:
                continue
            theirs = gates[0]
            is_near = theirs.stop_m - ways[other] < _GIVE_WAY_M and speeds[other] > 1.0
            goes = theirs.signal < 0 or self._streets.signals[theirs.signal].may_go(time_s)
            if is_near and goes and not theirs.gives_way and theirs.connector in \
                    self._conflicting[gate.connector]:
                return True
        return False
