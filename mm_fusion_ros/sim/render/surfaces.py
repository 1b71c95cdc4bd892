# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What the rays of a picture hit, laid out for shading.

Colours, places and normals are planar, (3, M): each operation then runs along memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.materials import Material

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mm_fusion_ros.sim.render.rays import Hits
    from mm_fusion_ros.sim.render.scene import Scene


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """
    Where one looks from.

    Attributes
    ----------
    T_world_base : (4, 4) float64
        Pose of the ego vehicle, whose headlights shine.
    time_s : float
        When.
    pixel_rad : float
        Angle that one pixel covers.
    rays_to : callable
        Gives for places (M, 3), in the frame of the scene, which ray looks there, -1 for none,
        and their distances, m.

    """

    T_world_base: NDArray[np.float64]
    time_s: float
    pixel_rad: float
    rays_to: Callable[[NDArray[np.float32]], tuple[NDArray[np.intp], NDArray[np.float32]]]


@dataclass(frozen=True, slots=True, eq=False)
class Surfaces:
    """
    The M of N rays that hit something.

    Attributes
    ----------
    rays : (M,) intp
        Which.
    faces : (M,) int32
        Rows of the scene's table.
    distances : (M,) float32
        m.
    places, normals, directions : (3, M) float32
        In the frame of the scene, m; normals towards the viewer.
    slants : (M,) float32
        Cosine between normal and ray.
    footprints_m : (M,) float32
        What a pixel covers, between along and across the surface, m.
    ground, solid : (G,), (S,) intp
        Which of these hit the ground, and which do not.
    albedo : (3, M) float32
        Linear; filled in later.
    mirrored : (M,) float32
        Share of light mirrored at a right angle; filled in later.

    """

    rays: NDArray[np.intp]
    faces: NDArray[np.int32]
    distances: NDArray[np.float32]
    places: NDArray[np.float32]
    normals: NDArray[np.float32]
    directions: NDArray[np.float32]
    slants: NDArray[np.float32]
    footprints_m: NDArray[np.float32]
    ground: NDArray[np.intp]
    solid: NDArray[np.intp]
    albedo: NDArray[np.float32]
    mirrored: NDArray[np.float32]


def surfaces_of(hits: Hits, scene: Scene, pixel_rad: float) -> Surfaces:
    """Lay out what was hit from one place."""
    rays = np.flatnonzero(np.isfinite(hits.distances))
    directions = np.ascontiguousarray(np.take(hits.directions, rays, axis=0).T)
    normals = np.ascontiguousarray(np.take(hits.normals, rays, axis=0).T)
    distances = np.take(hits.distances, rays)
    faces = np.take(hits.faces, rays)
    places = directions * distances
    places += hits.origins[0][:, None]
    slants = -(normals[0] * directions[0])
    slants -= normals[1] * directions[1]
    slants -= normals[2] * directions[2]
    np.clip(slants, 0.02, 1.0, out=slants)
    is_ground = np.take(scene.faces.materials, faces) == Material.GROUND
    return Surfaces(
        rays, faces, distances, places, normals, directions, slants,
        footprints_m=distances * np.float32(pixel_rad) / np.sqrt(slants),
        ground=np.flatnonzero(is_ground), solid=np.flatnonzero(~is_ground),
        albedo=np.empty_like(places), mirrored=np.zeros_like(distances))


def points(planar: NDArray[np.float32], rows: NDArray[np.intp]) -> NDArray[np.float32]:
    """Give some of the vectors (K, M) as (R, K)."""
    return np.stack([np.take(plane, rows) for plane in planar], axis=1)
