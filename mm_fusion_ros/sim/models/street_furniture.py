# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What stands beside a street. Origin on the ground in the middle; what has a front shows it to +x.

All of it goes on below the ground, so that no slope leaves a gap.
"""

from __future__ import annotations

import numpy as np

from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.mesh import merge, Mesh
from mm_fusion_ros.sim.models.shapes import (
    ball,
    box,
    Color,
    copies,
    loft,
    Look,
    panel,
    prism,
    stack,
    tube,
)

ROOT_M = 0.3  # below the ground
LAMP_HEIGHT_M = 7.0
_METAL = Look(Material.METAL, (146, 148, 150))
_DARK = Look(Material.METAL, (56, 60, 64))
_CONCRETE = Look(Material.CONCRETE, (160, 156, 150))
_WOOD = Look(Material.WOOD, (124, 88, 58))
_BLACK = Look(Material.PLASTIC, (26, 28, 29))
_SHELTER_GLASS = Look(Material.GLASS, (120, 134, 138))
_POSTER = Look(Material.POSTER, (222, 216, 206))
_WHITE_SIGN: Color = (240, 240, 236)
# Corners, the turn of the first, outer and inner colour, and their shares.
_SIGNS: tuple[tuple[int, float, Color, Color, float], ...] = (
    (14, 0.0, (200, 30, 34), _WHITE_SIGN, .26), (14, 0.0, (30, 80, 170), (40, 92, 184), .14),
    (3, .25, (204, 36, 34), _WHITE_SIGN, .18), (3, .75, (204, 36, 34), _WHITE_SIGN, .08),
    (8, .0625, _WHITE_SIGN, (196, 28, 30), .08), (4, .125, (238, 238, 234), (36, 84, 168), .16),
    (4, .0, _WHITE_SIGN, (244, 190, 40), .10),
)


def lamp_pole() -> Mesh:
    """Make a street lamp whose arm reaches 1.5 m towards +x."""
    top = LAMP_HEIGHT_M
    return merge([
        _post(top, .09, _METAL, .055),
        tube((0, 0, top - .08), (1.35, 0, top + .14), (.04, .03), _METAL, 5),
        loft([[(x, -.12, z), (x, .12, z), (x, .09, z + .10), (x, -.09, z + .10)]
              for x, z in ((1.2, top + .08), (1.9, top + .12))], _DARK),
        panel([(1.25, -.10, top + .077), (1.25, .10, top + .077), (1.85, .10, top + .11),
               (1.85, -.10, top + .11)], Look(Material.LAMP, (255, 226, 176))),
    ])


def traffic_light() -> Mesh:
    """Make a traffic light that faces +x, with a back board."""
    parts = [
        _post(3.5, .075, _DARK), box((.26, .30, .92), (.02, 0, 2.98), _BLACK),
        box((.02, .60, 1.16), (-.10, 0, 2.98), _BLACK),
    ]
    for z, color in ((3.27, (206, 40, 34)), (2.98, (170, 120, 30)), (2.69, (30, 120, 66))):
        parts.append(tube((.14, 0, z), (.165, 0, z), (.10, .10), Look(Material.LAMP, color), 8))
        parts.append(box((.16, .24, .015), (.22, 0, z + .12), _BLACK))
    return merge(parts)


def sign(rng: np.random.Generator) -> Mesh:
    """Make a traffic sign that faces +x: round, three-, four- or eight-cornered."""
    shares = np.array([share for *_, share in _SIGNS])
    sides, start, outer, inner, _ = _SIGNS[int(rng.choice(len(_SIGNS), p=shares / shares.sum()))]
    radius = rng.uniform(.30, .40) * (1.25 if sides in (3, 4) else 1.0)
    height = rng.uniform(2.3, 2.8)
    angles = 2.0 * np.pi * (np.arange(sides) / sides + start)
    ring = np.column_stack([0.0 * angles, np.cos(angles), np.sin(angles)])
    middle = np.array((.05, 0.0, height))
    parts = [
        _post(height + .3, .032, _METAL),
        loft([middle - (.012, 0, 0) + radius * ring, middle + radius * ring], _METAL),
        panel(middle + (.006, 0, 0) + radius * ring, Look(Material.RETROREFLECTOR, outer)),
        panel(middle + (.012, 0, 0) + .74 * radius * ring, Look(Material.RETROREFLECTOR, inner)),
    ]
    if rng.random() < .25:
        parts.append(_plate(rng, height - radius - .2))
    return merge(parts)


def utility_pole() -> Mesh:
    """Make a wooden pole with a crossbar along y."""
    wood = Look(Material.WOOD, (94, 74, 56))
    return merge([
        _post(8.5, .15, wood, .11), box((.10, 1.9, .12), (0, 0, 8.0), wood),
        *(tube((0, y, 8.06), (0, y, 8.24), (.04, .05), _CONCRETE, 5) for y in (-.85, .55, .85)),
        tube((.25, 0, 6.2), (.25, 0, 7.0), (.22, .22), _METAL, 8),
    ])


def bollard() -> Mesh:
    """Make a bollard with a reflecting ring."""
    return merge([
        _post(.95, .08, _DARK, .07), stack(
            [(0, 0, .74, .079, .079), (0, 0, .84, .078, .078)],
            Look(Material.RETROREFLECTOR, (236, 236, 232)), 8)])


def bin_() -> Mesh:
    """Make a litter bin."""
    green = Look(Material.PLASTIC, (44, 72, 52))
    return merge([
        stack([(0, 0, -ROOT_M, .20, .20), (0, 0, .80, .25, .25)], green),
        stack([(0, 0, .80, .28, .28), (0, 0, .88, .28, .28), (0, 0, 1.0, .12, .12)], _DARK)])


def bench() -> Mesh:
    """Make a bench that is sat on facing +x."""
    return merge([
        *(box((.12, 1.7, .04), (x, 0, .45), _WOOD) for x in (-.15, .0, .15)),
        *(box((.04, 1.7, .12), (-.24 - .05 * k, 0, .60 + .17 * k), _WOOD) for k in range(2)),
        *(box((.42, .06, .44 + ROOT_M), (0, y, .08), _DARK) for y in (-.7, .7)),
        *(box((.04, .06, .45), (-.25, y, .62), _DARK) for y in (-.7, .7)),
    ])


def bus_shelter() -> Mesh:
    """Make a bus shelter open to +x, with a poster at its right end."""
    corners = [(x, y, 0.0) for x in (-.7, .6) for y in (-1.85, 1.85)]
    post = box((.07, .07, 2.4 + ROOT_M), (0, 0, 1.05), _DARK)
    return merge([
        box((1.6, 3.9, .10), (0, 0, 2.45), _DARK), copies(post, corners),
        *(box((.03, 1.15, 1.85), (-.7, y, 1.3), _SHELTER_GLASS) for y in (-1.22, 0, 1.22)),
        box((1.15, .03, 1.85), (-.05, 1.85, 1.3), _SHELTER_GLASS),
        box((1.2, .12, 1.9), (-.05, -1.85, 1.25), _DARK),
        panel([(.5, -1.78, .40), (-.6, -1.78, .40), (-.6, -1.78, 2.1), (.5, -1.78, 2.1)], _POSTER),
        box((.36, 2.2, .06), (-.42, .4, .48), _WOOD),
        *(box((.06, .06, .45 + ROOT_M), (-.42, y, .08), _DARK) for y in (-.5, 1.3)),
    ])


def advertising_column() -> Mesh:
    """Make a column as wide and tall as a person or two: a LiDAR cannot tell them apart."""
    return merge([
        stack([(0, 0, -ROOT_M, .33, .33), (0, 0, .12, .33, .33)], _CONCRETE, 12),
        tube((0, 0, .12), (0, 0, 1.75), (.30, .30), _POSTER, 12),
        stack([(0, 0, 1.75, .34, .34), (0, 0, 1.82, .34, .34), (0, 0, 1.92, .12, .12)], _DARK, 12),
    ])


def billboard() -> Mesh:
    """Make a poster wall that faces +x; to a camera there are people and cars on it."""
    return merge([
        box((.10, 3.7, 2.6), (-.06, 0, 2.0), _DARK),
        panel([(.01, -1.75, .8), (.01, 1.75, .8), (.01, 1.75, 3.2), (.01, -1.75, 3.2)], _POSTER),
        *(tube((-.06, y, -ROOT_M), (-.06, y, .8), (.07, .07), _DARK, 6) for y in (-1.5, 1.5)),
    ])


def electricity_box() -> Mesh:
    """Make a cabinet."""
    return merge([
        box((.35, .9, 1.1 + ROOT_M), (0, 0, .4), Look(Material.PLASTIC, (150, 156, 148))),
        box((.40, .95, .06), (0, 0, 1.12), Look(Material.PLASTIC, (120, 126, 120)))])


def mailbox() -> Mesh:
    """Make a post box on a post."""
    red = Look(Material.PLASTIC, (190, 40, 36))
    return merge([_post(.8, .05, _DARK), box((.32, .38, .52), (0, 0, 1.02), red),
                  box((.34, .40, .06), (0, 0, 1.30), _DARK)])


def hydrant() -> Mesh:
    """Make a fire hydrant."""
    red = Look(Material.METAL, (186, 44, 36))
    return merge([
        stack([(0, 0, -ROOT_M, .13, .13), (0, 0, .55, .12, .12), (0, 0, .60, .15, .15),
               (0, 0, .72, .09, .09), (0, 0, .78, .03, .03)], red),
        tube((0, -.22, .45), (0, .22, .45), (.06, .06), red, 6)])


def planter() -> Mesh:
    """Make a tub of concrete with a plant."""
    square = [(-.5, -.5), (.5, -.5), (.5, .5), (-.5, .5)]
    return merge([
        prism(square, -ROOT_M, .55, _CONCRETE),
        ball((.45, .45, .40), (0, 0, .70), Look(Material.FOLIAGE, (78, 104, 52)), 8)])


def _post(height_m: float, radius_m: float, look: Look, top_m: float | None = None) -> Mesh:
    """Make an upright pole."""
    return tube((0, 0, -ROOT_M), (0, 0, height_m), (radius_m, top_m or radius_m), look, 7)


def _plate(rng: np.random.Generator, height_m: float) -> Mesh:
    """Make a small white plate below a sign."""
    half = rng.uniform(.18, .26)
    face = [(.06, -half, height_m - .1), (.06, half, height_m - .1), (.06, half, height_m + .1),
            (.06, -half, height_m + .1)]
    return merge([box((.01, 2.0 * half, .2), (.045, 0, height_m), _METAL),
                  panel(face, Look(Material.RETROREFLECTOR, _WHITE_SIGN))])
