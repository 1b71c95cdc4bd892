# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Ways through junctions: from the end of one lane to the beginning of another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.geometry.transforms import wrap_angle
from mm_fusion_ros.sim.world.path import Path
from mm_fusion_ros.sim.world.streets import Turn

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STEP_M = 1.0
_CLEAR_M = 1.9  # from the kerb to the middle of a way that turns right
_LEAST_RADIUS_M = 6.0


def turning(
    source: Path, target: Path, turn: Turn, corner_m: float, beside_m: float
) -> Path:
    """
    Draw the way from a lane's end to another's beginning.

    Turns are arcs between straight lines; those to the right stay off the kerb's corner.

    Parameters
    ----------
    source, target : Path
        The lanes.
    turn : Turn
        Where it leads.
    corner_m : float
        Radius of the kerb's corner, m.
    beside_m : float
        Distance from the middle of the lanes to the kerb, m.

    """
    ends = source.at(np.array([source.length_m])), target.at(np.array([0.0]))
    start, end = (on.positions[0] for on in ends)
    headings = np.array([on.headings[0] for on in ends])
    there, away = np.stack([np.cos(headings), np.sin(headings)], axis=1)
    angle = abs(float(wrap_angle(headings[1] - headings[0])))
    if turn == Turn.STRAIGHT:
        return Path(_cubic(start, end, there, away))
    before, after = np.linalg.solve(np.stack([there, away], axis=1), end - start)
    tangent = min(float(before), float(after))
    if turn == Turn.RIGHT:
        radius = max(_right_radius_m(angle, corner_m, beside_m), _LEAST_RADIUS_M)
        tangent = min(tangent, radius * np.tan(angle / 2.0))
    corner = start + before * there
    arc = _arc(corner - tangent * there, corner + tangent * away, there, angle, tangent)
    return Path(np.concatenate([
        _line(start, arc[0]), arc, _line(arc[-1], end)[1:], end[None]]))


def _right_radius_m(angle_rad: float, corner_m: float, beside_m: float) -> float:
    """Give the radius with which one passes a rounded corner at a distance."""
    slant = 1.0 / np.cos(angle_rad / 2.0)
    return float(corner_m + (beside_m * slant - _CLEAR_M) / (slant - 1.0))


def _line(start: NDArray[np.float64], end: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give places from one to just before another."""
    count = max(round(float(np.linalg.norm(end - start)) / _STEP_M), 1)
    return np.asarray(start + np.arange(count)[:, None] / count * (end - start))


def _arc(
    start: NDArray[np.float64], end: NDArray[np.float64], there: NDArray[np.float64],
    angle_rad: float, tangent_m: float,
) -> NDArray[np.float64]:
    radius = tangent_m / np.tan(angle_rad / 2.0)
    left = np.array([-there[1], there[0]])
    side = np.sign((end - start) @ left)
    count = max(int(radius * angle_rad / _STEP_M), 4)
    t = np.linspace(0.0, angle_rad, count + 1)[:, None]
    return np.asarray(start + radius * (np.sin(t) * there + side * (1.0 - np.cos(t)) * left))


def _cubic(
    start: NDArray[np.float64], end: NDArray[np.float64], there: NDArray[np.float64],
    away: NDArray[np.float64],
) -> NDArray[np.float64]:
    length = float(np.linalg.norm(end - start))
    t = np.linspace(0.0, 1.0, max(int(length / _STEP_M), 4) + 1)[:, None]
    blend = t * t * (3.0 - 2.0 * t)
    return np.asarray(start * (1.0 - blend) + end * blend + length * (
        there * (t * (1.0 - t) ** 2) - away * (t * t * (1.0 - t))))
