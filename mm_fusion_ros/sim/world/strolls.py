# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Ways of people: along a sidewalk, round where it ends, and back on its other side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.world.path import Path
from mm_fusion_ros.sim.world.routes import Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_BESIDE_M = 0.33  # of the middle of a sidewalk, where people walk on the right
_SPREAD_M = 0.12
_END_M = 0.6  # at the ends of a sidewalk that nobody walks on
_STEP_M = 0.25
_BEYOND_KERB_M = 0.6  # those who cross then turn to where the others walk
_JOIN_M = 1.2  # which takes them so much way
_NEAR_M = 4.0
_SIDEWAYS_MPS2 = 1.2  # in bends, at most


def loop(walk: Path, rng: np.random.Generator) -> Path:
    """Give the way there and back, which ends where it begins; one keeps to the right."""
    ways = np.linspace(_END_M, walk.length_m - _END_M, max(int(walk.length_m), 4))
    on = walk.at(ways)
    left = np.stack([-np.sin(on.headings), np.cos(on.headings)], axis=1)
    middle = on.positions + rng.uniform(-_SPREAD_M, _SPREAD_M) * left
    there, back = middle - _BESIDE_M * left, (middle + _BESIDE_M * left)[::-1]
    return Path(np.concatenate([
        there, _turn(middle[-1], left[-1]), back, _turn(middle[0], -left[0]), there[:1]]))


def _turn(middle: NDArray[np.float64], left: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give places on a half circle to the left about a place (2,), its ends left out."""
    angles = np.pi * np.arange(1, 5)[:, None] / 5.0
    ahead = np.array([left[1], -left[0]])
    return np.asarray(middle + _BESIDE_M * (np.sin(angles) * ahead - np.cos(angles) * left))


def along(around: Path, start_m: float, length_m: float) -> NDArray[np.float64]:
    """Give places (N, 2) on a loop from some way on, round and round."""
    ways = start_m + np.arange(0.0, length_m + _STEP_M, _STEP_M)
    return around.at(ways % around.length_m).positions


def across(
    crossing: Path, walks: Sequence[Path], length_m: float, rng: np.random.Generator
) -> Path | None:
    """
    Give the way over a crosswalk and on along the sidewalk there; None if there is no sidewalk.

    Parameters
    ----------
    crossing : Path
        From kerb to kerb; the way begins at its begin.
    walks : sequence of Path
        All sidewalks.
    length_m : float
        Of the way, m.
    rng : Generator
        Decides where they turn.

    """
    ways = np.append(np.arange(0.0, crossing.length_m, 1.0), crossing.length_m + _BEYOND_KERB_M)
    over = crossing.at(ways).positions
    gaps = [float(np.linalg.norm(walk.points - over[-1], axis=1).min()) for walk in walks]
    if not gaps or min(gaps) > _NEAR_M:
        return None
    around = loop(walks[int(np.argmin(gaps))], rng)
    ways = np.arange(0.0, around.length_m, _STEP_M)
    # Half of the loop leads to the right, the other one to the left.
    ways = ways[(ways < around.length_m / 2.0) == (rng.random() < .5)]
    nearest = np.linalg.norm(around.at(ways).positions - over[-1], axis=1).argmin()
    return Path(np.concatenate([over, along(around, ways[nearest] + _JOIN_M, length_m)]))


def stroll(path: Path, pace_mps: float) -> Route:
    """Give the route over a path at a pace, slower in bends."""
    metres = np.arange(0.0, path.length_m + 1.0)
    bends = path.at((metres[:, None] + np.arange(0.0, 1.0, _STEP_M)).ravel()).curvatures
    bend = np.abs(bends).reshape(len(metres), -1).max(axis=1)
    limits = np.minimum(pace_mps, np.sqrt(_SIDEWAYS_MPS2 / np.maximum(bend, 1e-3)))
    return Route(path, (), limits)
