# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Ways through the streets, lane after lane, with the junctions on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.world.path import join, Path
from mm_fusion_ros.sim.world.streets import Turn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.world.streets import Streets

_CLEAR_M = 2.6  # connectors that come closer than this cannot be used at once
_SIDEWAYS_MPS2 = 2.2


@dataclass(frozen=True, slots=True)
class Gate:
    """
    A junction on a route.

    Attributes
    ----------
    connector : int
        The lane that leads through it.
    stop_m, clear_m : float
        Way at which one stops before it, and at which the junction ends, m.
    signal : int
        Of the lane before, -1 for none.
    gives_way : bool
        To everybody near, for want of a signal, or to those who come towards a left turn.

    """

    connector: int
    stop_m: float
    clear_m: float
    signal: int
    gives_way: bool


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """
    A path over lanes.

    Attributes
    ----------
    path : Path
        Their middles, m.
    gates : tuple of Gate
        Junctions, in order.
    limits : (M,) float64
        Speed allowed, m/s, at every metre of the way.

    """

    path: Path
    gates: tuple[Gate, ...]
    limits: NDArray[np.float64]


def random_route(
    streets: Streets, lane: int, length_m: float, rng: np.random.Generator, turns: float = 0.4
) -> Route:
    """Go on from a lane for some way; at junctions turn with a probability."""
    lanes = [lane]
    length = streets.lanes[lane].path.length_m
    while length < length_m and streets.lanes[lanes[-1]].followers:
        followers = streets.lanes[lanes[-1]].followers
        weights = np.array([
            turns if streets.lanes[follower].turn is not Turn.STRAIGHT else 1.0
            for follower in followers])
        lanes.append(int(rng.choice(followers, p=weights / weights.sum())))
        length += streets.lanes[lanes[-1]].path.length_m
    return route_over(streets, lanes)


def route_over(streets: Streets, lanes: list[int]) -> Route:
    """Join lanes to a route."""
    parts = [streets.lanes[lane] for lane in lanes]
    path = join([part.path for part in parts])
    ends = np.cumsum([part.path.length_m for part in parts])
    gates = []
    for k in range(1, len(parts)):
        if parts[k].junction >= 0:
            before = parts[k - 1]
            gives_way = before.yields or (before.signal >= 0 and parts[k].turn is Turn.LEFT)
            gates.append(Gate(lanes[k], float(ends[k - 1]), float(ends[k]), before.signal,
                              gives_way))
    metres = np.arange(0.0, path.length_m + 1.0)
    which = np.minimum(np.searchsorted(ends, metres), len(parts) - 1)
    limits = np.array([part.speed_mps for part in parts])[which]
    bends = np.abs(path.at(metres).curvatures)
    limits = np.minimum(limits, np.sqrt(_SIDEWAYS_MPS2 / np.maximum(bends, 1e-3)))
    return Route(path, tuple(gates), limits)


def conflicts(streets: Streets) -> dict[int, frozenset[int]]:
    """Find, for each way through a junction, those that cannot be used at the same time."""
    junctions: dict[int, list[int]] = {}
    for index, lane in enumerate(streets.lanes):
        if lane.junction >= 0:
            junctions.setdefault(lane.junction, []).append(index)
    starts = {index: streets.lanes[index].path.at(np.zeros(1)).positions[0]
              for members in junctions.values() for index in members}
    found: dict[int, frozenset[int]] = {}
    for members in junctions.values():
        points = [_samples(streets.lanes[index].path) for index in members]
        for index, own in zip(members, points, strict=True):
            crossing = [
                other for other, theirs in zip(members, points, strict=True)
                if np.linalg.norm(starts[index] - starts[other]) > 1.0
                and np.linalg.norm(own[:, None] - theirs[None], axis=2).min() < _CLEAR_M]
            found[index] = frozenset(crossing)
    return found


def _samples(path: Path) -> NDArray[np.float64]:
    return path.at(np.arange(0.0, path.length_m, 1.5)).positions
