# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
People on foot and on bicycles, with limbs that move in eight phases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.sim.actor_model import ActorModel
from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.mesh import merge, Mesh
from mm_fusion_ros.sim.models.shapes import blob, box, Look, tube

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PHASES = 8
_SKINS = ((238, 200, 175), (222, 178, 148), (176, 126, 94), (116, 78, 56), (72, 48, 36))
_CLOTHES = (
    (28, 30, 36), (52, 58, 72), (40, 60, 110), (120, 124, 128), (200, 198, 190), (150, 36, 40),
    (84, 92, 60), (190, 150, 60), (96, 66, 50), (70, 110, 130), (215, 110, 40), (170, 90, 130),
)
_HAIR = ((30, 24, 20), (70, 48, 30), (150, 112, 64), (120, 120, 118))
_FRAME = Look(Material.METAL, (60, 62, 66))
_TYRE = Look(Material.RUBBER, (22, 22, 22))


def pedestrian(rng: np.random.Generator, *, is_walking: bool = True) -> ActorModel:
    """Make a man, a woman or a child, walking or standing."""
    is_child = rng.random() < 0.12
    height = rng.uniform(1.05, 1.45) if is_child else rng.normal(1.71, 0.08)
    height = float(np.clip(height, 1.0, 1.95))
    clothes = _Clothes(rng)
    swings = np.linspace(0.0, 2.0 * np.pi, _PHASES, endpoint=False) if is_walking else [0.0]
    amplitude = 0.42 if is_walking else 0.0
    phases = tuple(_walker(height, float(swing), amplitude, clothes) for swing in swings)
    return ActorModel('pedestrian', ObjectClass.PEDESTRIAN, _centred(phases), stride_m=height * .8)


def cyclist(rng: np.random.Generator) -> ActorModel:
    """Make somebody on a bicycle, or on a motor scooter."""
    clothes = _Clothes(rng)
    is_motorised = rng.random() < 0.25
    scale = rng.uniform(0.94, 1.06)
    paint = Look(Material.CAR_PAINT, tuple(rng.integers(30, 220, 3).tolist()))
    vehicle = _scooter(paint) if is_motorised else _bicycle(paint)
    count = 1 if is_motorised else _PHASES
    phases = []
    for turn in np.linspace(0.0, 2.0 * np.pi, count, endpoint=False):
        mesh = merge([vehicle, _rider(float(turn), clothes)])
        phases.append(mesh.moved(np.diag([scale, scale, scale, 1.0])))
    name = 'scooter rider' if is_motorised else 'cyclist'
    return ActorModel(name, ObjectClass.CYCLIST, _centred(tuple(phases)), stride_m=5.0)


class _Clothes:
    """Looks of one person."""

    def __init__(self, rng: np.random.Generator) -> None:
        def pick(colors: tuple[tuple[int, int, int], ...], material: Material) -> Look:
            color = np.array(colors[int(rng.integers(len(colors)))]) + rng.normal(0, 8, 3)
            r, g, b = np.clip(color, 5, 250).astype(int).tolist()
            return Look(material, (r, g, b))

        self.skin = pick(_SKINS, Material.SKIN)
        self.top = pick(_CLOTHES, Material.CLOTH)
        self.trousers = pick(_CLOTHES[:7], Material.CLOTH)
        self.shoes = Look(Material.RUBBER, (30, 28, 28))
        self.hair = pick(_HAIR, Material.CLOTH)
        self.has_backpack = rng.random() < 0.3
        self.has_skirt = rng.random() < 0.2
        self.girth = rng.uniform(0.9, 1.2)
        self.pack = pick(_CLOTHES, Material.CLOTH)


def _walker(height: float, swing: float, amplitude: float, clothes: _Clothes) -> Mesh:
    h = height
    hip, shoulder = .50 * h, .80 * h
    g = clothes.girth
    parts = [
        tube((0, 0, hip - .03 * h), (0.01, 0, shoulder + .02 * h), (.095 * h * g, .105 * h),
             clothes.top, 8),
        tube((0, 0, shoulder), (.01, 0, .87 * h), (.035 * h, .03 * h), clothes.skin, 5),
        blob((.058 * h, .048 * h, .068 * h), (.015 * h, 0, .925 * h), clothes.skin, 8),
        blob((.056 * h, .052 * h, .045 * h), (-.004 * h, 0, .955 * h), clothes.hair, 6),
    ]
    for side in (1.0, -1.0):
        angle = amplitude * np.sin(swing) * side
        lift = max(np.cos(swing) * side, 0.0) * amplitude
        parts += _leg(np.array([0.0, side * .055 * h, hip]), angle, lift, h, clothes)
        parts += _arm(np.array([0.0, side * .125 * h, shoulder]), -angle * .8, h, clothes)
    if clothes.has_skirt:
        parts.append(tube((0, 0, hip + .03 * h), (0, 0, .28 * h), (.09 * h, .14 * h),
                          clothes.top, 8))
    if clothes.has_backpack:
        parts.append(box((.09 * h, .17 * h, .24 * h), (-.12 * h, 0, .68 * h), clothes.pack))
    return merge(parts)


def _leg(
    hip: NDArray[np.float64], angle: float, lift: float, h: float, clothes: _Clothes
) -> list[Mesh]:
    thigh, shin = .245 * h, .235 * h
    knee = hip + thigh * np.array([np.sin(angle + .5 * lift), 0, -np.cos(angle + .5 * lift)])
    lower = angle - 1.1 * lift
    ankle = knee + shin * np.array([np.sin(lower), 0, -np.cos(lower)])
    ankle[2] = max(ankle[2], .02 * h)
    return [
        tube(hip, knee, (.058 * h, .042 * h), clothes.trousers),
        tube(knee, ankle, (.042 * h, .028 * h), clothes.trousers),
        box((.15 * h, .055 * h, .04 * h), ankle + np.array((.04 * h, 0, .0)), clothes.shoes),
    ]


def _arm(shoulder: NDArray[np.float64], angle: float, h: float, clothes: _Clothes) -> list[Mesh]:
    elbow = shoulder + .165 * h * np.array([np.sin(angle), .1 * np.sign(shoulder[1]),
                                            -np.cos(angle)])
    bend = angle + .35
    hand = elbow + .17 * h * np.array([np.sin(bend), 0, -np.cos(bend)])
    return [
        tube(shoulder, elbow, (.034 * h, .027 * h), clothes.top, 5),
        tube(elbow, hand, (.026 * h, .020 * h), clothes.top, 5),
        blob((.022 * h, .02 * h, .035 * h), hand, clothes.skin, 5),
    ]


def _rider(turn: float, clothes: _Clothes) -> Mesh:
    hips, shoulders = np.array([-.20, 0, .98]), np.array([.12, 0, 1.45])
    parts = [
        tube(hips, shoulders, (.15 * clothes.girth, .17), clothes.top, 8),
        blob((.105, .085, .12), (.24, 0, 1.62), clothes.skin, 8),
        blob((.12, .095, .08), (.23, 0, 1.69), clothes.hair, 6),
    ]
    for side in (1.0, -1.0):
        phase = turn + (0.0 if side > 0 else np.pi)
        foot = np.array([.02 + .17 * np.cos(phase), side * .12, .30 + .17 * np.sin(phase)])
        hip = hips + np.array((0, side * .09, 0))
        knee = (hip + foot) / 2.0 + np.array([.22, 0, .08])
        parts += [
            tube(hip, knee, (.085, .065), clothes.trousers),
            tube(knee, foot, (.06, .045), clothes.trousers),
            box((.26, .09, .07), foot + np.array((.05, 0, 0)), clothes.shoes),
        ]
        elbow, grip = np.array([.30, side * .27, 1.2]), np.array([.50, side * .26, 1.06])
        parts += [
            tube(shoulders + np.array((0, side * .18, -.02)), elbow, (.055, .045), clothes.top, 5),
            tube(elbow, grip, (.04, .032), clothes.skin, 5),
        ]
    return merge(parts)


def _bicycle(paint: Look) -> Mesh:
    rear, front, crank = (-.50, 0, .34), (.56, 0, .34), (0, 0, .30)
    seat, head = (-.20, 0, .85), (.42, 0, .88)
    bars = [(crank, seat), (crank, head), (seat, head), (rear, seat), (rear, crank), (head, front)]
    parts = [tube(a, b, (.022, .022), paint, 4) for a, b in bars]
    parts += [
        tube((.50, -.28, 1.04), (.50, .28, 1.04), (.016, .016), _FRAME, 4),
        tube(head, (.50, 0, 1.04), (.018, .018), _FRAME, 4),
        box((.24, .14, .06), (-.22, 0, .90), _TYRE),
        box((.02, .06, .06), (-.60, 0, .62), Look(Material.TAILLIGHT, (160, 20, 20))),
    ]
    for hub in (rear, front):
        parts += _wheel_ring(np.array(hub), .34)
    return merge(parts)


def _wheel_ring(hub: NDArray[np.float64], radius: float) -> list[Mesh]:
    angles = np.linspace(0.0, 2.0 * np.pi, 12, endpoint=False)
    rim = hub + radius * .95 * np.stack([np.cos(angles), 0 * angles, np.sin(angles)], axis=1)
    ring = [tube(a, b, (.022, .022), _TYRE, 4) for a, b in zip(rim, np.roll(rim, -1, 0),
                                                               strict=True)]
    spokes = [tube(rim[k], rim[k + 6], (.006, .006), _FRAME, 3) for k in range(0, 6, 2)]
    return [*ring, *spokes]


def _scooter(paint: Look) -> Mesh:
    parts = [
        box((.75, .28, .34), (-.32, 0, .62), paint), box((.55, .26, .10), (.15, 0, .34), paint),
        box((.10, .36, .62), (.47, 0, .66), paint),
        tube((.50, -.33, 1.06), (.50, .33, 1.06), (.02, .02), _FRAME, 4),
        tube((.66, 0, .28), (.48, 0, 1.06), (.035, .03), _FRAME, 5),
        box((.70, .26, .10), (-.30, 0, .84), _TYRE),
        box((.05, .16, .12), (.54, 0, .84), Look(Material.HEADLIGHT, (235, 236, 238))),
        box((.04, .14, .10), (-.71, 0, .70), Look(Material.TAILLIGHT, (160, 20, 20))),
        box((.02, .18, .14), (-.73, 0, .52), Look(Material.RETROREFLECTOR, (230, 230, 220))),
    ]
    for x in (-.52, .66):
        parts.append(tube((x, -.06, .26), (x, .06, .26), (.26, .26), _TYRE, 10))
    return merge(parts)


def _centred(phases: tuple[Mesh, ...]) -> tuple[Mesh, ...]:
    """Set the origin below the middle of all phases, and their feet on the ground."""
    everything = np.concatenate([mesh.vertices for mesh in phases])
    shift = np.eye(4)
    shift[:2, 3] = -(everything.min(axis=0) + everything.max(axis=0))[:2] / 2.0
    moved = []
    for mesh in phases:
        shift[2, 3] = -float(mesh.vertices[:, 2].min())
        moved.append(mesh.moved(shift))
    return tuple(moved)
