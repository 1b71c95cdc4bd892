# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What closes a part of a road: cones, barriers, boards. Each is labelled.
"""

from __future__ import annotations

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.sim.actor_model import ActorModel
from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.mesh import merge
from mm_fusion_ros.sim.models.shapes import ball, box, loft, Look, shifted, tube

_ORANGE = Look(Material.PLASTIC, (224, 88, 26))
_CONCRETE = Look(Material.CONCRETE, (164, 160, 154))
_METAL = Look(Material.METAL, (140, 142, 144))
_WHITE = Look(Material.RETROREFLECTOR, (238, 238, 234))
_RED = Look(Material.RETROREFLECTOR, (194, 28, 32))


def traffic_cone() -> ActorModel:
    """Make a traffic cone, 0.75 m high."""
    radii = (.155, .125, .105, .078, .055, .028)
    heights = (.04, .19, .33, .47, .61, .75)
    looks = (_ORANGE, _WHITE, _ORANGE, _WHITE, _ORANGE)
    bands = [
        tube((0, 0, heights[k]), (0, 0, heights[k + 1]), (radii[k], radii[k + 1]), look, 10,
             is_closed=k == 4)
        for k, look in enumerate(looks)]
    return ActorModel('traffic cone', ObjectClass.BARRIER, (
        merge([box((.40, .40, .04), (0, 0, .02), _ORANGE), *bands]),))


def jersey_barrier() -> ActorModel:
    """Make a concrete barrier, 3 m long."""
    sections = [[(-1.5, -half, z), (1.5, -half, z), (1.5, half, z), (-1.5, half, z)]
                for half, z in ((.30, .0), (.30, .08), (.15, .33), (.09, .81))]
    return ActorModel('jersey barrier', ObjectClass.BARRIER, (loft(sections, _CONCRETE),))


def barrier_board() -> ActorModel:
    """Make striped boards across x on feet, with a lamp."""
    parts = []
    for y in (-.80, .80):
        parts += [box((.55, .12, .08), (0, y, .04), _ORANGE),
                  box((.04, .06, 1.0), (0, y, .58), _METAL)]
    for z, height in ((.92, .24), (.42, .12)):
        tile = box((.03, .22, height), (.04, 0, z), _RED)
        for k in range(8):
            white = box((.03, .22, height), (.04, 0, z), _WHITE)
            parts.append(shifted(white if k % 2 else tile, y_m=.22 * (k - 3.5)))
    parts.append(ball((.09, .09, .11), (0, .80, 1.18), Look(Material.LAMP, (244, 170, 40)), 8))
    mesh = merge(parts)
    low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
    x, y, _ = (-(low + high) / 2.0).tolist()
    return ActorModel('barrier board', ObjectClass.BARRIER, (shifted(mesh, x, y),))
