# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Walls and the roof over them, with what stands on roofs.
"""

from __future__ import annotations

import numpy as np

from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.mesh import merge, Mesh
from mm_fusion_ros.sim.models.facades import PANE
from mm_fusion_ros.sim.models.shapes import box, Color, loft, Look, panel, pick, shifted, turned

_TILES: tuple[Color, ...] = (
    (136, 68, 50), (80, 76, 78), (106, 84, 66), (98, 50, 44), (64, 66, 72),
)
_GRAVEL = Look(Material.CONCRETE, (122, 120, 116))
_PLANT = Look(Material.METAL, (150, 154, 156))
_EAVE_M, _THICK_M = .40, .16


def covered(
    rng: np.random.Generator, width_m: float, depth_m: float, z_m: tuple[float, float],
    roof: tuple[str, Look],
) -> Mesh:
    """
    Make walls and a roof: 'gable', 'front gable', 'low gable', 'hip' or 'flat'.

    Parameters
    ----------
    rng : Generator
        Draws the pitch, and dormers, chimneys and plant.
    width_m, depth_m : float
        Of the walls, along x and y, m.
    z_m : (float, float)
        Their lower and upper edge, m.
    roof : (str, Look)
        Kind of the roof, and what the walls are made of.

    """
    kind, wall = roof
    tiles = Look(Material.ROOF_TILE, pick(_TILES, rng))
    if kind == 'flat':
        return _flat(rng, (width_m, depth_m), z_m, wall)
    if kind == 'hip':
        return _hip(rng, (width_m, depth_m), z_m, (wall, tiles))
    is_across = kind == 'front gable'
    length, span = (depth_m, width_m) if is_across else (width_m, depth_m)
    pitch = .12 if kind == 'low gable' else float(rng.uniform(.62, 1.0))
    mesh = _gable((length, span), z_m, pitch, (wall, tiles))
    if kind == 'gable':
        mesh = merge([mesh, *_dormers(rng, (length, span), z_m[1], pitch, (wall, tiles))])
    mesh = shifted(turned(mesh, np.pi / 2.0) if is_across else mesh, y_m=depth_m / 2.0)
    if kind != 'low gable' and rng.random() < .7:
        mesh = merge([mesh, _chimney(rng, width_m, depth_m, z_m[1] + pitch * span / 2.0)])
    return mesh


def _gable(
    size_m: tuple[float, float], z_m: tuple[float, float], pitch: float, looks: tuple[Look, Look]
) -> Mesh:
    """Make a house with its ridge along x, about the origin."""
    (half, wide), (low, top) = (size_m[0] / 2.0, size_m[1] / 2.0), z_m
    ridge = top + pitch * wide
    outline = np.array([(-wide, low), (wide, low), (wide, top), (0, ridge), (-wide, top)])
    walls = loft([np.column_stack([np.full(5, x), outline]) for x in (-half, half)], looks[0])
    out, up = wide + _EAVE_M, _THICK_M
    eave = top - pitch * _EAVE_M
    slopes = []
    for side in (1.0, -1.0):
        ring = np.array([(side * out, eave), (side * out, eave + up), (0, ridge + up),
                         (0, ridge)])[::int(side)]
        slopes.append(loft([np.column_stack([np.full(4, x), ring])
                            for x in (-half - .3, half + .3)], looks[1]))
    return merge([walls, *slopes])


def _hip(
    rng: np.random.Generator, size_m: tuple[float, float], z_m: tuple[float, float],
    looks: tuple[Look, Look],
) -> Mesh:
    (width, depth), (low, top) = size_m, z_m
    walls = box((width, depth, top - low), (0, depth / 2.0, (top + low) / 2.0), looks[0])
    pitch = float(rng.uniform(.45, .75))
    half, deep = width / 2.0 + _EAVE_M, depth / 2.0 + _EAVE_M
    inset = min(half, deep) - .05
    ring = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    rings = [np.column_stack([ring * (x, y) + (0, depth / 2.0), np.full(4, z)])
             for x, y, z in ((half, deep, top), (half, deep, top + _THICK_M),
                             (half - inset, deep - inset, top + pitch * inset))]
    return merge([walls, loft(rings, looks[1]),
                  _chimney(rng, width, depth, top + pitch * inset * .9)])


def _flat(
    rng: np.random.Generator, size_m: tuple[float, float], z_m: tuple[float, float], wall: Look
) -> Mesh:
    """Make a flat roof behind a parapet, with plant on large ones."""
    (width, depth), (low, top) = size_m, z_m
    edge, ring = .25, np.array([(-.5, -.5), (.5, -.5), (.5, .5), (-.5, .5)])
    rings = [np.column_stack([ring * (width - inset, depth - inset) + (0, depth / 2.0),
                              np.full(4, z)])
             for inset, z in ((0.0, low), (0.0, top + .4), (2.0 * edge, top + .4))]
    floor = [rings[2], rings[2] - (0, 0, .4)]
    parts = [loft([*rings, floor[1]], wall), panel(floor[1] + (0, 0, .01), _GRAVEL)]
    if width * depth > 120.0:
        x, y = rng.uniform(-.25, .25) * width, rng.uniform(.35, .65) * depth
        parts += [box((3.2, 2.6, 2.4), (x, y, top + 1.2), wall),
                  box((2.0, 1.4, 1.2), (-.5 * x - .1 * width, .8 * y, top + .6), _PLANT)]
    return merge(parts)


def _dormers(
    rng: np.random.Generator, size_m: tuple[float, float], top: float, pitch: float,
    looks: tuple[Look, Look],
) -> list[Mesh]:
    """Set dormers or roof windows into the front slope of some roofs."""
    (length, span), kind = size_m, rng.random()
    count = int(length / 4.0)
    if kind > .55 or span < 7.0:
        return []
    parts = []
    y = -.30 * span
    z = top + pitch * (span / 2.0 + y)
    for x in (np.arange(count) - (count - 1) / 2.0) * 3.6:
        if kind < .25 and pitch > .7:
            deep = 1.1 / pitch
            parts += [
                box((1.5, deep, 1.5), (x, y + deep / 2.0, z + .35), looks[0]),
                box((1.8, deep + .5, .12), (x, y + deep / 2.0, z + 1.15), looks[1]),
                panel([(x - .5, y - .02, z + .1), (x + .5, y - .02, z + .1),
                       (x + .5, y - .02, z + 1.0), (x - .5, y - .02, z + 1.0)], PANE)]
        else:
            rise, up = .9 * pitch, _THICK_M + .03
            parts.append(panel([(x - .4, y, z + up), (x + .4, y, z + up),
                                (x + .4, y + .9, z + rise + up), (x - .4, y + .9, z + rise + up)],
                               PANE))
    return parts


def _chimney(rng: np.random.Generator, width_m: float, depth_m: float, ridge_m: float) -> Mesh:
    x, y = rng.uniform(-.35, .35) * width_m, rng.uniform(.40, .55) * depth_m
    return box((.6, .6, 2.2), (x, y, ridge_m - .2), Look(Material.BRICK, (128, 80, 64)))
