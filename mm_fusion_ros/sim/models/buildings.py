# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Buildings: walls, rows of windows, doors, shops, balconies and roofs.

Origin on the ground in the middle of the front, which looks to -y; the house stands behind it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.mesh import merge, Mesh
from mm_fusion_ros.sim.models.facades import door, front_of, shop, Side, sides_of, windows
from mm_fusion_ros.sim.models.roofs import covered
from mm_fusion_ros.sim.models.shapes import box, Color, Look, pick

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT_M = 2.5  # walls reach below the ground, so that no slope leaves a gap
_BRICKS: tuple[Color, ...] = (
    (150, 84, 64), (176, 122, 92), (122, 76, 62), (190, 150, 112), (132, 98, 80),
)
_PLASTERS: tuple[Color, ...] = (
    (228, 220, 202), (206, 184, 146), (192, 198, 200), (216, 168, 134), (236, 234, 228),
    (176, 190, 160), (212, 190, 110),
)
_CONCRETES: tuple[Color, ...] = ((168, 166, 162), (142, 142, 142), (190, 184, 172))
_SHEETS: tuple[Color, ...] = ((150, 160, 168), (190, 186, 172), (96, 116, 132), (120, 128, 120))
_STONE = Look(Material.CONCRETE, (186, 180, 170))
_RAILING = Look(Material.METAL, (64, 68, 72))
_GATE = Look(Material.PLASTIC, (208, 208, 202))
_MAX_PANES = 76  # beyond which they stand wider apart


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
        'gable' (ridge along the front), 'front gable' (ridge across), 'hip' or 'flat'.
    has_shop : bool
        Large panes on the ground floor.
    storey_m, bay_m : float
        Height of a storey, and distance of windows, m.
    is_office : bool
        Windows in unbroken rows.

    """

    width_m: float
    depth_m: float
    storeys: int
    roof: str
    has_shop: bool = False
    storey_m: float = 2.9
    bay_m: float = 2.6
    is_office: bool = False

    @property
    def top_m(self) -> float:
        """Height of the walls, m."""
        return self.storeys * self.storey_m + .3


def building(rng: np.random.Generator, plan: BuildingPlan) -> Mesh:
    """Make a building; what the plan leaves open is drawn."""
    wall = _wall(rng, plan)
    parts = [covered(rng, plan.width_m, plan.depth_m, (-ROOT_M, plan.top_m), (plan.roof, wall))]
    front, *others = sides_of(plan.width_m, plan.depth_m)
    fit = _fitted(plan)
    half = fit.bay_m * .46 if plan.is_office else float(rng.uniform(.42, .42 + .12 * fit.bay_m))
    parts += _front(rng, fit, front, half)
    for side in others:
        parts += _plain(fit, side, half)
    if not plan.is_office and rng.random() < .5:
        parts.append(box((plan.width_m + .1, .10, .18), (0, 0, plan.storey_m - .05), _STONE))
    if plan.storeys > 2 and not plan.is_office and rng.random() < .5:
        parts += _balconies(rng, fit, front)
    return merge(parts)


def garage(rng: np.random.Generator) -> Mesh:
    """Make a garage for one or two cars."""
    gates = int(rng.integers(1, 3))
    width, depth, height = 3.2 * gates, 6.0, 2.6
    wall = Look(Material.PLASTER, pick(_PLASTERS, rng))
    front = sides_of(width, depth)[0]
    middles = 3.2 * (np.arange(gates) + .5)
    roof = str(rng.choice(['flat', 'low gable']))
    return merge([
        covered(rng, width, depth, (-ROOT_M, height), (roof, wall)),
        front.panels(np.column_stack([middles - 1.3, middles + 1.3, 0 * middles,
                                      0 * middles + 2.15]), _GATE)])


def shed(rng: np.random.Generator, width_m: float, depth_m: float) -> Mesh:
    """Make an industrial hall with gates, a door and a band of windows."""
    height = float(np.clip(width_m * .3, 2.4, 8.0))
    sheet = Look(Material.METAL, pick(_SHEETS, rng))
    sides = sides_of(width_m, depth_m)
    gate_top = min(.75 * height, 3.6)
    lefts = np.arange(.8, width_m - 3.2, 6.0)
    parts = [covered(rng, width_m, depth_m, (-ROOT_M, height), ('low gable', sheet))]
    if len(lefts):
        parts.append(sides[0].panels(np.column_stack(
            [lefts, lefts + 2.8, 0 * lefts, 0 * lefts + gate_top]), _GATE))
    if height > 4.5:
        for side in sides:
            parts += windows(side, _bays(side.length_m, 5.0), 1.6, (height - 1.3, height - .5))
    if width_m > 9.0:
        parts.append(front_of(width_m, (height - 1.1, height - .3), Look(
            Material.PLASTIC, pick(((30, 80, 150), (170, 40, 40), (40, 110, 70)), rng))))
    return merge(parts)


def _wall(rng: np.random.Generator, plan: BuildingPlan) -> Look:
    kinds = (Material.BRICK, Material.PLASTER, Material.CONCRETE)
    shares = (.1, .2, .7) if plan.is_office else (.40, .50, .10)
    material = kinds[int(rng.choice(3, p=shares))]
    colors = {Material.BRICK: _BRICKS, Material.PLASTER: _PLASTERS,
              Material.CONCRETE: _CONCRETES}[material]
    return Look(material, pick(colors, rng, 8.0))


def _fitted(plan: BuildingPlan) -> BuildingPlan:
    """Set the windows of large buildings wider apart, so that there are not too many."""
    around = 2.0 * (plan.width_m + plan.depth_m)
    return replace(plan, bay_m=max(plan.bay_m, around * plan.storeys / _MAX_PANES))


def _bays(length_m: float, bay_m: float) -> np.ndarray:
    """Give the middles of windows along a wall, m."""
    count = int((length_m - .8) / bay_m)
    return (np.arange(count) - (count - 1) / 2.0) * bay_m + length_m / 2.0


def _front(
    rng: np.random.Generator, plan: BuildingPlan, side: Side, half: float
) -> list[Mesh]:
    """Put windows, and a door or a shop, into the front."""
    middles = _bays(side.length_m, plan.bay_m)
    if not len(middles):
        return []
    entry = int(rng.integers(len(middles)))
    parts = []
    for storey in range(plan.storeys):
        low, high = _heights(plan, storey)
        if storey:
            parts += windows(side, middles, half, (low, high), has_frames=not plan.is_office)
            continue
        rest = np.delete(middles, entry)
        if plan.has_shop:
            parts += shop(rng, side, rest, plan.bay_m)
        else:
            parts += windows(side, rest, half, (low, high), has_frames=not plan.is_office)
        parts += door(rng, side, float(middles[entry]))
    return parts


def _plain(plan: BuildingPlan, side: Side, half: float) -> list[Mesh]:
    """Put windows into a wall that is not the front."""
    middles = _bays(side.length_m, plan.bay_m)
    parts: list[Mesh] = []
    for storey in range(plan.storeys):
        parts += windows(side, middles, half, _heights(plan, storey), has_frames=False)
    return parts


def _heights(plan: BuildingPlan, storey: int) -> tuple[float, float]:
    """Give the lower and upper edge of the windows of a storey, m."""
    base = storey * plan.storey_m
    return base + .95, base + min(2.35, plan.storey_m - .35)


def _balconies(rng: np.random.Generator, plan: BuildingPlan, side: Side) -> list[Mesh]:
    """Hang balconies before some columns of windows."""
    middles = _bays(side.length_m, plan.bay_m) - side.length_m / 2.0
    chosen: Sequence[float] = middles[int(rng.integers(2))::2][:3].tolist()
    half, deep = min(.46 * plan.bay_m, 1.4), 1.2
    parts = []
    for storey in range(1, min(plan.storeys, 5)):
        z = storey * plan.storey_m
        for x in chosen:
            parts += [
                box((2.0 * half, deep, .16), (x, -deep / 2.0, z), _STONE),
                box((2.0 * half, .04, .85), (x, -deep + .04, z + .53), _RAILING),
            ]
    return parts
