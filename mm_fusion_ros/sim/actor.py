# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A thing that has a box: a shape, and where it is at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol, TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.actor_model import ActorModel


class Moving(NamedTuple):
    """
    Where something is at N times, and how it moves.

    Attributes
    ----------
    T_world : (N, 4, 4) float64
        Pose of the model's frame in the world.
    velocities : (N, 3) float64
        Of the frame's origin, in the world, m/s.
    way_m : (N,) float64
        Way covered since time 0, m: what legs and pedals follow.

    """

    T_world: NDArray[np.float64]
    velocities: NDArray[np.float64]
    way_m: NDArray[np.float64]


class Motion(Protocol):
    """Knows where something is at any time; smooth, so that every ray finds it in one place."""

    @property
    def is_still(self) -> bool:
        """Whether it never moves."""

    def at(self, times_s: NDArray[np.float64]) -> Moving:
        """Give poses and velocities at times (N,), s since the world began, in any order."""


@dataclass(frozen=True, slots=True, eq=False)
class Actor:
    """
    One thing with a box.

    Attributes
    ----------
    id : int
        Its identity, the same for as long as the world lasts.
    model : ActorModel
        Its shape.
    motion : Motion
        Where it is when.

    """

    id: int
    model: ActorModel
    motion: Motion
