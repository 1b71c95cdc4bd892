# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What the streets of a world consist of, for those who move on them. Traffic keeps to the right.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.world.path import Path


class Turn(IntEnum):
    """Where a lane leads through a junction; STRAIGHT outside of junctions."""

    STRAIGHT = 0
    LEFT = 1
    RIGHT = 2


@dataclass(frozen=True, slots=True, eq=False)
class Lane:
    """
    A lane, or a way through a junction.

    Attributes
    ----------
    path : Path
        Its middle, in the direction of travel, m.
    width_m : float
        m.
    speed_mps : float
        What is driven there when it is free, m/s.
    followers : tuple of int
        Indices of the lanes that go on from its end; empty at the edge of the world.
    turn : Turn
        STRAIGHT outside of junctions.
    junction : int
        Index of the junction that it crosses, -1 for a lane between junctions.
    signal : int
        Index of the signal that stands at its end, -1 for none.
    yields : bool
        Has to give way at its end (no signal there, and a minor road).

    """

    path: Path
    width_m: float
    speed_mps: float
    followers: tuple[int, ...]
    turn: Turn = Turn.STRAIGHT
    junction: int = -1
    signal: int = -1
    yields: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """
    One direction's traffic light: green from `green_from_s` on, in every cycle.

    Attributes
    ----------
    position : (3,) float64
        Of its head, m.
    heading_rad : float
        Direction in which those drive who look at it.
    cycle_s, green_from_s, green_s, amber_s : float
        Times, s.

    """

    position: NDArray[np.float64]
    heading_rad: float
    cycle_s: float
    green_from_s: float
    green_s: float
    amber_s: float = 3.0

    def may_go(self, time_s: float) -> bool:
        """Tell whether it is green."""
        return (time_s - self.green_from_s) % self.cycle_s < self.green_s


@dataclass(frozen=True, slots=True, eq=False)
class Crossing:
    """
    A crosswalk.

    Attributes
    ----------
    path : Path
        From kerb to kerb, m.
    width_m : float
        Along the road, m.
    signal : int
        Index of the signal of the road it crosses, -1 for none: people go while that is red.

    """

    path: Path
    width_m: float
    signal: int = -1


@dataclass(frozen=True, slots=True, eq=False)
class ParkingSpace:
    """Room for a parked vehicle: position of its middle (2,), m, heading, rad, and length, m."""

    position: NDArray[np.float64]
    heading_rad: float
    length_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Streets:
    """
    All of a world's ways.

    Attributes
    ----------
    lanes : tuple of Lane
        For vehicles.
    walks : tuple of Path
        Middles of sidewalks, to be walked in both directions.
    crossings : tuple of Crossing
        Where people cross.
    signals : tuple of Signal
        Traffic lights.
    parking : tuple of ParkingSpace
        Beside the lanes.

    """

    lanes: tuple[Lane, ...]
    walks: tuple[Path, ...]
    crossings: tuple[Crossing, ...]
    signals: tuple[Signal, ...]
    parking: tuple[ParkingSpace, ...]
