# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What stands beside a street. Origin on the ground in the middle; what has a front shows it to +x.
"""

from __future__ import annotations

import numpy as np

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.sim.actor_model import ActorModel
from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.mesh import merge, Mesh
from mm_fusion_ros.sim.models.shapes import ball, box, Color, loft, Look, panel, tube, upright

_METAL = Look(Material.METAL, (140, 142, 144))
_DARK_METAL = Look(Material.METAL, (58, 62, 66))
_CONCRETE = Look(Material.CONCRETE, (158, 154, 148))
_ORANGE = Look(Material.PLASTIC, (222, 92, 28))
_WHITE_STRIPE = Look(Material.RETROREFLECTOR, (236, 236, 232))
_RED_STRIPE = Look(Material.RETROREFLECTOR, (190, 30, 34))
_ROOT_M = 0.3
LAMP_HEIGHT_M = 7.0


def lamp_pole() -> Mesh:
    """Make a street lamp whose arm reaches 1.5 m towards +x."""
    top = LAMP_HEIGHT_M
    return merge([
        tube((0, 0, -_ROOT_M), (0, 0, top), (.09, .05), _METAL, 7),
        tube((0, 0, top - .05), (1.5, 0, top + .15), (.035, .03), _METAL, 5),
        box((.55, .22, .10), (1.55, 0, top + .12), _DARK_METAL),
        panel([(1.3, -.09, top + .06), (1.3, .09, top + .06), (1.8, .09, top + .06),
              (1.8, -.09, top + .06)], Look(Material.LAMP, (255, 226, 176))),
    ])


def traffic_light() -> Mesh:
    """Make a traffic light that faces +x."""
    parts = [
        tube((0, 0, -_ROOT_M), (0, 0, 3.4), (.07, .06), _DARK_METAL, 7),
        box((.22, .32, .95), (0, 0, 2.95), Look(Material.PLASTIC, (28, 30, 30))),
    ]
    for z, color in ((3.25, (200, 40, 34)), (2.95, (150, 110, 30)), (2.65, (30, 110, 60))):
        parts.append(tube((.10, 0, z), (.135, 0, z), (.11, .11), Look(Material.LAMP, color), 8))
    return merge(parts)


def sign(rng: np.random.Generator) -> Mesh:
    """Make a traffic sign that faces +x, round, three-cornered or rectangular."""
    kind = str(rng.choice(['round', 'triangle', 'rectangle']))
    height = rng.uniform(2.1, 2.5)
    sides, color = {'round': (12, (200, 32, 36)), 'triangle': (3, (206, 40, 36)),
                    'rectangle': (4, (36, 78, 160))}[kind]
    angles = np.linspace(0, 2 * np.pi, sides, endpoint=False) + (
        np.pi / 2 if sides == 3 else np.pi / 4)
    parts = [tube((-.03, 0, -_ROOT_M), (-.03, 0, height), (.03, .03), _METAL, 6)]
    inner_color: Color = (36, 78, 160) if kind == 'rectangle' else (238, 238, 234)
    for radius, x, look in (
        (.35, .012, Look(Material.RETROREFLECTOR, color)),
        (.24, .020, Look(Material.RETROREFLECTOR, inner_color)),
    ):
        ring = np.column_stack([np.full(sides, x), radius * np.cos(angles),
                                height + radius * np.sin(angles)])
        parts.append(loft(np.stack([ring - np.array((.008, 0, 0)), ring]), look))
    return merge(parts)


def utility_pole() -> Mesh:
    """Make a wooden pole with a crossbar."""
    wood = Look(Material.WOOD, (94, 74, 56))
    return merge([
        tube((0, 0, -_ROOT_M), (0, 0, 8.5), (.15, .11), wood, 7),
        box((.10, 1.8, .12), (0, 0, 8.0), wood),
    ])


def bollard() -> Mesh:
    """Make a bollard."""
    return tube((0, 0, -_ROOT_M), (0, 0, .95), (.08, .07), _DARK_METAL, 7)


def bin_() -> Mesh:
    """Make a litter bin."""
    green = Look(Material.PLASTIC, (44, 72, 52))
    return tube((0, 0, -_ROOT_M), (0, 0, .95), (.24, .27), green, 8)


def bench() -> Mesh:
    """Make a bench that is sat on facing +x."""
    wood = Look(Material.WOOD, (124, 88, 58))
    return merge([
        box((.45, 1.7, .06), (0, 0, .45), wood), box((.06, 1.7, .36), (-.24, 0, .70), wood),
        box((.40, .06, .75), (0, .7, .08), _DARK_METAL),
        box((.40, .06, .75), (0, -.7, .08), _DARK_METAL),
    ])


def bus_shelter() -> Mesh:
    """Make a bus shelter open to +x."""
    glass = Look(Material.GLASS, (120, 134, 138))
    return merge([
        box((1.5, 3.8, .10), (0, 0, 2.45), _DARK_METAL),
        box((.03, 3.7, 1.9), (-.7, 0, 1.3), glass),
        box((1.2, .03, 1.9), (-.1, 1.85, 1.3), glass),
        box((1.2, .08, 1.9), (-.1, -1.85, 1.3), Look(Material.POSTER, (220, 190, 160))),
        *(tube((x, y, -_ROOT_M), (x, y, 2.4), (.04, .04), _DARK_METAL, 5)
          for x in (-.7, .6) for y in (-1.8, 1.8)),
        box((.35, 2.2, .06), (-.4, .4, .48), Look(Material.WOOD, (124, 88, 58))),
    ])


def advertising_column() -> Mesh:
    """Make a column as wide and tall as a person or two: a LiDAR cannot tell them apart."""
    return tube((0, 0, -_ROOT_M), (0, 0, 1.85), (.30, .30), Look(Material.POSTER, (210, 206, 196)),
                12)


def billboard() -> Mesh:
    """Make a poster wall that faces +x; to a camera there are people and cars on it."""
    poster = Look(Material.POSTER, (224, 220, 212))
    return merge([
        box((.10, 3.7, 2.6), (-.06, 0, 2.0), _DARK_METAL),
        panel([(.01, -1.8, .8), (.01, 1.8, .8), (.01, 1.8, 3.2), (.01, -1.8, 3.2)], poster),
        *(tube((-.06, y, -_ROOT_M), (-.06, y, .8), (.06, .06), _DARK_METAL, 5)
          for y in (-1.5, 1.5)),
    ])


def fence(rng: np.random.Generator, length_m: float) -> Mesh:
    """Make a fence along x."""
    color = ((120, 96, 70), (200, 198, 192), (70, 78, 70))[int(rng.integers(3))]
    look = Look(Material.WOOD, color)
    xs = np.linspace(-length_m / 2, length_m / 2, max(int(length_m / 2.4), 1) + 1)
    parts = [box((.10, .10, 1.2 + _ROOT_M), (x, 0, .45), look) for x in xs]
    step = rng.choice([.16, .3])
    slats = np.arange(-length_m / 2 + .1, length_m / 2, step)
    low = np.column_stack([slats - .05, np.full(len(slats), .05), np.full(len(slats), .08)])
    board = np.array([(0, 0, 0), (.1, 0, 0), (.1, 0, 1), (0, 0, 1)])
    corners = low[:, None] + board
    first = 4 * np.arange(len(slats))[:, None]
    faces = np.concatenate([first + np.array(three) for three in ((0, 1, 2), (0, 2, 3))])
    parts.append(Mesh.of_one(corners.reshape(-1, 3), faces, *look))
    parts += [box((length_m, .05, .09), (0, 0, z), look) for z in (.3, .95)]
    return merge(parts)


def wall(rng: np.random.Generator, length_m: float) -> Mesh:
    """Make a garden wall along x."""
    look = (Look(Material.BRICK, (150, 92, 72)), Look(Material.PLASTER, (206, 198, 184)),
            _CONCRETE)[int(rng.integers(3))]
    height = rng.uniform(.6, 2.0)
    return merge([
        box((length_m, .24, height + _ROOT_M), (0, 0, (height - _ROOT_M) / 2), look),
        box((length_m, .32, .07), (0, 0, height + .03), _CONCRETE),
    ])


def guard_rail(length_m: float) -> Mesh:
    """Make a guard rail along x."""
    xs = np.arange(-length_m / 2, length_m / 2 + .01, 4.0)
    return merge([
        *(box((.10, .06, .7 + _ROOT_M), (x, 0, .2), _METAL) for x in xs),
        box((length_m, .05, .16), (0, -.05, .68), _METAL),
        box((length_m, .05, .10), (0, -.03, .52), _METAL),
    ])


def electricity_box() -> Mesh:
    """Make a cabinet."""
    return box((.35, .9, 1.2 + _ROOT_M), (0, 0, .45), Look(Material.PLASTIC, (150, 156, 148)))


def traffic_cone() -> ActorModel:
    """Make a traffic cone."""
    bands = [(.0, .16, _ORANGE), (.28, .115, _WHITE_STRIPE), (.44, .085, _ORANGE)]
    parts = [box((.36, .36, .04), (0, 0, .02), _ORANGE)]
    for (z, radius, look), (end, narrow) in zip(
            bands, ((.28, .115), (.44, .085), (.72, .03)), strict=True):
        parts.append(tube((0, 0, .04 + z), (0, 0, .04 + end), (radius, narrow), look, 9))
    return ActorModel('traffic cone', ObjectClass.BARRIER, (merge(parts),))


def jersey_barrier() -> ActorModel:
    """Make a concrete barrier, 3 m long."""
    profile = [(-.30, 0), (.30, 0), (.30, .08), (.12, .34), (.08, .81), (-.08, .81), (-.12, .34),
               (-.30, .08)]
    ring = np.array([(0.0, y, z) for y, z in profile])
    sections = np.stack([ring + np.array((x, 0, 0)) for x in (-1.5, 1.5)])
    return ActorModel('jersey barrier', ObjectClass.BARRIER, (loft(sections, _CONCRETE),))


def barrier_board() -> ActorModel:
    """Make a striped board on feet, as roadworks have."""
    parts = [box((.5, .10, .08), (0, y, .04), _ORANGE) for y in (-.8, .8)]
    parts += [tube((0, y, .08), (0, y, 1.0), (.03, .03), _METAL, 5) for y in (-.8, .8)]
    for k in range(8):
        look = (_RED_STRIPE, _WHITE_STRIPE)[k % 2]
        parts.append(box((.03, .225, .24), (0, -.79 + .225 * k, .9), look))
    parts.append(ball((.08, .08, .10), (0, .8, 1.1), Look(Material.LAMP, (240, 170, 40)), 6))
    return ActorModel('barrier board', ObjectClass.BARRIER, (merge(parts),))


def planter() -> Mesh:
    """Make a tub of concrete."""
    square = [(-.5, -.5), (.5, -.5), (.5, .5), (-.5, .5)]
    low = upright([(.8 * x, .8 * y) for x, y in square], -_ROOT_M)
    return loft(np.stack([low, upright(square, .6)]), _CONCRETE)
