# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Buildings: walls, rows of windows, doors and roofs.

Origin on the ground in the middle of the front, which looks to -y; the house stands behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.mesh import merge, Mesh
from mm_fusion_ros.sim.models.shapes import box, Look, panel

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROOT_M = 2.5  # walls reach below the ground, so that no slope leaves a gap
_WALLS = (
    Look(Material.BRICK, (150, 84, 64)), Look(Material.BRICK, (176, 122, 92)),
    Look(Material.BRICK, (120, 74, 62)), Look(Material.PLASTER, (226, 216, 196)),
    Look(Material.PLASTER, (204, 180, 140)), Look(Material.PLASTER, (190, 196, 198)),
    Look(Material.PLASTER, (214, 164, 130)), Look(Material.CONCRETE, (166, 164, 160)),
)
_ROOFS = (Look(Material.ROOF_TILE, (134, 66, 50)), Look(Material.ROOF_TILE, (78, 74, 76)),
          Look(Material.ROOF_TILE, (104, 82, 66)))
_PANE = Look(Material.FACADE_WINDOW, (58, 70, 80))
_FRAME = Look(Material.PLASTIC, (226, 226, 222))


@dataclass(frozen=True, slots=True)
class BuildingPlan:
    """
    What to build.

    Attributes
    ----------
    width_m, depth_m : float
        m.
    storeys : int
        Of storey_m each.
    roof : str
        'gable' or 'flat'.
    has_shop : bool
        Large panes on the ground floor.
    storey_m, bay_m : float
        Height of a storey, and distance of windows, m.

    """

    width_m: float
    depth_m: float
    storeys: int
    roof: str
    has_shop: bool = False
    storey_m: float = 2.9
    bay_m: float = 2.6


def building(rng: np.random.Generator, plan: BuildingPlan) -> Mesh:
    """Make a building."""
    wall = _WALLS[int(rng.integers(len(_WALLS)))]
    half, depth, top = plan.width_m / 2.0, plan.depth_m, plan.storeys * plan.storey_m + .3
    parts = [box((plan.width_m, depth, top + _ROOT_M), (0, depth / 2, (top - _ROOT_M) / 2), wall)]
    front = np.array([(-half, 0.0), (half, 0.0)])
    back = np.array([(half, depth), (-half, depth)])
    parts += _facade(rng, front, plan, is_front=True)
    parts += _facade(rng, back, plan, is_front=False)
    parts += _facade(rng, np.array([front[1], back[0]]), plan, is_front=False)
    parts += _facade(rng, np.array([back[1], front[0]]), plan, is_front=False)
    if plan.roof == 'gable':
        parts.append(_gable(half, depth, top, _ROOFS[int(rng.integers(len(_ROOFS)))], wall))
    else:
        grey = Look(Material.CONCRETE, (120, 118, 116))
        parts.append(box((plan.width_m + .3, depth + .3, .35), (0, depth / 2, top + .1), grey))
    return merge(parts)


def shed(rng: np.random.Generator, width_m: float, depth_m: float) -> Mesh:
    """Make an industrial hall or a garage, with gates."""
    color = ((150, 160, 168), (190, 186, 172), (96, 116, 132))[int(rng.integers(3))]
    height = float(np.clip(width_m * .3, 2.4, 8.0))
    sheet = Look(Material.METAL, color)
    parts = [box((width_m, depth_m, height + _ROOT_M), (0, depth_m / 2, (height - _ROOT_M) / 2),
                 sheet),
             box((width_m + .4, depth_m + .4, .3), (0, depth_m / 2, height), _ROOFS[1])]
    gate = Look(Material.METAL, (112, 116, 118))
    for x in np.arange(-width_m / 2 + 2.0, width_m / 2 - 1.0, 6.0):
        parts.append(_panel(np.array([x - 1.3, -.02]), np.array([x + 1.3, -.02]),
                            0.0, min(height * .75, 3.2), gate))
    return merge(parts)


def _panel(
    a: NDArray[np.float64], b: NDArray[np.float64], low: float, high: float, look: Look
) -> Mesh:
    return panel([(*a, low), (*b, low), (*b, high), (*a, high)], look)


def _facade(
    rng: np.random.Generator, line: NDArray[np.float64], plan: BuildingPlan, *, is_front: bool
) -> list[Mesh]:
    """Put windows, and in front a door or shop, 2 cm before a wall seen from its right."""
    along = line[1] - line[0]
    length = float(np.linalg.norm(along))
    along = along / length
    out = np.array([along[1], -along[0]])
    bays = int((length - .8) / plan.bay_m)
    if bays < 1:
        return []
    middles = (np.arange(bays) - (bays - 1) / 2.0) * plan.bay_m + length / 2.0
    door = int(rng.integers(bays)) if is_front else -1
    half = rng.uniform(.45, .75)
    parts = []
    for storey in range(plan.storeys):
        base = storey * plan.storey_m
        for bay, middle in enumerate(middles):
            is_shop = plan.has_shop and is_front and not storey
            if bay == door and not storey:
                low, high, wide, look = 0.0, 2.15, .55, Look(
                    Material.WOOD, tuple(rng.integers(40, 150, 3).tolist()))
            elif is_shop:
                low, high, wide, look = .35, 2.45, plan.bay_m * .45, _PANE
            else:
                low, high, wide, look = base + .95, base + 2.3, half, _PANE
            a = line[0] + along * (middle - wide) + out * .03
            b = line[0] + along * (middle + wide) + out * .03
            if look is _PANE and not is_shop:
                frame = out * .012
                parts.append(_panel(a - along * .09 - frame, b + along * .09 - frame,
                                    low - .09, high + .09, _FRAME))
            parts.append(_panel(a, b, low, high, look))
    return parts


def _gable(half: float, depth: float, top: float, roof: Look, wall: Look) -> Mesh:
    """Cover a house with a ridge along x."""
    eave, rise, ridge = .4, depth * .32, depth / 2.0
    left, right = -half - .3, half + .3
    slopes = [
        panel([(left, -eave, top - .2), (right, -eave, top - .2), (right, ridge, top + rise),
              (left, ridge, top + rise)], roof),
        panel([(right, depth + eave, top - .2), (left, depth + eave, top - .2),
              (left, ridge, top + rise), (right, ridge, top + rise)], roof),
    ]
    ends = [Mesh.of_one(np.array([(x, 0, top - .01), (x, depth, top - .01),
                                  (x, ridge, top + rise - .08)]),
                        np.array([(0, 1, 2) if x < 0 else (0, 2, 1)]), *wall)
            for x in (-half, half)]
    return merge([*slopes, *ends])
