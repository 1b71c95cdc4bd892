# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Trees, bushes and hedges: leaves are cards with gaps between, so that some rays pass.

Origin on the ground at the stem; everything goes on below, so that no slope leaves a gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.mesh import merge, Mesh
from mm_fusion_ros.sim.models.foliage import cards, cores, crown
from mm_fusion_ros.sim.models.shapes import Color, loft, Look, pick, shaken, tube

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROOT_M = 0.3
_GREENS: tuple[Color, ...] = (
    (84, 116, 52), (98, 132, 60), (74, 104, 54), (116, 134, 66), (90, 108, 68), (106, 122, 50),
)
_AUTUMN: tuple[Color, ...] = ((166, 118, 40), (150, 82, 36), (184, 150, 60))
_NEEDLES: tuple[Color, ...] = ((52, 78, 54), (66, 90, 70), (58, 82, 46))
_BARKS: tuple[Color, ...] = ((88, 72, 56), (70, 60, 50), (104, 92, 78))
_BIRCH_BARK: Color = (206, 202, 194)


@dataclass(frozen=True, slots=True)
class TreeShape:
    """
    Proportions of a kind of tree.

    Attributes
    ----------
    height_m : (float, float)
        Least and most, m.
    bare, spread, girth : float
        Height of the lowest leaves, width of the crown, and radius of the stem, all as shares of
        the height.
    bunches, leaves : int
        That the crown consists of.
    barks, greens : tuple of Color
        To pick from.

    """

    height_m: tuple[float, float]
    bare: float
    spread: float
    girth: float
    bunches: int
    leaves: int
    is_airy: bool = False  # nothing solid within
    barks: tuple[Color, ...] = _BARKS
    greens: tuple[Color, ...] = _GREENS


# Kinds and their shares beside streets.
TREE_SHAPES: dict[str, tuple[TreeShape, float]] = {
    'broadleaf': (TreeShape((6.0, 13.0), .26, .60, .020, 7, 70), .36),
    'street tree': (TreeShape((4.0, 7.5), .36, .52, .018, 5, 80), .20),
    'autumn tree': (TreeShape((5.0, 10.0), .30, .56, .020, 6, 76, False, _BARKS, _AUTUMN), .06),
    'birch': (TreeShape((6.0, 11.0), .26, .40, .013, 8, 116, True, (_BIRCH_BARK,)), .10),
    'poplar': (TreeShape((9.0, 16.0), .08, .24, .014, 7, 70), .08),
    'conifer': (TreeShape((5.0, 14.0), .08, .40, .014, 0, 0, False, _BARKS, _NEEDLES), .12),
    'winter tree': (TreeShape((5.0, 11.0), .30, .55, .021, 0, 0), .08),
}


def tree(rng: np.random.Generator, kind: str = '') -> Mesh:
    """Make a tree, of any kind as they are beside streets unless one of TREE_SHAPES is named."""
    if not kind:
        shares = np.array([share for _, share in TREE_SHAPES.values()])
        kind = str(rng.choice(list(TREE_SHAPES), p=shares / shares.sum()))
    shape = TREE_SHAPES[kind][0]
    height = float(rng.uniform(*shape.height_m))
    bark = Look(Material.BARK, pick(shape.barks, rng))
    green = Look(Material.FOLIAGE, pick(shape.greens, rng, 8.0))
    if kind == 'conifer':
        return _conifer(rng, height, shape, (bark, green))
    if kind == 'winter tree':
        return merge(_branches(rng, np.zeros(3), np.array((0, 0, 1.0)), height, bark))
    bunches, radii = _bunches(rng, height, shape)
    return merge([*_stem(rng, height, shape, bark, bunches),
                  crown(rng, bunches, radii, green, shape.leaves),
                  *([] if shape.is_airy else [cores(rng, bunches, radii, green)])])


def bush(rng: np.random.Generator, size_m: tuple[float, float, float] | None = None) -> Mesh:
    """Make a bush of a length, width and height; of a person's to a car's size otherwise."""
    length, width, height = size_m or (
        rng.uniform(.7, 3.0), rng.uniform(.7, 1.8), rng.uniform(.5, 1.8))
    count = max(round(length / .6), 2)
    along = (np.arange(count) - (count - 1) / 2.0) / count * length
    radii = np.column_stack([np.full(count, length / count * .7), np.full(count, width / 2.0),
                             height * rng.uniform(.40, .55, count)])
    bunches = np.column_stack([along, rng.normal(0, .06 * width, count), .9 * radii[:, 2]])
    green = Look(Material.FOLIAGE, pick(_GREENS, rng, 8.0))
    leaves = int(np.clip(30 * length * height, 40, 110))
    return merge([crown(rng, bunches, radii, green, leaves),
                  cores(rng, bunches, radii, green)])


def hedge(rng: np.random.Generator, length_m: float) -> Mesh:
    """Make a cut hedge along x, with leaves sticking out of it."""
    height, width = rng.uniform(.9, 1.9), rng.uniform(.5, .9)
    count = max(int(length_m / .9), 2) + 1
    outline = np.array([(-.5, -_ROOT_M / height), (.5, -_ROOT_M / height), (.54, .55), (.42, 1.0),
                        (-.42, 1.0), (-.54, .55)]) * (width, height)
    rings = np.empty((count, 6, 3))
    rings[:, :, 0] = np.linspace(-length_m / 2.0, length_m / 2.0, count)[:, None]
    rings[:, :, 1:] = outline + rng.normal(0.0, .035, (count, 6, 2))
    green = Look(Material.FOLIAGE, pick(_GREENS, rng, 8.0))
    body = shaken(loft(rings, green), rng, .10)
    leaves = int(7 * length_m)
    places = np.column_stack([rng.uniform(-.5, .5, leaves) * length_m,
                              rng.choice([-.52, .52], leaves) * width,
                              rng.uniform(.1, 1.0, leaves) * height])
    outwards = np.column_stack([0 * places[:, 0], np.sign(places[:, 1]), .4 + 0 * places[:, 0]])
    return merge([body, shaken(cards(rng, places, outwards, .17, green), rng, .14)])


def _bunches(
    rng: np.random.Generator, height: float, shape: TreeShape
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Place the bunches of a crown: middles and half axes (N, 3), m."""
    count, reach = shape.bunches, shape.spread * height / 2.0
    bare = shape.bare * height
    levels = (np.arange(count) + .5) / count
    turns = 2.4 * np.arange(count) + rng.uniform(0.0, 2.0 * np.pi)
    belly = np.sqrt(np.clip(1.0 - (2.0 * levels - .85) ** 2 / 1.5, .1, 1.0))
    # Slender trees hold their bunches close to the stem.
    slender = float(np.clip(.45 / shape.spread, 1.0, 1.8))
    out = .52 / slender * reach * belly * rng.uniform(.7, 1.15, count)
    out[-1] *= .3
    size = reach * belly * rng.uniform(.58, .76, count) * slender ** .5
    tall = np.maximum(size * .80, (height - bare) / count * .75)
    z = bare + tall + levels * (height - bare - 2.0 * tall)
    middles = np.column_stack([out * np.cos(turns), out * np.sin(turns), z])
    return middles, np.column_stack([size, size, tall])


def _stem(
    rng: np.random.Generator, height: float, shape: TreeShape, bark: Look,
    bunches: NDArray[np.float64],
) -> list[Mesh]:
    """Make a trunk that leans a little, and a branch to every bunch."""
    girth = shape.girth * height * rng.uniform(.85, 1.2)
    fork = np.array((*rng.normal(0.0, .012 * height, 2), .9 * shape.bare * height))
    top = bunches[-1] * (.6, .6, 1.0)
    parts = [
        tube((0, 0, -_ROOT_M), fork, (1.15 * girth, .85 * girth), bark, 7, is_closed=False),
        tube(fork, top, (.85 * girth, .25 * girth), bark, 6, is_closed=False)]
    for bunch in bunches[:-1]:
        start = fork + (top - fork) * rng.uniform(.0, .4) * (bunch[2] - fork[2]) / height
        parts.append(tube(start, bunch, (.42 * girth, .15 * girth), bark, 4, is_closed=False))
    return parts


def _conifer(
    rng: np.random.Generator, height: float, shape: TreeShape, looks: tuple[Look, Look]
) -> Mesh:
    """Make a trunk with skirts of branches, each with a ragged rim."""
    bark, green = looks
    girth, bare = shape.girth * height, shape.bare * height
    reach = shape.spread * height / 2.0 * rng.uniform(.7, 1.0)
    parts = [tube((0, 0, -_ROOT_M), (0, 0, .9 * height), (girth, .2 * girth), bark, 6,
                  is_closed=False)]
    count, sides = 7, 14
    for k in range(count):
        share = 1.0 - k / count
        low = bare + (height - bare) * k / (count + .6)
        high = min(low + (height - bare) * .27, height)
        angles = 2.0 * np.pi * (np.arange(sides) + rng.uniform()) / sides
        out = reach * share * np.where(np.arange(sides) % 2, 1.0, .66)
        out *= rng.uniform(.82, 1.12, sides)
        drop = low + rng.uniform(-.02, .03, sides) * height
        rim = np.column_stack([out * np.cos(angles), out * np.sin(angles), drop])
        ring = np.arange(sides)
        faces = np.stack([ring, np.roll(ring, -1), np.full(sides, sides)], axis=1)
        skirt = Mesh.of_one(np.concatenate([rim, [(0, 0, high)]]), faces, *green)
        parts += [shaken(skirt, rng, .13)]
        under = Mesh.of_one(
            np.concatenate([rim, [(0, 0, low + .35 * (high - low))]]), faces[:, ::-1],
            Material.FOLIAGE, (40, 54, 40))
        parts.append(under)
    return merge(parts)


def _branches(
    rng: np.random.Generator, start: NDArray[np.float64], heading: NDArray[np.float64],
    height: float, bark: Look, level: int = 0,
) -> list[Mesh]:
    """Grow a bare branch and those that fork from it, three levels in all."""
    length = height * (.40, .30, .26)[level] * rng.uniform(.8, 1.15)
    thick = height * (.020, .010, .0045)[level]
    end = start + length * heading
    foot = start - (0, 0, _ROOT_M) if level == 0 else start
    parts = [tube(foot, end, (thick, .55 * thick), bark, (7, 4, 3)[level], is_closed=False)]
    if level == 2:
        return parts
    count = (5, 6)[level]
    turn = rng.uniform(0.0, 2.0 * np.pi)
    for k in range(count):
        along = 1.0 if k == 0 else rng.uniform(.45 + .3 * (level == 0), 1.0)
        angle = turn + 2.4 * k
        away = np.array((np.cos(angle), np.sin(angle), .35)) * (.25 if k == 0 else .85)
        bent = heading + away
        parts += _branches(rng, start + along * length * heading,
                           bent / np.linalg.norm(bent), height, bark, level + 1)
    return parts
