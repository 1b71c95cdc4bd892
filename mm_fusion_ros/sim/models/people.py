# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
People on foot: men, women and children, whose limbs move through the phases of a walk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.sim.actor_model import ActorModel
from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.mesh import merge, Mesh
from mm_fusion_ros.sim.models.shapes import (
    ball,
    box,
    Color,
    Look,
    pick,
    point,
    shifted,
    stack,
    tube,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PHASES = 8
_SWING_RAD = 0.43  # of the thighs, to either side
_SKINS: tuple[Color, ...] = (
    (236, 198, 174), (226, 182, 152), (212, 164, 132), (170, 120, 90), (112, 76, 54), (74, 50, 38),
)
_TOPS: tuple[Color, ...] = (
    (28, 30, 36), (44, 48, 60), (40, 60, 110), (120, 124, 128), (214, 212, 206), (150, 34, 40),
    (84, 92, 60), (196, 156, 60), (96, 66, 50), (66, 112, 134), (216, 108, 40), (170, 90, 130),
)
_TROUSERS: tuple[Color, ...] = (
    (24, 26, 30), (36, 44, 66), (52, 74, 112), (90, 86, 78), (150, 138, 116), (60, 52, 46),
)
_HAIR: tuple[Color, ...] = (
    (28, 22, 18), (66, 44, 28), (110, 78, 46), (176, 140, 88), (140, 138, 136),
)
_SHOES: tuple[Color, ...] = ((26, 24, 24), (70, 48, 34), (210, 208, 204))


@dataclass(frozen=True, slots=True)
class Outfit:
    """What somebody looks like; `girth` scales the width of the body."""

    skin: Look
    hair: Look
    top: Look
    trousers: Look
    shoes: Look
    extra: Look  # of hats, bags and umbrellas
    girth: float


def outfit(rng: np.random.Generator) -> Outfit:
    """Dress somebody."""
    cloth = Material.CLOTH
    return Outfit(
        skin=Look(Material.SKIN, pick(_SKINS, rng)),
        hair=Look(cloth, pick(_HAIR, rng)),
        top=Look(cloth, pick(_TOPS, rng, 9.0)),
        trousers=Look(cloth, pick(_TROUSERS, rng, 9.0)),
        shoes=Look(Material.RUBBER, pick(_SHOES, rng)),
        extra=Look(cloth, pick(_TOPS, rng, 9.0)),
        girth=float(rng.uniform(.9, 1.18)),
    )


def pedestrian(rng: np.random.Generator, *, is_walking: bool = True) -> ActorModel:
    """Make a man, a woman or a child, who walks or stands."""
    kind = str(rng.choice(['man', 'woman', 'child'], p=[.45, .43, .12]))
    mean, spread = {'man': (1.77, .07), 'woman': (1.65, .06), 'child': (1.24, .12)}[kind]
    height = mean + spread * float(np.clip(rng.normal(), -2.2, 2.2))
    clothes = outfit(rng)
    worn = _worn(rng, kind, clothes)
    if is_walking:
        poses = [(float(swing), _SWING_RAD) for swing in 2.0 * np.pi * np.arange(PHASES) / PHASES]
    else:
        poses = [(float(rng.uniform(0.0, 2.0 * np.pi)), .06)]
    phases = [_body(kind, clothes, worn, *pose) for pose in poses]
    name = f'{kind} {"walking" if is_walking else "standing"}'
    return ActorModel(
        name, ObjectClass.PEDESTRIAN, on_their_feet(phases, height), stride_m=.755 * height)


def on_their_feet(phases: Sequence[Mesh], scale: float) -> tuple[Mesh, ...]:
    """Scale phases, put the feet of each on the ground, and the middle of all above the origin."""
    sized = [mesh.moved(np.diag([scale, scale, scale, 1.0])) for mesh in phases]
    bodies = np.concatenate([mesh.body_vertices() for mesh in sized])
    x, y = ((bodies.min(axis=0) + bodies.max(axis=0)) / 2.0)[:2]
    return tuple(
        shifted(mesh, -x, -y, -float(mesh.body_vertices()[:, 2].min())) for mesh in sized)


def head(at: NDArray[np.float64], skin: Look, size: float = 1.0) -> Mesh:
    """Make a bald head about a place (3,), for somebody as tall as size, m."""
    return ball(np.array((.056, .044, .066)) * size, at, skin, 8)


def hair(
    at: NDArray[np.float64], look: Look, size: float = 1.0, *, is_long: bool = False
) -> list[Mesh]:
    """Make the hair of a head about a place (3,)."""
    parts = [ball(np.array((.058, .050, .050)) * size, at + np.array((-.010, 0, .026)) * size,
                  look, 7)]
    if is_long:
        parts.append(ball(np.array((.030, .046, .075)) * size,
                          at + np.array((-.042, 0, -.030)) * size, look, 6))
    return parts


def limb(
    first: NDArray[np.float64], joint: NDArray[np.float64], last: NDArray[np.float64],
    radii: tuple[float, float, float], looks: tuple[Look, Look],
) -> list[Mesh]:
    """Make a limb of two bars that meet at a joint."""
    return [tube(first, joint, radii[:2], looks[0]), tube(joint, last, radii[1:], looks[1])]


def joint_between(
    first: NDArray[np.float64], last: NDArray[np.float64], lengths: tuple[float, float],
    forward: float,
) -> NDArray[np.float64]:
    """Find the knee (forward = 1) or the elbow (-1) of a limb between two places, in a plane."""
    across = last - first
    reach = min(float(np.linalg.norm(across)), sum(lengths) * .999)
    along = (reach**2 + lengths[0]**2 - lengths[1]**2) / (2.0 * reach)
    out = np.sqrt(max(lengths[0]**2 - along**2, 0.0))
    unit = across / np.linalg.norm(across)
    side = np.array((-unit[2], 0.0, unit[0]))
    place: NDArray[np.float64] = first + along * unit + forward * out * side
    return place


def _worn(rng: np.random.Generator, kind: str, look: Outfit) -> list[Mesh]:
    """Make what somebody 1 m tall wears and carries on the trunk."""
    g, worn = look.girth, []
    if kind == 'woman' and rng.random() < .35:  # skirt
        worn.append(stack([(0, 0, .28, .105, .125 * g), (0, 0, .52, .068, .085 * g)],
                          look.extra))
    elif rng.random() < .3:  # coat
        worn.append(stack([(0, 0, .34, .098 * g, .118 * g), (0, 0, .60, .072 * g, .090 * g)],
                          look.top))
    bag = rng.random()
    if bag < .25:  # backpack
        worn.append(box((.09, .16, .23), (-.095 * g, 0, .69), look.extra))
    elif bag < .40:  # shoulder bag
        worn.append(box((.14, .05, .12), (0, .15 * g, .48), look.extra))
    if rng.random() < .06:  # umbrella
        angles = 2.0 * np.pi * np.arange(8) / 8
        rim = np.stack([.36 * np.cos(angles), .36 * np.sin(angles), 0 * angles], axis=1)
        cone = np.concatenate([rim + point(.08, 0, 1.09), [(.08, 0, 1.22)]])
        ring = np.arange(8)
        faces = np.stack([ring, np.roll(ring, -1), np.full(8, 8)], axis=1)
        worn.append(Mesh.of_one(cone, faces, *look.extra, is_body=False))
        worn.append(box((.012, .012, .60), (.08, 0, .90), look.shoes, is_body=False))
    if rng.random() < .2:  # hat
        worn.append(stack([(0.012, 0, .955, .064, .056), (0, 0, .985, .058, .052),
                           (0, 0, 1.01, .03, .028)], look.extra, 7))
    return worn


def _body(
    kind: str, look: Outfit, worn: list[Mesh], swing: float, amplitude: float
) -> Mesh:
    """Pose somebody 1 m tall."""
    g = look.girth * (.93 if kind == 'woman' else 1.0)
    hips, chest = (.092, .090) if kind == 'woman' else (.084, .100)
    skull = 1.3 if kind == 'child' else 1.0
    at = np.array((.016, 0, .932 if skull == 1.0 else .95))
    parts = [
        stack([(0, 0, .455, .045 * g, .060 * g), (0, 0, .50, .062 * g, hips * g),
               (0, 0, .60, .054 * g, .074 * g), (.004, 0, .73, .064 * g, chest * g),
               (0, 0, .80, .050 * g, .104 * g), (0, 0, .83, .028, .050)], look.top),
        tube((0, 0, .82), (.008, 0, .89), (.030, .027), look.skin, 5, is_closed=False),
        head(at, look.skin, skull), *hair(at, look.hair, skull, is_long=kind == 'woman'), *worn,
    ]
    for side in (1.0, -1.0):
        angle, lift = amplitude * np.sin(swing) * side, amplitude * max(np.cos(swing) * side, 0.0)
        parts += _leg(side, angle, lift, look)
        parts += _arm(side, -.85 * angle, chest * g, look)
    return merge(parts)


def _leg(side: float, angle: float, lift: float, look: Outfit) -> list[Mesh]:
    """Swing a leg forward by an angle; it is bent while it is lifted."""
    thigh, shin = angle + .55 * lift, angle - 1.25 * lift - .05
    hip = np.array((0.0, .048 * side, .475))
    knee = hip + .232 * np.array((np.sin(thigh), 0, -np.cos(thigh)))
    ankle = knee + .218 * np.array((np.sin(shin), 0, -np.cos(shin)))
    pitch = .5 * shin if shin < 0 else -.3 * shin
    toe = np.array((np.cos(pitch), 0, np.sin(pitch)))
    sole = np.array((-toe[2], 0, toe[0]))
    heel = ankle - .028 * toe - .012 * sole
    return [
        *limb(hip, knee, ankle, (.052, .037, .024), (look.trousers, look.trousers)),
        tube(heel, heel + .145 * toe, (.030, .020), look.shoes, 5),
    ]


def _arm(side: float, angle: float, shoulder_m: float, look: Outfit) -> list[Mesh]:
    shoulder = np.array((0.0, (shoulder_m + .012) * side, .795))
    elbow = shoulder + .155 * np.array((np.sin(angle), .12 * side, -np.cos(angle)))
    bend = angle + .30
    hand = elbow + .150 * np.array((np.sin(bend), .02 * side, -np.cos(bend)))
    return [
        *limb(shoulder, elbow, hand, (.033, .026, .019), (look.top, look.top)),
        ball((.018, .016, .034), hand + np.array((.008, 0, -.018)), look.skin, 5),
    ]
