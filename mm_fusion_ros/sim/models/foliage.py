# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Leaves: bent cards on the skins of bunches, with dark cores within that no ray passes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.mesh import Mesh
from mm_fusion_ros.sim.models.shapes import Look, panels, point, shaken

if TYPE_CHECKING:
    from numpy.typing import NDArray

_GOLDEN = (1.0 + 5.0**.5) / 2.0
_ICOSAHEDRON = np.array([
    (-1, _GOLDEN, 0), (1, _GOLDEN, 0), (-1, -_GOLDEN, 0), (1, -_GOLDEN, 0),
    (0, -1, _GOLDEN), (0, 1, _GOLDEN), (0, -1, -_GOLDEN), (0, 1, -_GOLDEN),
    (_GOLDEN, 0, -1), (_GOLDEN, 0, 1), (-_GOLDEN, 0, -1), (-_GOLDEN, 0, 1),
]) / np.hypot(1.0, _GOLDEN)
_ICOSAHEDRON_FACES = np.array([
    (0, 11, 5), (0, 5, 1), (0, 1, 7), (0, 7, 10), (0, 10, 11), (1, 5, 9), (5, 11, 4), (11, 10, 2),
    (10, 7, 6), (7, 1, 8), (3, 9, 4), (3, 4, 2), (3, 2, 6), (3, 6, 8), (3, 8, 9), (4, 9, 5),
    (2, 4, 11), (6, 2, 10), (8, 6, 7), (9, 8, 1),
])


def crown(
    rng: np.random.Generator, middles: NDArray[np.float64], radii: NDArray[np.float64],
    green: Look, leaves: int,
) -> Mesh:
    """Set leaves on the skins of bunches; those within and below are darker."""
    share = np.prod(radii, axis=1) ** (2.0 / 3.0)
    which = np.repeat(np.arange(len(middles)), np.maximum(
        np.round(leaves * share / share.sum()).astype(int), 3))
    outwards = rng.normal(size=(len(which), 3))
    outwards /= np.linalg.norm(outwards, axis=1, keepdims=True)
    depth = rng.uniform(.70, 1.08, len(which))
    places = middles[which] + outwards * radii[which] * depth[:, None]
    places[:, 2] = np.maximum(places[:, 2], .05)
    size = 1.55 * float(np.sqrt(share.sum() / leaves))
    mesh = shaken(cards(rng, places, outwards, size, green), rng, .10)
    light = .88 + .16 * outwards[:, 2] + .5 * (depth - .85)
    light *= rng.uniform(.85, 1.12, len(middles))[which]
    colors = mesh.colors * np.repeat(light, 2)[:, None]
    return replace(mesh, colors=np.clip(colors, 0, 255).astype(np.uint8))


def cores(
    rng: np.random.Generator, middles: NDArray[np.float64], radii: NDArray[np.float64], green: Look
) -> Mesh:
    """Fill the bunches with what no ray passes, in the dark of the leaves."""
    count = len(middles)
    corners = _ICOSAHEDRON * rng.uniform(.50, .85, (count, 12, 1)) * radii[:, None]
    corners += middles[:, None]
    corners[:, :, 2] = np.maximum(corners[:, :, 2], -.05)
    faces = (12 * np.arange(count)[:, None, None] + _ICOSAHEDRON_FACES).reshape(-1, 3)
    dark = Mesh.of_one(corners.reshape(-1, 3), faces, *green)
    normals = _ICOSAHEDRON[_ICOSAHEDRON_FACES].mean(axis=1)[:, 2]
    light = np.tile(.84 + .16 * normals, count)[:, None] * rng.normal(1.0, .06, (len(dark), 1))
    return replace(dark, colors=np.clip(dark.colors * light, 0, 255).astype(np.uint8))


def cards(
    rng: np.random.Generator, places: NDArray[np.float64], outwards: NDArray[np.float64],
    size: float, look: Look,
) -> Mesh:
    """Set a spray of leaves, four-cornered and bent, at each place (N, 3)."""
    count = len(places)
    normals = outwards + point(0.0, 0.0, .3) + rng.normal(0.0, .40, (count, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    side = np.cross(normals, rng.normal(size=(count, 3)))
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    up = np.cross(normals, side)
    turns = .5 * np.pi * np.arange(4) + rng.uniform(-.35, .35, (count, 4))
    reach = size * rng.uniform(.6, 1.25, (count, 4))
    corners = (places[:, None] + (reach * np.cos(turns))[..., None] * side[:, None]
               + (reach * np.sin(turns))[..., None] * up[:, None])
    corners[:, ::2] -= .35 * size * normals[:, None]
    return panels(corners, look)
