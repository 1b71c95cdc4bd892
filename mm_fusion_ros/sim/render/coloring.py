# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The colour of what was hit, before any light falls on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.materials import Material, Surface
from mm_fusion_ros.sim.render.patterns import SURFACE_PATTERNS
from mm_fusion_ros.sim.render.posters import PosterHits
from mm_fusion_ros.sim.render.skin import LINEAR
from mm_fusion_ros.sim.render.surfaces import points
from mm_fusion_ros.sim.render.textures import BROAD, broad_tiles, fine_tiles, TILE_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.render.scene import Scene
    from mm_fusion_ros.sim.render.skin import Skin
    from mm_fusion_ros.sim.render.surfaces import Surfaces

# sRGB of each Surface, before the world's own taste.
_SURFACE_COLORS = np.array([
    (88, 100, 52), (98, 97, 97), (142, 138, 132), (156, 154, 150), (134, 124, 110),
    (104, 84, 64)], np.uint8)
_SURFACE_PATTERNS = np.array([SURFACE_PATTERNS[surface] for surface in Surface], np.int32)
_HOLDS_WATER = np.array(
    [surface in (Surface.ASPHALT, Surface.SIDEWALK, Surface.KERB) for surface in Surface],
    np.float32)
_PAINT_ALBEDO = np.float32(.62)
_WET_DARKENING = .5
_WET_MIRRORED = np.float32(.03)
_SMOOTH_M = 69.0  # so far from the scene's origin, paint is interpolated
_FRAYS_M = np.random.default_rng(5).uniform(-.025, .025, (8191, 2)).astype(np.float32)


def surface_albedo(seed: int) -> NDArray[np.float32]:
    """Draw the linear colour of each Surface in one world: (3, S)."""
    rng = np.random.default_rng([seed, 77])
    brightness = np.exp(rng.normal(0.0, .16, len(_SURFACE_COLORS)))
    brightness[Surface.ASPHALT] *= np.exp(rng.uniform(-.5, .25))
    dryness = rng.uniform(0.0, 1.0)  # of grass: from green to straw
    tints = np.exp(rng.normal(0.0, .03, (3, len(_SURFACE_COLORS))))
    tints[:, Surface.GRASS] *= (1.0 + .35 * dryness, 1.0, 1.0 - .1 * dryness)
    return np.asarray(LINEAR[_SURFACE_COLORS.T] * brightness * tints, np.float32)


def color_solids(seen: Surfaces, scene: Scene, skin: Skin) -> None:
    """Fill in the colours of all but the ground."""
    rows = seen.solid
    faces = np.take(seen.faces, rows)
    seen.mirrored[rows] = np.take(skin.mirrored, faces)
    u_m, v_m = _on_faces(seen, rows, scene.origin.astype(np.float32))
    factors = fine_tiles().factors(
        np.take(skin.patterns, faces), u_m, v_m, np.take(seen.footprints_m, rows), TILE_M)
    for plane, albedo in zip(seen.albedo, skin.albedo, strict=True):
        plane[rows] = np.take(albedo, faces) * factors
    posters = rows[np.take(scene.faces.materials, faces) == Material.POSTER]
    if len(posters):
        seen.albedo[:, posters] = LINEAR[skin.posters.albedo(PosterHits(
            seen.faces[posters], seen.places[:, posters], seen.normals[:, posters],
            seen.directions[:, posters])).T]


def color_ground(
    seen: Surfaces, scene: Scene, albedo: NDArray[np.float32], wetness: float
) -> None:
    """
    Fill in the colours of the ground, and where water stands on it.

    Parameters
    ----------
    seen : Surfaces
        What was hit.
    scene : Scene
        Knows what lies where.
    albedo : (3, S) float32
        Of each Surface.
    wetness : float
        0 to 1.

    """
    rows = seen.ground
    kinds, paint = _on_ground(seen, scene)
    x, y = (np.take(seen.places[axis], rows) + np.float32(scene.origin[axis]) for axis in (0, 1))
    footprints = np.take(seen.footprints_m, rows)
    broad = broad_tiles().factors(kinds, x, y, footprints, TILE_M * BROAD)
    fine = fine_tiles().factors(np.take(_SURFACE_PATTERNS, kinds), x, y, footprints, TILE_M)
    grain = broad * fine
    if wetness > 0.0:
        grain *= np.float32(1.0 - wetness * _WET_DARKENING)
        # Water stands where the ground is dark and low.
        puddle = np.clip((1.02 - broad) * 9.0, .15, 1.0)
        puddle *= np.float32(wetness) * np.take(_HOLDS_WATER, kinds)
        seen.mirrored[rows] = _WET_MIRRORED * puddle
    paint *= np.clip(1.5 * broad - .6, .3, 1.0)  # worn together with the road
    white = _PAINT_ALBEDO * (.8 + .2 * fine)
    for plane, of_surfaces in zip(seen.albedo, albedo, strict=True):
        color = np.take(of_surfaces, kinds)
        color *= grain
        color += paint * (white - color)
        plane[rows] = color


def _on_faces(
    seen: Surfaces, rows: NDArray[np.intp], origin: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give coordinates on the faces: along and up on walls, the world's own on flat ones, m."""
    nx, ny = (np.take(seen.normals[axis], rows) for axis in (0, 1))
    u, y, v = (np.take(seen.places[axis], rows) + origin[axis] for axis in range(3))
    across = np.sqrt(nx * nx + ny * ny)
    flat = np.flatnonzero(across < .5)
    x_flat, y_flat = u[flat], y[flat]
    np.maximum(across, np.float32(.5), out=across)
    u *= ny
    y *= nx
    np.subtract(y, u, out=u)
    u /= across
    u[flat], v[flat] = x_flat, y_flat
    return u, v


def _on_ground(
    seen: Surfaces, scene: Scene
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Look up values of Surface and the share of paint, without the stairs of the map's cells."""
    places = points(seen.places[:2], seen.ground)
    near = np.flatnonzero(np.maximum(np.abs(places[:, 0]), np.abs(places[:, 1])) < _SMOOTH_M)
    smooth = scene.ground.near_paint(
        places if len(near) == len(places) else np.take(places, near, axis=0))
    places += np.resize(_FRAYS_M, places.shape)
    on = scene.ground.at(places)
    paint = on.paint.astype(np.float32)
    paint[near] = smooth
    paint *= np.float32(1 / 255)
    return on.surface.astype(np.int32), paint
