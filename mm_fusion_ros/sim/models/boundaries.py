# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Fences, walls and rails along x, with the origin on the ground in the middle.

All of them go on below the ground, so that no slope leaves a gap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.mesh import merge, Mesh
from mm_fusion_ros.sim.models.shapes import box, copies, loft, Look, pick

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROOT_M = 0.3
_METAL = Look(Material.METAL, (146, 148, 150))
_CONCRETE = Look(Material.CONCRETE, (160, 156, 150))


def fence(rng: np.random.Generator, length_m: float) -> Mesh:
    """Make a fence along x: of pickets, of bars, of rails or of boards."""
    kind = str(rng.choice(['pickets', 'bars', 'rails', 'boards']))
    look = Look(Material.METAL if kind == 'bars' else Material.WOOD, pick(
        ((58, 62, 60), (90, 96, 92)) if kind == 'bars' else
        ((120, 96, 70), (206, 204, 198), (92, 74, 58), (70, 84, 74)), rng))
    height = {'pickets': 1.05, 'bars': 1.3, 'rails': 1.15, 'boards': 1.75}[kind]
    gap, width, deep = {'pickets': (.17, .09, .02), 'bars': (.14, .025, .025),
                        'rails': (2.4, .10, .10), 'boards': (2.4, .10, .10)}[kind]
    posts = np.linspace(-length_m / 2.0, length_m / 2.0, max(round(length_m / 2.4), 1) + 1)
    parts = [copies(box((.10, .10, height + .1 + _ROOT_M), (0, 0, (height + .1 - _ROOT_M) / 2.0),
                        look), _along(posts))]
    parts += [box((length_m, .04, .09), (0, .04, z), look)
              for z in np.linspace(.25, height - .15, 3 if kind == 'rails' else 2)]
    if kind == 'boards':
        parts.append(box((length_m, .03, height - .08), (0, 0, height / 2.0 + .04), look))
    elif kind != 'rails':
        slats = np.arange(-length_m / 2.0 + gap / 2.0, length_m / 2.0, gap)
        # An open bar of four sides: nobody sees its ends.
        slat = loft([[(-width / 2, -deep, z), (width / 2, -deep, z), (width / 2, deep, z),
                      (-width / 2, deep, z)] for z in (.08, height)], look, is_closed=False)
        parts.append(copies(slat, _along(slats)))
    return merge(parts)


def wall(rng: np.random.Generator, length_m: float) -> Mesh:
    """Make a garden wall along x, of bricks, plaster or concrete."""
    look = (Look(Material.BRICK, pick(((150, 92, 72), (172, 122, 96)), rng)),
            Look(Material.PLASTER, pick(((210, 202, 188), (226, 222, 212)), rng)),
            _CONCRETE)[int(rng.integers(3))]
    height = rng.uniform(.6, 2.0)
    pillars = np.linspace(-length_m / 2.0, length_m / 2.0, max(round(length_m / 4.0), 1) + 1)
    return merge([
        box((length_m, .24, height + _ROOT_M), (0, 0, (height - _ROOT_M) / 2.0), look),
        box((length_m, .32, .07), (0, 0, height + .03), _CONCRETE),
        copies(box((.38, .38, height + .16 + _ROOT_M), (0, 0, (height + .16 - _ROOT_M) / 2.0),
                   look), _along(pillars)),
    ])


def guard_rail(length_m: float) -> Mesh:
    """Make a guard rail along x, whose front is at -y."""
    posts = np.linspace(-length_m / 2.0, length_m / 2.0, max(round(length_m / 4.0), 1) + 1)
    wave = [(-.02, .44), (-.10, .50), (-.10, .54), (-.04, .60), (-.10, .66), (-.10, .70),
            (-.02, .76)]
    ring = np.array([*wave, *((y + .012, z) for y, z in wave[::-1])])
    ends = [np.column_stack([np.full(len(ring), x), ring[::-1]])
            for x in (-length_m / 2.0, length_m / 2.0)]
    return merge([
        copies(box((.10, .06, .72 + _ROOT_M), (0, .03, .21), _METAL), _along(posts)),
        loft(ends, _METAL, is_closed=False)])


def _along(xs: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack([xs, 0.0 * xs, 0.0 * xs])
