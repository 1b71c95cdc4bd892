# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Solids that all models are put together from; their faces look outwards.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.mesh import Mesh

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from mm_fusion_ros.sim.materials import Material

Color = tuple[int, int, int]


class Look(NamedTuple):
    """What a face is made of, and its colour (sRGB)."""

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
    Join K rings of B corners each.

    Parameters
    ----------
    sections : (K, B, 3)
        Each ring runs anticlockwise seen from where the next one lies, m.
    look : Look
        Of all faces. Two faces for each corner of each gap come first, then those of the ends.
    is_closed : bool
        Whether the ends, which have to be convex, get faces.
    is_body : bool
        Whether boxes hold it.

    """
    vertices = np.asarray(sections, np.float64)
    K, B, _ = vertices.shape
    faces = _loft_faces(K, B, is_closed=is_closed)
    return Mesh.of_one(vertices.reshape(-1, 3), faces, *look, is_body=is_body)


def prism(
    profile: Sequence[tuple[float, float]], low_m: float, high_m: float, look: Look
) -> Mesh:
    """Lift a convex outline of x and y, anticlockwise from above, from one height to another."""
    return loft([upright(profile, low_m), upright(profile, high_m)], look)


def across(profile: Sequence[tuple[float, float]], half_m: float, look: Look) -> Mesh:
    """Stretch a convex outline of x and z, anticlockwise seen from -y, from -half_m to half_m."""
    ring = np.array([(x, 0.0, z) for x, z in profile])[::-1]
    side = np.array((0.0, half_m, 0.0))
    return loft([ring - side, ring + side], look)


def tube(
    start: ArrayLike, end: ArrayLike, radii_m: tuple[float, float], look: Look, sides: int = 6,
    *, is_closed: bool = True,
) -> Mesh:
    """Make a round bar between two places (3,), with its radius at either end, m."""
    start, end = np.asarray(start, np.float64), np.asarray(end, np.float64)
    ring = _circle(end - start, sides)
    return loft(
        [start + radii_m[0] * ring, end + radii_m[1] * ring], look, is_closed=is_closed)


def stack(rings: ArrayLike, look: Look, sides: int = 8) -> Mesh:
    """
    Join ellipses that lie above each other.

    Parameters
    ----------
    rings : (K, 5)
        x, y and z of the middle and half axes along x and y of each, upwards, m.
    look : Look
        Of all faces.
    sides : int
        Corners of each ellipse.

    """
    rows = np.asarray(rings, np.float64)
    angles = _angles(sides)
    unit = np.stack([np.cos(angles), np.sin(angles), np.zeros(sides)], axis=1)
    axes = np.column_stack([rows[:, 3:], np.zeros(len(rows))])
    return loft(rows[:, None, :3] + axes[:, None] * unit, look)


def ball(radii_m: ArrayLike, middle: ArrayLike, look: Look, sides: int = 6) -> Mesh:
    """Make a ball squeezed to half axes (3,), m."""
    rings = max(sides // 2, 3)
    heights = -np.cos(np.pi * np.arange(1, rings + 1) / (rings + 1))
    angles = _angles(sides)
    unit = np.stack([np.cos(angles), np.sin(angles), np.zeros(sides)], axis=1)
    sections = unit * np.sqrt(1.0 - heights**2)[:, None, None]
    sections[:, :, 2] = heights[:, None]
    points = np.concatenate([sections.reshape(-1, 3), [(0, 0, -1), (0, 0, 1)]])
    walls = loft(sections, look, is_closed=False).faces
    first, after = np.arange(sides), np.roll(np.arange(sides), -1)
    last = (rings - 1) * sides
    ends = [np.stack([np.full(sides, len(points) - 2), after, first], axis=1),
            np.stack([np.full(sides, len(points) - 1), last + first, last + after], axis=1)]
    vertices = points * np.asarray(radii_m, np.float64) + np.asarray(middle, np.float64)
    return Mesh.of_one(vertices, np.concatenate([walls, *ends]), *look)


def hoop(
    middle: ArrayLike, radius_m: float, thickness_m: float, look: Look, sides: int = 14
) -> Mesh:
    """Make a ring that stands upright along x, of three-cornered cross section."""
    angles = _angles(sides)[:, None]
    spokes = np.concatenate([np.cos(angles), 0.0 * angles, np.sin(angles)], axis=1)
    axle = np.array((0.0, 1.0, 0.0))
    corners = [
        radius_m * spokes,
        (radius_m - thickness_m) * spokes + thickness_m / 2.0 * axle,
        (radius_m - thickness_m) * spokes - thickness_m / 2.0 * axle,
    ]
    rings = np.stack(corners, axis=1) + np.asarray(middle, np.float64)  # (sides, 3, 3)
    open_ended = loft([*rings, rings[0]], look, is_closed=False)
    return replace(
        open_ended, vertices=open_ended.vertices[:-3],
        faces=open_ended.faces % np.int32(3 * sides))


def panel(corners: ArrayLike, look: Look) -> Mesh:
    """Make a flat face of convex corners (B, 3), anticlockwise seen from its front, m."""
    corners = np.asarray(corners, np.float64)
    ring = np.arange(1, len(corners) - 1)
    return Mesh.of_one(corners, np.stack([0 * ring, ring, ring + 1], axis=1), *look)


def panels(corners: NDArray[np.float64], look: Look) -> Mesh:
    """Make N faces of four corners (N, 4, 3), anticlockwise seen from their fronts, m."""
    first = 4 * np.arange(len(corners))[:, None, None]
    faces = first + np.array([(0, 1, 2), (0, 2, 3)])
    return Mesh.of_one(corners.reshape(-1, 3), faces.reshape(-1, 3), *look)


def point(x_m: float, y_m: float, z_m: float) -> NDArray[np.float64]:
    """Give a place, or a step, as an array (3,)."""
    return np.array((x_m, y_m, z_m), np.float64)


def upright(profile: Sequence[tuple[float, float]], z_m: float) -> NDArray[np.float64]:
    """Lift a ring of x and y, anticlockwise from above, to a height: (B, 3), m."""
    ring = np.asarray(profile, np.float64)
    return np.column_stack([ring, np.full(len(ring), z_m)])


def shaken(mesh: Mesh, rng: np.random.Generator, spread: float = 0.08) -> Mesh:
    """Vary the brightness of each face a little, as leaves and cloth do."""
    factors = rng.normal(1.0, spread, (len(mesh), 1))
    return replace(mesh, colors=np.clip(mesh.colors * factors, 0, 255).astype(np.uint8))


def tinted(color: Color, rng: np.random.Generator, spread: float = 6.0) -> Color:
    """Give a colour close to one: brighter or darker, and of a slightly other hue."""
    change = rng.normal(0.0, spread) + rng.normal(0.0, spread / 3.0, 3)
    red, green, blue = np.clip(color + change, 5, 250).astype(int).tolist()
    return red, green, blue


def pick(colors: Sequence[Color], rng: np.random.Generator, spread: float = 6.0) -> Color:
    """Give a colour close to one of several."""
    return tinted(colors[int(rng.integers(len(colors)))], rng, spread)


def copies(mesh: Mesh, steps_m: ArrayLike) -> Mesh:
    """Set the same mesh to N places: where its origin goes (N, 3), m."""
    steps = np.asarray(steps_m, np.float32).reshape(-1, 3)
    first = np.arange(len(steps), dtype=np.int32) * np.int32(len(mesh.vertices))
    return Mesh(
        vertices=(steps[:, None] + mesh.vertices).reshape(-1, 3),
        faces=(first[:, None, None] + mesh.faces).reshape(-1, 3),
        materials=np.tile(mesh.materials, len(steps)),
        colors=np.tile(mesh.colors, (len(steps), 1)),
        is_body=np.tile(mesh.is_body, len(steps)),
    )


def shifted(mesh: Mesh, x_m: float = 0.0, y_m: float = 0.0, z_m: float = 0.0) -> Mesh:
    """Shift a mesh."""
    return replace(mesh, vertices=mesh.vertices + np.array((x_m, y_m, z_m), np.float32))


def turned(mesh: Mesh, yaw_rad: float) -> Mesh:
    """Turn a mesh about z."""
    cos, sin = np.cos(yaw_rad), np.sin(yaw_rad)
    R = np.array([(cos, -sin, 0), (sin, cos, 0), (0, 0, 1)], np.float32)
    return replace(mesh, vertices=mesh.vertices @ R.T)


@lru_cache
def _loft_faces(K: int, B: int, *, is_closed: bool) -> NDArray[np.int32]:
    ring = np.arange(B)
    a = B * np.arange(K - 1)[:, None] + ring  # (K - 1, B)
    b = B * np.arange(K - 1)[:, None] + np.roll(ring, -1)
    faces = np.stack([a, b, b + B, a, b + B, a + B], axis=-1).reshape(-1, 3)
    if is_closed:
        fan = np.stack([np.zeros(B - 2, int), ring[1:-1], ring[2:]], axis=1)
        faces = np.concatenate([faces, fan[:, ::-1], fan + (K - 1) * B])
    faces = faces.astype(np.int32)
    faces.setflags(write=False)
    return faces


def _angles(sides: int) -> NDArray[np.float64]:
    return 2.0 * np.pi * np.arange(sides) / sides


def _circle(along: NDArray[np.float64], sides: int) -> NDArray[np.float64]:
    """Give a unit ring (sides, 3) across a direction, anticlockwise seen from its far end."""
    x, y, z = (along / np.linalg.norm(along)).tolist()
    if abs(z) < 0.7:
        a = np.array((y, -x, 0.0)) / np.hypot(x, y)
    else:
        a = np.array((-z, 0.0, x)) / np.hypot(x, z)
    b = np.array((y * a[2] - z * a[1], z * a[0] - x * a[2], x * a[1] - y * a[0]))
    angles = _angles(sides)[:, None]
    ring: NDArray[np.float64] = np.cos(angles) * a + np.sin(angles) * b
    return ring
