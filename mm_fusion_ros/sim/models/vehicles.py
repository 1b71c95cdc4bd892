# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Cars, vans, trucks and buses: lofted bodies, windows as faces of their own, wheels, lights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.sim.actor_model import ActorModel
from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.mesh import merge, Mesh
from mm_fusion_ros.sim.models.shapes import box, Color, loft, Look, quad, tube

if TYPE_CHECKING:
    from collections.abc import Sequence

# Weights of colours on the road.
_PAINTS: tuple[tuple[Color, float], ...] = (
    ((236, 236, 234), 0.24), ((30, 31, 34), 0.20), ((112, 116, 120), 0.18),
    ((178, 182, 186), 0.12), ((38, 62, 110), 0.09), ((150, 24, 28), 0.07),
    ((70, 78, 86), 0.04), ((44, 74, 52), 0.02), ((196, 150, 40), 0.02), ((120, 92, 70), 0.02),
)
_GLASS = Look(Material.GLASS, (40, 48, 54))
_TYRE = Look(Material.RUBBER, (24, 24, 25))
_RIM = Look(Material.METAL, (150, 152, 155))
_TRIM = Look(Material.PLASTIC, (32, 32, 34))
_HEADLIGHT = Look(Material.HEADLIGHT, (235, 238, 240))
_TAILLIGHT = Look(Material.TAILLIGHT, (150, 18, 20))
_PLATE = Look(Material.RETROREFLECTOR, (232, 232, 214))


@dataclass(frozen=True, slots=True)
class CarShape:
    """
    Proportions of a kind of car.

    Attributes
    ----------
    length_m, width_m, height_m : (float, float)
        Mean and spread, m.
    belt : float
        Height of the lower edge of the windows, as a share of the height.
    hood, boot : float
        Shares of the length in front of the windscreen and behind the rear window, at the belt.
    front_rake, rear_rake : float
        How far the roof stands back from them, as shares of the length.

    """

    length_m: tuple[float, float]
    width_m: tuple[float, float]
    height_m: tuple[float, float]
    belt: float
    hood: float
    boot: float
    front_rake: float
    rear_rake: float


# European small cars to American pickups; a share of each on the road.
CAR_SHAPES: dict[str, tuple[CarShape, float]] = {
    'supermini': (CarShape((3.80, .12), (1.66, .03), (1.48, .03), .60, .22, .02, .14, .08), .20),
    'hatchback': (CarShape((4.25, .12), (1.78, .03), (1.47, .03), .61, .25, .03, .15, .09), .24),
    'saloon': (CarShape((4.70, .15), (1.83, .03), (1.45, .03), .63, .27, .15, .16, .12), .16),
    'estate': (CarShape((4.68, .12), (1.82, .03), (1.48, .03), .61, .25, .01, .15, .06), .12),
    'suv': (CarShape((4.50, .25), (1.86, .05), (1.68, .05), .62, .24, .02, .12, .06), .18),
    'mpv': (CarShape((4.45, .20), (1.82, .03), (1.68, .06), .56, .17, .01, .16, .05), .06),
    'pickup': (CarShape((5.55, .20), (1.98, .04), (1.86, .05), .62, .23, .38, .10, .02), .04),
}


def car(rng: np.random.Generator, kind: str = '') -> ActorModel:
    """Make a car, of any kind as they are on the road unless one is named."""
    if not kind:
        shares = np.array([share for _, share in CAR_SHAPES.values()])
        kind = str(rng.choice(list(CAR_SHAPES), p=shares / shares.sum()))
    shape = CAR_SHAPES[kind][0]
    length, width, height = (
        float(np.clip(rng.normal(mean, spread), mean - 2.5 * spread, mean + 2.5 * spread))
        for mean, spread in (shape.length_m, shape.width_m, shape.height_m))
    paint = Look(Material.CAR_PAINT, _paint(rng))
    belt, clearance, radius = shape.belt * height, 0.19, 0.31 + 0.04 * (height > 1.6)
    half = width / 2.0
    parts = [
        _lower_body(length, half, clearance, belt, shape, paint),
        _cabin(length, half, belt, height, shape, paint),
        *_wheels(length * np.array([-0.29, 0.31]), half, radius),
        *_lights(length, half, belt, clearance),
    ]
    for side in (-1.0, 1.0):
        at = (length * (0.5 - shape.hood - 0.05), side * (half + 0.09), belt + 0.07)
        parts.append(box((0.10, 0.18, 0.12), at, paint, is_body=False))
    return _centred(kind, ObjectClass.CAR, merge(parts))


def van(rng: np.random.Generator) -> ActorModel:
    """Make a delivery van."""
    length = rng.uniform(4.9, 6.1)
    half, height = rng.uniform(0.96, 1.02), rng.uniform(2.0, 2.6)
    white = rng.random() < 0.6
    paint = Look(Material.CAR_PAINT, (234, 234, 232) if white else _paint(rng))
    nose, belt = length / 2.0, 1.15
    side = [(-nose, .3), (nose - .06, .3), (nose, .75), (nose - .75, belt), (nose - 1.45, height),
            (-nose, height)]
    parts = [
        _across(side, half, paint),
        _screen([(nose - .78, belt + .04), (nose - 1.42, height - .1)], half * .86, .02),
        *_side_panes([(nose - 1.95, nose - .95)], belt + .05, height * .78, half, -.35),
        *_wheels(np.array([-length * .3, length * .33]), half, .34),
        *_lights(length, half, 1.05, .45),
    ]
    return _centred('van', ObjectClass.CAR, merge(parts))


def truck(rng: np.random.Generator) -> ActorModel:
    """Make a box truck, a tipper or a tractor with its trailer."""
    kind = str(rng.choice(['box truck', 'tipper', 'articulated truck']))
    cargo = {'box truck': rng.uniform(4.5, 7.0), 'tipper': rng.uniform(4.0, 5.5),
             'articulated truck': 13.6 * rng.uniform(.8, 1.0)}[kind]
    half, cab_height = 1.25, rng.uniform(2.6, 3.7) if cargo > 7.5 else rng.uniform(2.5, 3.0)
    cab_length = 2.2
    length = cargo + cab_length + (0.6 if cargo > 7.5 else 0.15)
    nose = length / 2.0
    paint, deck = Look(Material.CAR_PAINT, _paint(rng)), 1.05
    cab = [(nose - cab_length, .45), (nose, .45), (nose, 1.5), (nose - .22, cab_height),
           (nose - cab_length, cab_height)]
    top = deck + (rng.uniform(.9, 1.4) if kind == 'tipper' else rng.uniform(2.2, 2.9))
    load = Look(Material.METAL, (140, 120, 70)) if kind == 'tipper' else Look(
        Material.PLASTIC, tuple(rng.choice([(232, 232, 230), (60, 90, 150), (170, 60, 50),
                                            (190, 190, 186)]).tolist()))
    axles = np.array([nose - 1.3, -nose + 1.2, -nose + 2.5])
    if cargo > 7.5:
        axles = np.append(axles, [nose - 4.4, -nose + 3.8])
    parts = [
        _across(cab, half, paint),
        _screen([(nose + .01, 1.55), (nose - .17, min(cab_height - .15, 2.6))], half * .88, .02),
        *_side_panes([(nose - 1.5, nose - .4)], 1.5, 2.25, half, 0.0),
        box((cargo, 2.0 * half, top - deck), (-nose + cargo / 2, 0, (top + deck) / 2), load),
        box((length - 1.0, .9, .25), (-.3, 0, .9), _TRIM),
        *_wheels(axles, half, .5),
        *_lights(length, half, 1.0, .5),
    ]
    return _centred(kind, ObjectClass.TRUCK, merge(parts))


def bus(rng: np.random.Generator) -> ActorModel:
    """Make a city bus or a coach."""
    kind = str(rng.choice(['city bus', 'coach']))
    length = rng.uniform(10.5, 12.5)
    half, height = 1.27, rng.uniform(2.95, 3.2) if kind == 'city bus' else rng.uniform(3.4, 3.75)
    paint = Look(Material.CAR_PAINT, tuple(rng.choice(
        [(200, 40, 36), (236, 190, 40), (230, 230, 228), (40, 110, 180), (60, 140, 80)]).tolist()))
    nose, sill = length / 2.0, .95 if kind == 'city bus' else 1.6
    side = [(-nose, .3), (nose, .3), (nose, 1.2), (nose - .15, height), (-nose, height)]
    step = 1.45
    panes = [(x, x + step - .12) for x in np.arange(-nose + .3, nose - 1.6, step)]
    parts = [
        _across(side, half, paint),
        _screen([(nose + .01, sill), (nose - .12, height - .35)], half * .92, .02),
        *_side_panes(panes, sill, height - .5, half, 0.0),
        quad([(-nose - .02, half * .8, sill + .2), (-nose - .02, -half * .8, sill + .2),
              (-nose - .02, -half * .8, height - .5), (-nose - .02, half * .8, height - .5)][::-1],
             _GLASS),
        *_wheels(np.array([-length * .26, length * .28]), half, .48),
        *_lights(length, half, .95, .4),
    ]
    return _centred(kind, ObjectClass.BUS, merge(parts))


def _paint(rng: np.random.Generator) -> Color:
    shares = np.array([share for _, share in _PAINTS])
    color = np.array(_PAINTS[int(rng.choice(len(_PAINTS), p=shares / shares.sum()))][0])
    r, g, b = np.clip(color + rng.normal(0, 6, 3), 8, 245).astype(int).tolist()
    return r, g, b


def _section(x: float, half: float, low: float, high: float, bevel: float) -> np.ndarray:
    """Give a ring with beveled edges, anticlockwise seen from the front."""
    y, b = half, bevel
    ring = [(y - b, low), (y, low + b), (y, high - b), (y - 1.4 * b, high),
            (-y + 1.4 * b, high), (-y, high - b), (-y, low + b), (-y + b, low)]
    return np.array([(x, *point) for point in ring])


def _lower_body(
    length: float, half: float, low: float, belt: float, shape: CarShape, paint: Look
) -> Mesh:
    hood = belt * (0.93 if shape.hood > .2 else .98)
    rear_top = belt if shape.boot < .1 or shape.boot > .3 else belt * .98
    stations = [
        (-.500, .90, low + .14, rear_top * .72), (-.488, .97, low + .06, rear_top * .97),
        (-.30, 1.0, low, belt), (.5 - shape.hood, 1.0, low, belt),
        (.44, .985, low + .02, hood * .90), (.480, .94, low + .06, hood * .78),
        (.500, .86, low + .14, hood * .62),
    ]
    sections = np.array([
        _section(x * length, width * half, bottom, top, .05) for x, width, bottom, top in stations
    ])
    return loft(sections, paint)


def _cabin(
    length: float, half: float, belt: float, height: float, shape: CarShape, paint: Look
) -> Mesh:
    front, rear = (.5 - shape.hood) * length, (-.5 + shape.boot) * length
    roof_front, roof_rear = front - shape.front_rake * length, rear + shape.rear_rake * length
    low, high = half * .97, half * .80
    lower = np.array([(rear, low), (front, low)])
    upper = np.array([(roof_rear, high), (roof_front, high)])
    cut = np.array([0.0, .07, .46, .52, .90, 1.0])
    parts = []
    for side in (1.0, -1.0):
        bottom = lower[0] + cut[:, None] * (lower[1] - lower[0])
        top = upper[0] + cut[:, None] * (upper[1] - upper[0])
        for strip in range(len(cut) - 1):
            corners = [
                (bottom[strip, 0], side * bottom[strip, 1], belt),
                (bottom[strip + 1, 0], side * bottom[strip + 1, 1], belt),
                (top[strip + 1, 0], side * top[strip + 1, 1], height - .04),
                (top[strip, 0], side * top[strip, 1], height - .04)]
            parts.append(quad(corners[::-1] if side > 0 else corners,
                              _GLASS if strip % 2 else paint))
    z = height - .04
    parts.append(quad([(front, -low, belt), (front, low, belt), (roof_front, high, z),
                       (roof_front, -high, z)], _GLASS))
    parts.append(quad([(rear, low, belt), (rear, -low, belt), (roof_rear, -high, z),
                       (roof_rear, high, z)], _GLASS))
    crown = np.array([
        [(roof_rear, high, z), (roof_rear, -high, z), (roof_front, -high, z),
         (roof_front, high, z)],
        [(roof_rear + .1, high * .85, height), (roof_rear + .1, -high * .85, height),
         (roof_front - .12, -high * .85, height), (roof_front - .12, high * .85, height)]])
    parts.append(loft(crown, paint))
    return merge(parts)


def _across(side: Sequence[tuple[float, float]], half: float, look: Look) -> Mesh:
    """Stretch a profile of x and z, anticlockwise seen from the right, over the width."""
    ring = np.array([(x, 0.0, z) for x, z in side])
    left, right = ring.copy(), ring.copy()
    left[:, 1], right[:, 1] = half, -half
    return loft(np.stack([left, right]), look)


def _screen(line: Sequence[tuple[float, float]], half: float, out: float) -> Mesh:
    (x0, z0), (x1, z1) = line
    normal = np.array([z1 - z0, x0 - x1]) / np.hypot(z1 - z0, x0 - x1) * out
    x0, x1, z0, z1 = x0 + normal[0], x1 + normal[0], z0 + normal[1], z1 + normal[1]
    return quad([(x0, -half, z0), (x0, half, z0), (x1, half * .95, z1), (x1, -half * .95, z1)],
                _GLASS)


def _side_panes(
    spans: Sequence[tuple[float, float]], low: float, high: float, half: float, lean: float
) -> list[Mesh]:
    panes = []
    for start, end in spans:
        for side in (1.0, -1.0):
            y = side * (half + .01)
            corners = [(start, y, low), (end, y, low), (end + lean, y, high), (start, y, high)]
            panes.append(quad(corners[::-1] if side > 0 else corners, _GLASS))
    return panes


def _wheels(axles_m: np.ndarray, half: float, radius: float) -> list[Mesh]:
    parts = []
    for x in axles_m:
        for side in (1.0, -1.0):
            inner, outer = side * (half - .24), side * (half + .004)
            parts.append(tube((x, inner, radius), (x, outer, radius), (radius, radius), _TYRE, 12))
            parts.append(tube((x, outer - side * .02, radius), (x, outer + side * .01, radius),
                              (radius * .62, radius * .55), _RIM, 8))
    return parts


def _lights(length: float, half: float, belt: float, low: float) -> list[Mesh]:
    parts = []
    front, rear = length / 2.0, -length / 2.0
    for side in (1.0, -1.0):
        y = side * half * .68
        parts.append(box((.06, half * .38, .13), (front - .035, y, belt * .66), _HEADLIGHT))
        parts.append(box((.05, half * .26, .20), (rear + .02, side * half * .74, belt * .80),
                         _TAILLIGHT))
    parts.append(box((.03, .50, .11), (rear + .005, 0, belt * .55), _PLATE))
    parts.append(box((.03, .50, .11), (front + .005, 0, low + .22), _PLATE))
    parts.append(box((.04, half * 1.2, .12), (front - .01, 0, low + .36), _TRIM))
    return parts


def _centred(name: str, object_class: ObjectClass, mesh: Mesh) -> ActorModel:
    """Set the origin below the middle of the body."""
    bodies = mesh.body_vertices()
    shift = np.eye(4)
    shift[:2, 3] = -(bodies.min(axis=0) + bodies.max(axis=0))[:2] / 2.0
    return ActorModel(name, object_class, (mesh.moved(shift),))
