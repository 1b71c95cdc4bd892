# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What is set on walls: panes, frames, doors and shops, each a little before the wall.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.models.shapes import box, Color, Look, panel, panels, pick

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.mesh import Mesh

PANE = Look(Material.FACADE_WINDOW, (58, 70, 80))
_FRAME = Look(Material.PLASTIC, (228, 228, 224))
_STEP = Look(Material.CONCRETE, (150, 148, 142))
_DOORS: tuple[Color, ...] = (
    (96, 58, 36), (52, 70, 60), (44, 56, 92), (120, 30, 32), (226, 224, 218), (60, 58, 58),
)
_AWNINGS: tuple[Color, ...] = ((150, 34, 38), (34, 84, 60), (40, 60, 110), (210, 190, 150))


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """
    One wall, seen from outside.

    Attributes
    ----------
    start, along : (2,) float64
        Its left end on the plan, m, and the unit vector to the right.
    length_m : float
        m.

    """

    start: NDArray[np.float64]
    along: NDArray[np.float64]
    length_m: float

    def panels(self, rectangles: NDArray[np.float64], look: Look, out_m: float = .03) -> Mesh:
        """Set faces before the wall: left, right, low and high edges (N, 4), m."""
        outwards = np.array((self.along[1], -self.along[0]))
        across = rectangles[:, [0, 1, 1, 0]]
        corners = np.empty((len(rectangles), 4, 3))
        corners[..., :2] = self.start + out_m * outwards + across[..., None] * self.along
        corners[..., 2] = rectangles[:, [2, 2, 3, 3]]
        return panels(corners, look)


def sides_of(width_m: float, depth_m: float) -> tuple[Side, Side, Side, Side]:
    """Give the walls of a house: front, right, back and left."""
    half = width_m / 2.0
    corners = np.array([(-half, 0.0), (half, 0.0), (half, depth_m), (-half, depth_m)])
    steps = np.array([(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)])
    front, right, back, left = (
        Side(corner, step, length) for corner, step, length in
        zip(corners, steps, (width_m, depth_m, width_m, depth_m), strict=True))
    return front, right, back, left


def windows(
    side: Side, middles: NDArray[np.float64], half_m: float, z_m: tuple[float, float],
    *, has_frames: bool = False,
) -> list[Mesh]:
    """Set a row of windows about places along a wall (N,), m."""
    low, high = np.full(len(middles), z_m[0]), np.full(len(middles), z_m[1])
    panes = np.column_stack([middles - half_m, middles + half_m, low, high])
    frames = panes + np.array((-.09, .09, -.09, .09))
    return [
        *([side.panels(frames, _FRAME, .018)] if has_frames else []), side.panels(panes, PANE)]


def door(rng: np.random.Generator, side: Side, middle_m: float) -> list[Mesh]:
    """Set a door, its frame and a step."""
    outwards = np.array((side.along[1], -side.along[0]))
    place = side.start + middle_m * side.along + .35 * outwards
    ring = np.array([(middle_m - .5, middle_m + .5, 0.0, 2.1)])
    look = Look(Material.WOOD, pick(_DOORS, rng))
    return [
        side.panels(ring + np.array((-.1, .1, 0, .1)), _FRAME, .018), side.panels(ring, look),
        box((1.3 - .6 * abs(side.along[1]), .7 + .6 * abs(side.along[1]), .3),
            (*place, -.02), _STEP)]


def shop(
    rng: np.random.Generator, side: Side, middles: NDArray[np.float64], bay_m: float
) -> list[Mesh]:
    """Set large panes, a band with the name, and maybe an awning, into the front (along x)."""
    if not len(middles):
        return []
    parts = windows(side, middles, .45 * bay_m, (.40, 2.45))
    look = Look(Material.CLOTH, pick(_AWNINGS, rng))
    x = side.start[0] + float(middles.min()) - .5 * bay_m, (
        side.start[0] + float(middles.max()) + .5 * bay_m)
    parts.append(box((x[1] - x[0], .10, .45), ((x[0] + x[1]) / 2.0, -.04, 2.78), look))
    if rng.random() < .5:
        top, rim = 2.62, [(x[1], -1.2, 2.25), (x[0], -1.2, 2.25)]
        slope = [(x[0], -.02, top), (x[0], -1.2, 2.25), (x[1], -1.2, 2.25), (x[1], -.02, top)]
        flap = [(x[0], -1.2, 2.05), (x[1], -1.2, 2.05), *rim]
        parts += [panel(slope, look), panel(flap, look)]
    return parts


def front_of(width_m: float, z_m: tuple[float, float], look: Look) -> Mesh:
    """Make a band over the middle of a front."""
    low, high = z_m
    return box((.4 * width_m, .08, high - low), (0, -.03, (low + high) / 2.0), look)
