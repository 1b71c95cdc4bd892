# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Trees, bushes and hedges: leaves are cards with gaps between, so that some rays pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.mesh import merge, Mesh
from mm_fusion_ros.sim.models.shapes import Color, loft, Look, shaken, tube

if TYPE_CHECKING:
    from numpy.typing import NDArray

_GREENS: tuple[Color, ...] = (
    (62, 92, 38), (78, 108, 44), (52, 80, 40), (96, 112, 48), (70, 86, 52), (120, 104, 44),
)
_BARKS: tuple[Color, ...] = ((86, 70, 54), (70, 60, 50), (150, 146, 138))
_ROOT_M = 0.3  # below the ground, so that no slope leaves a gap


def tree(rng: np.random.Generator) -> Mesh:
    """Make a tree: round, tall, or a conifer."""
    kind = str(rng.choice(['round', 'tall', 'conifer'], p=[.6, .2, .2]))
    bark = Look(Material.BARK, _BARKS[int(rng.integers(len(_BARKS)))])
    green = Look(Material.FOLIAGE, _GREENS[int(rng.integers(len(_GREENS)))])
    height = rng.uniform(5.0, 11.0)
    girth = height * rng.uniform(.014, .022)
    bare = height * {'round': .34, 'tall': .22, 'conifer': .12}[kind]
    parts = [tube((0, 0, -_ROOT_M), (0, 0, height * .8), (girth, girth * .35), bark, 7)]
    for _ in range(4 if kind == 'round' else 0):
        angle, out = rng.uniform(0, 2 * np.pi), height * rng.uniform(.12, .22)
        start = (0.0, 0.0, bare * rng.uniform(.9, 1.2))
        end = (out * np.cos(angle), out * np.sin(angle), start[2] + height * .25)
        parts.append(tube(start, end, (girth * .45, girth * .2), bark, 4))
    count = 110
    where = rng.normal(size=(count, 3))
    where /= np.linalg.norm(where, axis=1, keepdims=True)
    where *= rng.uniform(.55, 1.0, (count, 1)) ** .5
    crown = (height - bare) / 2.0
    width = height * {'round': rng.uniform(.26, .34), 'tall': .14, 'conifer': .22}[kind]
    if kind == 'conifer':
        where[:, :2] *= ((1.0 - where[:, 2:]) / 2.0 + .05)
    places = where * (width, width, crown) + (0, 0, bare + crown)
    size = np.full(count, height * .085)
    parts.append(shaken(_leaves(places, size, where, rng, green), rng, .16))
    return merge(parts)


def bush(rng: np.random.Generator, size_m: tuple[float, float, float] | None = None) -> Mesh:
    """Make a bush, of the size of a person to that of a car."""
    length, width, height = size_m or (
        rng.uniform(.6, 3.0), rng.uniform(.6, 1.8), rng.uniform(.5, 1.8))
    count = int(np.clip(28 * length * height, 30, 160))
    where = rng.normal(size=(count, 3))
    where /= np.linalg.norm(where, axis=1, keepdims=True)
    where[:, 2] = np.abs(where[:, 2])
    places = where * (length * .42, width * .42, height * .86)
    green = Look(Material.FOLIAGE, _GREENS[int(rng.integers(len(_GREENS)))])
    size = np.full(count, .18 + .08 * min(length, height))
    return shaken(_leaves(places, size, where, rng, green), rng, .14)


def hedge(rng: np.random.Generator, length_m: float) -> Mesh:
    """Make a cut hedge along x."""
    height, width = rng.uniform(.9, 1.9), rng.uniform(.5, .9)
    xs = np.linspace(-length_m / 2, length_m / 2, max(int(length_m / .8), 2) + 1)
    rings = []
    for x in xs:
        wave = rng.normal(0, .05, (4, 2))
        ring = np.array([(-width / 2, -_ROOT_M), (width / 2, -_ROOT_M), (width / 2, height),
                         (-width / 2, height)]) + wave
        rings.append(np.column_stack([np.full(4, x), ring]))
    green = Look(Material.FOLIAGE, _GREENS[int(rng.integers(4))])
    return shaken(loft(np.array(rings), green), rng, .12)


def _leaves(
    places: NDArray[np.float64], sizes: NDArray[np.float64], outwards: NDArray[np.float64],
    rng: np.random.Generator, look: Look,
) -> Mesh:
    """Set a bunch of leaves, a bent four-cornered card, at each place."""
    count = len(places)
    normals = outwards + rng.normal(0, .45, (count, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    side = np.cross(normals, rng.normal(size=(count, 3)))
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    up = np.cross(normals, side)
    stretch = rng.uniform(.7, 1.3, (count, 2)) * sizes[:, None]
    signs = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    corners = (places[:, None] + signs[:, :1] * (side * stretch[:, :1])[:, None]
               + signs[:, 1:] * (up * stretch[:, 1:])[:, None])
    corners[:, ::2] -= normals[:, None] * sizes[:, None, None] * .5
    first = 4 * np.arange(count)[:, None]
    faces = np.concatenate([first + np.array(three) for three in ((0, 1, 2), (0, 2, 3))])
    return Mesh.of_one(corners.reshape(-1, 3), faces, *look)
