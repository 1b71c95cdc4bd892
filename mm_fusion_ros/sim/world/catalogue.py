# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The shapes that one site is furnished with.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.models import boundaries, buildings, plants, street_furniture

if TYPE_CHECKING:
    from collections.abc import Callable

    from mm_fusion_ros.sim.mesh import Mesh
    from mm_fusion_ros.sim.world.style import Style

_CLEAR_M = 4.3  # crowns of trees beside a carriageway begin so high
_NEAR_M, _MIDDLE_M, _FAR_M = 70.0, 110.0, 1000.0
_TRUNK_M = .45
_LENGTHS_M = (3.0, 6.0)
RAIL_M = 4.0


class Sized(NamedTuple):
    """A shape, and how much ground it takes along its front and behind it, m."""

    kind: int
    width_m: float
    depth_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """
    Shapes, and which of them is what.

    Attributes
    ----------
    shapes : tuple of Mesh
        All.
    reaches_m : tuple of float
        From how far each is shown, m.
    houses, halls : tuple of Sized
        Buildings.
    edges : tuple of tuple of Sized
        Hedges, fences and walls, each in several lengths.
    trees, street_trees, bushes, signs : tuple of int
        Several of each.
    lamp, signal, bollard, bin, bench, shelter, column, billboard, rail, box, planter, pole : int
        One of each.

    """

    shapes: tuple[Mesh, ...]
    reaches_m: tuple[float, ...]
    houses: tuple[Sized, ...]
    halls: tuple[Sized, ...]
    edges: tuple[tuple[Sized, ...], ...]
    trees: tuple[int, ...]
    street_trees: tuple[int, ...]
    bushes: tuple[int, ...]
    signs: tuple[int, ...]
    lamp: int
    signal: int
    bollard: int
    bin: int
    bench: int
    shelter: int
    column: int
    billboard: int
    rail: int
    box: int
    planter: int
    pole: int


class _Shelf:
    """Numbers shapes as they come."""

    def __init__(self) -> None:
        self.shapes: list[Mesh] = []
        self.reaches_m: list[float] = []

    def put(self, shape: Mesh, reach_m: float) -> int:
        self.shapes.append(shape)
        self.reaches_m.append(reach_m)
        return len(self.shapes) - 1


def catalogue(rng: np.random.Generator, style: Style) -> Catalogue:
    """Make the shapes of a site."""
    shelf = _Shelf()
    houses = tuple(_house(rng, style, shelf) for _ in range(14))
    halls = tuple(_hall(rng, style, shelf) for _ in range(5 if style.sheds else 0))
    edges = tuple(_edge(rng, maker, shelf) for maker in (
        plants.hedge, plants.hedge, boundaries.fence, boundaries.fence, boundaries.wall,
        boundaries.wall))
    crowns = [plants.tree(rng) for _ in range(9)]
    furniture = street_furniture
    return Catalogue(
        houses=houses,
        halls=halls,
        edges=edges,
        trees=tuple(shelf.put(tree, _FAR_M) for tree in crowns),
        street_trees=tuple(shelf.put(_pruned(tree), _FAR_M) for tree in crowns[:6]),
        bushes=tuple(shelf.put(plants.bush(rng), _MIDDLE_M) for _ in range(7)),
        signs=tuple(shelf.put(furniture.sign(rng), _FAR_M) for _ in range(5)),
        lamp=shelf.put(furniture.lamp_pole(), _FAR_M),
        signal=shelf.put(furniture.traffic_light(), _FAR_M),
        bollard=shelf.put(furniture.bollard(), _NEAR_M),
        bin=shelf.put(furniture.bin_(), _NEAR_M),
        bench=shelf.put(furniture.bench(), _NEAR_M),
        shelter=shelf.put(furniture.bus_shelter(), _FAR_M),
        column=shelf.put(furniture.advertising_column(), _FAR_M),
        billboard=shelf.put(furniture.billboard(), _FAR_M),
        rail=shelf.put(boundaries.guard_rail(RAIL_M), _MIDDLE_M),
        box=shelf.put(furniture.electricity_box(), _NEAR_M),
        planter=shelf.put(furniture.planter(), _NEAR_M),
        pole=shelf.put(furniture.utility_pole(), _FAR_M),
        shapes=tuple(shelf.shapes),
        reaches_m=tuple(shelf.reaches_m),
    )


def _house(rng: np.random.Generator, style: Style, shelf: _Shelf) -> Sized:
    roof, storeys = 'flat', round(float(rng.uniform(*style.storeys)))
    if rng.random() < style.gabled:
        roof = str(rng.choice(['gable', 'front gable', 'hip'], p=[.6, .2, .2]))
    plan = buildings.BuildingPlan(
        width_m=float(rng.uniform(*style.width_m)),
        depth_m=float(rng.uniform(*style.depth_m)),
        storeys=storeys,
        roof=roof,
        has_shop=bool(rng.random() < style.shops),
        storey_m=float(rng.uniform(2.7, 3.4)),
        bay_m=float(rng.uniform(2.3, 3.3)),
        is_office=bool(roof == 'flat' and storeys > 2 and rng.random() < .3),
    )
    kind = shelf.put(buildings.building(rng, plan), _FAR_M)
    return Sized(kind, plan.width_m, plan.depth_m)


def _hall(rng: np.random.Generator, style: Style, shelf: _Shelf) -> Sized:
    width = float(rng.uniform(*style.width_m))
    depth = float(rng.uniform(*style.depth_m))
    return Sized(shelf.put(buildings.shed(rng, width, depth), _FAR_M), width, depth)


def _edge(
    rng: np.random.Generator, maker: Callable[[np.random.Generator, float], Mesh], shelf: _Shelf
) -> tuple[Sized, ...]:
    """Make one kind of edge of gardens in several lengths, all as high and of one colour."""
    seed = int(rng.integers(2**32))
    return tuple(
        Sized(shelf.put(maker(np.random.default_rng(seed), length), _MIDDLE_M), length, .6)
        for length in _LENGTHS_M)


def _pruned(tree: Mesh) -> Mesh:
    """Lift the crown of a tree, so that lorries pass below."""
    is_crown = np.hypot(*tree.vertices[:, :2].T) > _TRUNK_M
    lowest = float(tree.vertices[is_crown, 2].min())
    lift = max(_CLEAR_M - lowest, 0.0)
    vertices = tree.vertices.copy()
    vertices[:, 2] += lift * np.clip(vertices[:, 2] / max(lowest, .3), 0.0, 1.0)
    return replace(tree, vertices=vertices)
