# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Cars and delivery vans: one closed hull with wheel arches, whose windows are faces of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.sim.models import vehicle_parts as parts
from mm_fusion_ros.sim.models.shapes import box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.actor_model import ActorModel
    from mm_fusion_ros.sim.mesh import Mesh
    from mm_fusion_ros.sim.models.shapes import Look

_STATIONS = 16  # of a hull, from the rear to the front
_PAINT, _GLASS, _TRIM, _HEADLIGHT, _TAILLIGHT = range(5)


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
        Shares of the length before the windscreen and behind the rear window, at the belt.
    front_rake, rear_rake : float
        How far the roof stands back from them, as shares of the length.
    panes : tuple of int
        Which gaps between the stations are side windows.
    roof_width : float
        Of the width.
    wheel_m : float
        Radius, m.
    has_bed : bool
        Open behind the rear window.

    """

    length_m: tuple[float, float]
    width_m: tuple[float, float]
    height_m: tuple[float, float]
    belt: float
    hood: float
    boot: float
    front_rake: float
    rear_rake: float
    panes: tuple[int, ...] = (5, 6, 8)
    roof_width: float = 0.76
    wheel_m: float = 0.315
    has_bed: bool = False


_WAGON = (4, 6, 8)
# European small cars to American pickups, and their shares on the road.
CAR_SHAPES: dict[str, tuple[CarShape, float]] = {
    'supermini': (CarShape((3.82, .14), (1.67, .03), (1.48, .03), .61, .21, .012, .15, .07), .20),
    'hatchback': (CarShape((4.25, .10), (1.78, .03), (1.46, .03), .62, .245, .015, .16, .10), .23),
    'saloon': (CarShape((4.70, .15), (1.83, .03), (1.45, .02), .63, .265, .14, .16, .13), .16),
    'estate': (CarShape((4.66, .12), (1.82, .03), (1.48, .03), .62, .25, .012, .155, .07, _WAGON),
               .12),
    'suv': (CarShape((4.42, .18), (1.84, .04), (1.67, .04), .63, .235, .012, .13, .06, _WAGON,
                     wheel_m=.355), .15),
    'large suv': (CarShape((4.95, .12), (1.97, .03), (1.80, .04), .62, .235, .01, .115, .045,
                           _WAGON, .79, .385), .06),
    'mpv': (CarShape((4.45, .20), (1.82, .03), (1.68, .06), .58, .17, .01, .175, .05, _WAGON,
                     .80), .05),
    'pickup': (CarShape((5.60, .20), (2.00, .04), (1.88, .05), .63, .235, .35, .10, .015, (6, 8),
                        wheel_m=.39, has_bed=True), .03),
}
_VAN = CarShape((5.3, .35), (2.00, .03), (2.25, .20), .52, .135, .003, .145, .005, (8,), .87, .34)


def car(rng: np.random.Generator, kind: str = '') -> ActorModel:
    """Make a car, of any kind as they are on the road unless one of CAR_SHAPES is named."""
    if not kind:
        shares = np.array([share for _, share in CAR_SHAPES.values()])
        kind = str(rng.choice(list(CAR_SHAPES), p=shares / shares.sum()))
    return _build(rng, kind, CAR_SHAPES[kind][0], parts.paint(rng))


def van(rng: np.random.Generator) -> ActorModel:
    """Make a delivery van, most of which are white."""
    color = parts.paint(rng)
    if rng.random() < 0.55:
        color = color._replace(color=(234, 234, 232))
    return _build(rng, 'van', _VAN, color)


def _build(rng: np.random.Generator, name: str, shape: CarShape, paint: Look) -> ActorModel:
    length, width, height = (
        mean + spread * float(np.clip(rng.normal(), -2.2, 2.2))
        for mean, spread in (shape.length_m, shape.width_m, shape.height_m))
    half, belt = width / 2.0, shape.belt * height
    axles = (-.29 * length, .315 * length)
    nose, sill = length / 2.0, .24 if shape.wheel_m > .35 else .19
    lines = _lines(shape, length, half, height)
    trim = parts.TRIM if rng.random() < .2 else paint
    looks = (paint, parts.GLASS, parts.TRIM, parts.HEADLIGHT, parts.TAILLIGHT, trim)
    inside = half - .24
    return parts.centred(name, ObjectClass.CAR, [
        *(_rear_doors(rng, nose, half, height) if len(shape.panes) == 1 else ()),
        parts.hull(lines, looks, _table(shape)),
        box((length - .5, 2.0 * inside, .2), (0, 0, sill + .11), parts.TRIM),
        *parts.wheels(axles, half * .965, shape.wheel_m),
        parts.front_panel(nose + .004, (-.44 * half, .44 * half), (belt * .50, belt * .66),
                          parts.TRIM),
        parts.front_panel(nose + .004, (-.56 * half, .56 * half), (belt * .34, belt * .44),
                          parts.TRIM),
        *parts.plates(rng, (-nose - .006, nose + .008), belt * .53 if not shape.has_bed else .5),
        *parts.mirrors((nose - length * (shape.hood + .055), half + .07, belt + .05),
                       (.11, .19, .13), paint),
    ])


def _rear_doors(
    rng: np.random.Generator, nose: float, half: float, height: float
) -> list[Mesh]:
    """Make the gap between a van's rear doors and, on some, their windows."""
    gap = parts.rear_panel(-nose - .004, (-.012, .012), (.5, .93 * height), parts.TRIM)
    if rng.random() < .4:
        return [gap]
    z = .58 * height, .84 * height
    return [gap, *(parts.rear_panel(-nose - .006, y, z, parts.GLASS)
                   for y in ((-.66 * half, -.08), (.08, .66 * half)))]


def _table(shape: CarShape) -> NDArray[np.int64]:
    """Give what the strips between the stations are made of."""
    table = np.full((_STATIONS - 1, 6), _PAINT)
    table[:, 5] = _TRIM
    table[list(shape.panes), 2] = _GLASS
    table[7, 2] = _TRIM  # the B pillar
    table[9, 3:5] = _GLASS  # the windscreen
    window = 4 if shape.has_bed else 2
    if len(shape.panes) > 1:
        table[window, 3:5] = _GLASS
    if shape.has_bed:
        table[1:4, 2:5] = _TRIM
    table[14, 1], table[0, 1] = _HEADLIGHT, _TAILLIGHT
    table[[0, 14], 0] = _TAILLIGHT + 1  # bumpers
    return table


def _lines(shape: CarShape, length: float, half: float, height: float) -> NDArray[np.float64]:
    """Give the left half of a hull (16, 5, 3): sill, shoulder, belt, roof edge, crown."""
    belt, radius, nose = shape.belt * height, shape.wheel_m, length / 2.0
    low = .24 if radius > .35 else .19
    sill = np.concatenate([
        [(-nose, low + .20), (-nose + .10, low + .05)], parts.arch(-.29 * length, radius, low),
        [(-.05, low), (.05, low)], parts.arch(.315 * length, radius, low),
        [(nose - .15, low + .03), (nose, low + .16)]])
    plan = np.ones(_STATIONS)
    plan[[0, 1, -2, -1]] = .84, .965, .955, .66
    shoulder = max(.66 * belt, 2.17 * radius + .03)
    shoulders = np.full(_STATIONS, shoulder)
    shoulders[[0, -2, -1]] = .70 * belt, min(shoulder, .66 * belt), .56 * belt
    upper = _bed(shape, length, height) if shape.has_bed else _cabin(shape, length, height)
    x_belt, z_belt, x_top, rise = upper.T
    edge = np.where(rise > .2, shape.roof_width, .86)
    is_roof = rise > .2
    z_edge = z_belt + np.where(is_roof, rise - .075, rise * .6)
    lines = np.empty((_STATIONS, 5, 3))
    lines[:, 0] = np.column_stack([sill[:, 0], plan * half * .95, sill[:, 1]])
    lines[:, 1] = np.column_stack([sill[:, 0], plan * half, shoulders])
    lines[:, 2] = np.column_stack([x_belt, plan * half * .965, z_belt])
    lines[:, 3] = np.column_stack([x_top, plan * half * edge, z_edge])
    lines[:, 4] = np.column_stack([x_top, plan * half * edge * .62, z_belt + rise])
    return lines


def _cabin(shape: CarShape, length: float, height: float) -> NDArray[np.float64]:
    """Give x and z of the belt, x of the roof and its height above the belt: (16, 4)."""
    belt, nose = shape.belt * height, length / 2.0
    rear, front = -nose + shape.boot * length, nose - shape.hood * length
    roof_rear, roof_front = rear + shape.rear_rake * length, front - shape.front_rake * length
    roof = height - belt
    pillar = front - 1.25 if len(shape.panes) > 1 else front - 1.05
    quarter = rear + (pillar - rear) * .40
    if shape.panes == (5, 6, 8):
        quarter = rear + min(.30 * (pillar - rear), .45)
    b_top = min(pillar - .03, roof_front - .25)
    is_notched = shape.boot > .1
    return np.array([
        (-nose, belt * (.86 if is_notched else .90), -nose, .0),
        (-nose + .05, belt * (.99 if is_notched else 1.02), -nose + .05, .01),
        (rear, belt * 1.02, rear + .02, .03),
        (rear + .05, belt * 1.02, roof_rear, roof * .94 - .01),
        (rear + .22, belt * 1.02, roof_rear + .13, roof * .98 - .01),
        (quarter, belt * 1.015, max(quarter - .1, roof_rear + .3), roof),
        (quarter + .09, belt * 1.01, max(quarter - .03, roof_rear + .37), roof),
        (pillar, belt, b_top, roof), (pillar + .09, belt, b_top + .08, roof),
        (front - .10, belt * .99, roof_front, roof * .96),
        *_hood(front, nose, belt),
    ])


def _bed(shape: CarShape, length: float, height: float) -> NDArray[np.float64]:
    """Give the same of a pickup."""
    belt, nose = shape.belt * height, length / 2.0
    rear, front = -nose + shape.boot * length, nose - shape.hood * length
    roof_front, roof = front - shape.front_rake * length, height - belt
    pillar = (rear + front) / 2.0 - .05
    return np.array([
        (-nose, belt * .97, -nose, .0), (-nose + .07, belt, -nose + .07, .0),
        (-nose + .08, belt, -nose + .08, -.3), (rear - .01, belt, rear - .01, -.3),
        (rear, belt, rear, .02), (rear + .03, belt, rear + .08, roof * .96),
        (rear + .14, belt, rear + .2, roof),
        (pillar, belt, pillar - .02, roof), (pillar + .1, belt, pillar + .07, roof),
        (front - .10, belt, roof_front, roof * .97),
        *_hood(front, nose, belt),
    ])


def _hood(front: float, nose: float, belt: float) -> list[tuple[float, float, float, float]]:
    """Give the stations from the foot of the windscreen to the nose."""
    span = nose - front
    shares = ((0.0, .985, .035), (.35, .955, .05), (.62, .925, .05), (.84, .88, .045))
    rows = [(front + share * span, belt * up, front + share * span, rise)
            for share, up, rise in shares]
    return [*rows, (nose - .09, belt * .80, nose - .07, .03), (nose, belt * .70, nose, .0)]


