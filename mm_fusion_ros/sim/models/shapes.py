# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Solids that all models are put together from; their faces look outwards.
"""

from __future__ import annotations

from typing import NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.mesh import Mesh

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from mm_fusion_ros.sim.materials import Material

Color = tuple[int, int, int]


class Look(NamedTuple):
    """What a solid is made of, and its colour (sRGB)."""

    material: Material
    color: Color


def box(size_m: ArrayLike, middle: ArrayLike, look: Look, *, is_body: bool = True) -> Mesh:
    """Make a block of a size (3,) about a place (3,), m."""
    half = np.asarray(size_m, np.float64) / 2.0
    square = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    sections = np.empty((2, 4, 3))
    sections[:, :, :2] = square * half[:2]
    sections[:, :, 2] = np.array([-1, 1])[:, None] * half[2]
    return loft(sections + np.asarray(middle, np.float64), look, is_body=is_body)


def loft(
    sections: ArrayLike, look: Look, *, is_closed: bool = True, is_body: bool = True
) -> Mesh:
    """
    Join K rings of B corners each, and close the ends.

    Parameters
    ----------
    sections : (K, B, 3)
        Each ring runs anticlockwise seen from where the next one lies, m.
    look : Look
        Of all faces.
    is_closed : bool
        Whether the ends get faces.
    is_body : bool
        Whether boxes hold it.

    """
    vertices = np.asarray(sections, np.float64)
    K, B, _ = vertices.shape
    ring = np.arange(B)
    after = np.roll(ring, -1)
    walls = []
    for k in range(K - 1):
        a, b = k * B + ring, k * B + after
        walls += [np.stack([a, b, b + B], axis=1), np.stack([a, b + B, a + B], axis=1)]
    if is_closed:
        fan = np.stack([np.zeros(B - 2, int), ring[1:-1], ring[2:]], axis=1)
        walls += [fan[:, ::-1], fan + (K - 1) * B]
    return Mesh.of_one(
        vertices.reshape(-1, 3), np.concatenate(walls), *look, is_body=is_body)


def tube(
    start: ArrayLike, end: ArrayLike, radii_m: tuple[float, float], look: Look, sides: int = 6,
) -> Mesh:
    """Make a round bar between two places (3,), with its radius at either end, m."""
    start, end = np.asarray(start, np.float64), np.asarray(end, np.float64)
    along = end - start
    along = along / np.linalg.norm(along)
    side = np.cross(along, np.eye(3)[np.abs(along).argmin()])
    side /= np.linalg.norm(side)
    up = np.cross(along, side)
    angles = np.linspace(0.0, 2.0 * np.pi, sides, endpoint=False)
    ring = np.cos(angles)[:, None] * side + np.sin(angles)[:, None] * up
    return loft(np.stack([start + radii_m[0] * ring, end + radii_m[1] * ring]), look)


def blob(radii_m: ArrayLike, middle: ArrayLike, look: Look, sides: int = 6) -> Mesh:
    """Make a ball squeezed to half axes (3,), m."""
    angles = np.linspace(0.0, 2.0 * np.pi, sides, endpoint=False)
    rings = max(sides // 2, 3)
    heights = -np.cos(np.linspace(0.0, np.pi, rings + 2)[1:-1])
    widths = np.sqrt(1.0 - heights**2)
    ring = np.stack([np.cos(angles), np.sin(angles), np.zeros(sides)], axis=1)
    sections = ring * widths[:, None, None]
    sections[:, :, 2] = heights[:, None]
    points = np.concatenate([sections.reshape(-1, 3), [(0, 0, -1), (0, 0, 1)]])
    walls = []
    after = np.roll(np.arange(sides), -1)
    for k in range(rings - 1):
        a, b = k * sides + np.arange(sides), k * sides + after
        walls += [np.stack([a, b, b + sides], 1), np.stack([a, b + sides, a + sides], 1)]
    first, last = np.arange(sides), (rings - 1) * sides + np.arange(sides)
    bottom, top = len(points) - 2, len(points) - 1
    walls.append(np.stack([np.full(sides, bottom), after, first], axis=1))
    walls.append(np.stack([np.full(sides, top), last, last[after]], axis=1))
    vertices = points * np.asarray(radii_m, np.float64) + np.asarray(middle, np.float64)
    return Mesh.of_one(vertices, np.concatenate(walls), *look)


def quad(corners: ArrayLike, look: Look) -> Mesh:
    """Make a flat face of four corners (4, 3), anticlockwise seen from its front, m."""
    return Mesh.of_one(np.asarray(corners), np.array([(0, 1, 2), (0, 2, 3)]), *look)


def upright(profile: Sequence[tuple[float, float]], z_m: float) -> NDArray[np.float64]:
    """Lift a ring of x and y, anticlockwise from above, to a height: (B, 3), m."""
    ring = np.asarray(profile, np.float64)
    return np.column_stack([ring, np.full(len(ring), z_m)])


def shaken(mesh: Mesh, rng: np.random.Generator, spread: float = 0.08) -> Mesh:
    """Vary the brightness of each face a little, as leaves and bricks do."""
    factors = rng.normal(1.0, spread, (len(mesh), 1))
    colors = np.clip(mesh.colors * factors, 0, 255).astype(np.uint8)
    return Mesh(mesh.vertices, mesh.faces, mesh.materials, colors, mesh.is_body)
