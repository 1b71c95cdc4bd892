# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
People on bicycles, who pedal, on scooters and on motorcycles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.sim.actor_model import ActorModel
from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.mesh import merge, Mesh
from mm_fusion_ros.sim.models import people
from mm_fusion_ros.sim.models.shapes import (
    across,
    ball,
    box,
    Color,
    hoop,
    Look,
    pick,
    point,
    stack,
    tube,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FRAME = Look(Material.METAL, (70, 72, 76))
_TYRE = Look(Material.RUBBER, (24, 24, 24))
_CHROME = Look(Material.METAL, (170, 172, 174))
_SEAT = Look(Material.PLASTIC, (26, 26, 28))
_TAILLIGHT = Look(Material.TAILLIGHT, (170, 18, 20))
_HEADLIGHT = Look(Material.HEADLIGHT, (232, 234, 236))
_PLATE = Look(Material.RETROREFLECTOR, (232, 232, 226))
_VEST = Look(Material.RETROREFLECTOR, (214, 226, 60))
_PAINTS: tuple[Color, ...] = (
    (30, 32, 36), (160, 30, 34), (36, 84, 150), (226, 226, 222), (50, 110, 70), (214, 150, 40),
    (120, 180, 190),
)
_BONE_M = (.44, .43)  # thigh and shin
_CRANK_M = .17
_WHEEL_M = .34


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a rider's hips, shoulders and hands are, and how far apart the feet, m."""

    hips: tuple[float, float]  # x and z
    shoulders: tuple[float, float]
    grips: tuple[float, float]
    grip_half_m: float


_UPRIGHT = Seat((-.24, .96), (.02, 1.46), (.42, 1.06), .28)
_SPORTY = Seat((-.24, .98), (.20, 1.38), (.52, 1.00), .22)
_SCOOTER = Seat((-.28, .80), (-.14, 1.31), (.34, 1.02), .30)
_MOTORCYCLE = Seat((-.26, .84), (.06, 1.31), (.44, 1.02), .33)


def cyclist(rng: np.random.Generator, kind: str = '') -> ActorModel:
    """Make a rider of a 'bicycle', 'scooter' or 'motorcycle', any unless named."""
    kind = kind or str(rng.choice(['bicycle', 'scooter', 'motorcycle'], p=[.75, .15, .10]))
    look, paint = people.outfit(rng), Look(Material.CAR_PAINT, pick(_PAINTS, rng))
    helmet = kind != 'bicycle' or rng.random() < .5
    scale = float(rng.uniform(.95, 1.06))
    if kind == 'bicycle':
        seat = _UPRIGHT if rng.random() < .6 else _SPORTY
        vehicle = _bicycle(rng, seat, paint)
        turns = 2.0 * np.pi * np.arange(people.PHASES) / people.PHASES
        feet = [_pedals(float(turn)) for turn in turns]
    else:
        seat = _SCOOTER if kind == 'scooter' else _MOTORCYCLE
        vehicle = _scooter(paint) if kind == 'scooter' else _motorcycle(paint)
        x, z = (.16, .42) if kind == 'scooter' else (-.02, .36)
        feet = [[point(x, side * .17, z) for side in (1.0, -1.0)]]
    trunk = _trunk(rng, seat, look, has_helmet=helmet)
    rest = merge([*vehicle, *trunk])
    phases = [merge([rest, *_legs(seat, at, look)]) for at in feet]
    # One turn of the pedals takes a bicycle some 5 m.
    return ActorModel(
        f'{kind} rider', ObjectClass.CYCLIST, people.on_their_feet(phases, scale), stride_m=5.0)


def _pedals(turn: float) -> list[NDArray[np.float64]]:
    """Place both feet; on top a pedal moves forward."""
    return [np.array((.02 + sign * _CRANK_M * np.sin(turn), sign * .11,
                      .31 + sign * _CRANK_M * np.cos(turn))) for sign in (1.0, -1.0)]


def _trunk(rng: np.random.Generator, seat: Seat, look: people.Outfit, *, has_helmet: bool
           ) -> list[Mesh]:
    """Make a rider without the legs."""
    hips = np.array((seat.hips[0], 0, seat.hips[1]))
    shoulders = np.array((seat.shoulders[0], 0, seat.shoulders[1]))
    g = look.girth
    lean = (shoulders - hips) / np.linalg.norm(shoulders - hips)
    up = np.linalg.norm(shoulders - hips)
    # Upright ellipses, sheared along the back.
    rows = [(-.08, .10, .14), (.02, .13, .165), (.45 * up, .105, .135), (.80 * up, .12, .17),
            (up, .09, .175), (up + .05, .045, .07)]
    trunk = [(*(hips + way * lean), thick * g, wide * g) for way, thick, wide in rows]
    skull = shoulders + point(.09, 0, .20)
    parts = [
        stack(trunk, look.top),
        tube(shoulders, skull, (.055, .048), look.skin, 5, is_closed=False),
        people.head(skull, look.skin, 1.75),
    ]
    if rng.random() < .25:
        row = hips + .55 * up * lean, hips + .70 * up * lean
        parts.append(stack([(*row[0], .124 * g, .152 * g), (*row[1], .130 * g, .172 * g)], _VEST))
    if has_helmet:
        shell = Look(Material.PLASTIC, pick(_PAINTS, rng))
        parts.append(ball((.125, .105, .095), skull + point(-.01, 0, .055), shell, 8))
    else:
        parts += people.hair(skull, look.hair, 1.75)
    if rng.random() < .3:
        parts.append(box((.15, .28, .40), hips + .55 * up * lean + (-.20 * g, 0, .03), look.extra))
    for side in (1.0, -1.0):
        shoulder = shoulders + point(0, side * .19 * g, -.02)
        grip = np.array((seat.grips[0], side * seat.grip_half_m, seat.grips[1] + .02))
        elbow = people.joint_between(shoulder, grip, (.30, .30), -1.0)
        elbow += point(0, side * .04, 0)
        parts += people.limb(shoulder, elbow, grip, (.058, .044, .034), (look.top, look.top))
        parts.append(ball((.05, .035, .04), grip, look.skin, 5))
    return parts


def _legs(
    seat: Seat, feet: list[NDArray[np.float64]], look: people.Outfit
) -> list[Mesh]:
    parts = []
    for foot in feet:
        side = float(np.sign(foot[1]))
        hip = np.array((seat.hips[0] + .02, side * .09, seat.hips[1] - .02))
        ankle = foot + point(-.06, 0, .08)
        knee = people.joint_between(hip, ankle, _BONE_M, 1.0)
        parts += people.limb(hip, knee, ankle, (.092, .064, .042), (look.trousers, look.trousers))
        heel, toe = ankle + point(-.03, 0, -.03), foot + point(.14, 0, 0)
        parts.append(tube(heel, toe, (.052, .034), look.shoes, 5))
    return parts


def _bicycle(rng: np.random.Generator, seat: Seat, paint: Look) -> list[Mesh]:
    rear, front, crank = (-.52, 0, _WHEEL_M), (.58, 0, _WHEEL_M), (.02, 0, .31)
    saddle, top, low = (-.22, 0, seat.hips[1] - .10), (.38, 0, .86), (.41, 0, .74)
    bar = (seat.grips[0], 0, seat.grips[1])
    beam = (top if seat is _SPORTY else low, saddle if seat is _SPORTY else (-.14, 0, .60))
    thick, thin = (.026, .026), (.014, .014)
    parts = [
        *(tube(a, b, thick, paint, 4, is_closed=False)
          for a, b in ((crank, saddle), (crank, low), beam, (low, top))),
        *(tube((*rear[:1], y, rear[2]), b, thin, paint, 3, is_closed=False)
          for b in ((-.16, 0, .68), crank) for y in (-.05, .05)),
        *(tube((.40, y, .78), (front[0], y, front[2]), (.018, .012), paint, 3, is_closed=False)
          for y in (-.05, .05)),
        tube(top, bar, (.018, .018), _FRAME, 4, is_closed=False),
        tube((bar[0], -seat.grip_half_m, bar[2]), (bar[0], seat.grip_half_m, bar[2]),
             (.016, .016), _FRAME, 4),
        box((.25, .15, .06), (saddle[0], 0, saddle[2] + .02), _SEAT),
        tube((.02, -.03, .31), (.02, .03, .31), (.09, .09), _FRAME, 8),
        box((.03, .06, .06), (saddle[0] - .12, 0, saddle[2] - .03), _TAILLIGHT),
        box((.05, .07, .07), (bar[0] + .04, 0, bar[2] - .08), _HEADLIGHT),
    ]
    for hub in (rear, front):
        parts += _spoked_wheel(np.array(hub))
    if rng.random() < .35:  # a rack with bags
        bag = Look(Material.CLOTH, pick(_PAINTS, rng))
        parts += [box((.30, .12, .30), (-.52, y, .55), bag) for y in (-.14, .14)]
        parts.append(box((.36, .14, .02), (-.50, 0, .72), _FRAME))
    return parts


def _spoked_wheel(hub: NDArray[np.float64]) -> list[Mesh]:
    """Make a thin wheel that one sees through."""
    angles = np.pi * np.arange(4) / 4.0 + .3
    ends = (_WHEEL_M - .03) * np.stack([np.cos(angles), 0.0 * angles, np.sin(angles)], axis=1)
    return [
        hoop(hub, _WHEEL_M, .032, _TYRE, 14),
        *(tube(hub - end, hub + end, (.005, .005), _FRAME, 3, is_closed=False) for end in ends),
    ]


def _scooter(paint: Look) -> list[Mesh]:
    rear, front = -.58, .62
    return [
        across([(-.85, .52), (-.30, .30), (.02, .30), (.02, .62), (-.05, .70), (-.80, .74)],
               .16, paint),
        across([(-.12, .22), (.36, .22), (.36, .30), (-.12, .30)], .18, paint),
        across([(.32, .24), (.44, .30), (.42, .96), (.30, .96)], .19, paint),
        across([(.42, .50), (.80, .46), (.60, .60)], .09, paint),
        box((.62, .28, .09), (-.40, 0, .76), _SEAT),
        tube((front, 0, .23), (.36, 0, 1.04), (.035, .03), _FRAME, 5),
        tube((.34, -.32, 1.02), (.34, .32, 1.02), (.02, .02), _FRAME, 5),
        box((.06, .16, .12), (.45, 0, .92), _HEADLIGHT),
        box((.04, .16, .09), (-.85, 0, .62), _TAILLIGHT),
        box((.02, .17, .17), (-.88, 0, .46), _PLATE),
        *(tube((x, -.06, .23), (x, .06, .23), (.23, .23), _TYRE, 10) for x in (rear, front)),
        *_hand_mirrors((.36, 1.02)),
    ]


def _motorcycle(paint: Look) -> list[Mesh]:
    rear, front = -.70, .74
    return [
        across([(-.05, .74), (.36, .70), (.40, .90), (.16, 1.0), (-.08, .86)], .15, paint),
        across([(-.20, .32), (.28, .30), (.36, .68), (-.16, .68)], .16, _FRAME),
        across([(-.95, .86), (-.62, .68), (-.08, .68), (-.08, .80), (-.60, .84)], .12, _SEAT),
        across([(.48, .84), (.66, .86), (.52, 1.10), (.40, 1.06)], .13, paint),
        across([(.50, .60), (.98, .56), (.74, .68)], .07, paint),
        *(tube((front, y, .31), (.44, y, 1.04), (.028, .028), _FRAME, 5) for y in (-.10, .10)),
        *(tube((rear, y, .31), (-.10, y, .38), (.03, .035), _FRAME, 5) for y in (-.09, .09)),
        tube((-.85, -.17, .42), (.0, -.17, .32), (.06, .05), _CHROME),
        tube((.44, -.36, 1.02), (.44, .36, 1.02), (.018, .018), _FRAME, 5),
        tube((.62, 0, .90), (.68, 0, .90), (.085, .085), _HEADLIGHT, 8),
        box((.04, .16, .07), (-.95, 0, .82), _TAILLIGHT),
        box((.02, .17, .17), (-.97, 0, .64), _PLATE),
        *(tube((x, -.07, .31), (x, .07, .31), (.31, .31), _TYRE, 12) for x in (rear, front)),
        *_hand_mirrors((.46, 1.04)),
    ]


def _hand_mirrors(at: tuple[float, float]) -> list[Mesh]:
    return [
        box((.03, .12, .08), (at[0], side * .40, at[1] + .16), _SEAT, is_body=False)
        for side in (1.0, -1.0)]


