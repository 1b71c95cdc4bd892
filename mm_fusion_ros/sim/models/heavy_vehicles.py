# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Trucks, under which one sees through between the axles, and buses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.models import vehicle_parts as parts
from mm_fusion_ros.sim.models.shapes import across, box, Color, loft, Look, panel, pick, tube

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mm_fusion_ros.sim.actor_model import ActorModel
    from mm_fusion_ros.sim.mesh import Mesh

_HALF_M = 1.25  # of the width of all of them
_DECK_M = 1.10
_WHEEL_M = 0.50
_CARGOS: tuple[Color, ...] = (
    (234, 234, 232), (234, 234, 232), (58, 92, 150), (176, 58, 48), (192, 192, 188),
    (226, 176, 60), (60, 120, 84),
)
_BUSES: tuple[Color, ...] = (
    (198, 40, 36), (236, 190, 40), (230, 230, 228), (38, 108, 178), (60, 140, 84), (120, 124, 130),
)
_MARKING = Look(Material.RETROREFLECTOR, (214, 60, 46))
_STEEL = Look(Material.METAL, (150, 152, 154))


def truck(rng: np.random.Generator, kind: str = '') -> ActorModel:
    """Make a truck, of any kind unless one of TRUCK_KINDS is named."""
    kind = kind or str(rng.choice(list(TRUCK_KINDS)))
    color = pick(_CARGOS, rng) if rng.random() < .5 else parts.paint(rng).color
    return parts.centred(
        kind, ObjectClass.TRUCK, TRUCK_KINDS[kind](rng, Look(Material.CAR_PAINT, color)))


def bus(rng: np.random.Generator, kind: str = '') -> ActorModel:
    """Make a 'city bus' or a 'coach', any unless named."""
    kind = kind or str(rng.choice(['city bus', 'coach']))
    is_coach = kind == 'coach'
    length = rng.uniform(10.4, 12.6)
    height = rng.uniform(3.4, 3.75) if is_coach else rng.uniform(2.95, 3.2)
    nose, belt = length / 2.0, 1.65 if is_coach else 1.05
    axles = (-.27 * length, .5 * length - 2.7)
    paint = Look(Material.CAR_PAINT, pick(_BUSES, rng))
    table = np.zeros((14, 6), int)
    table[:, 5] = 1
    lines = _bus_lines(length, height, belt, axles)
    top = height - .42
    meshes = [
        parts.hull(lines, (paint, parts.TRIM), table),
        box((length - 1.0, 1.9, .3), (0, 0, .45), parts.TRIM),
        *parts.wheels(axles, 1.24, .48, .3),
        *_bus_panes(rng, nose, (belt, top), is_coach=is_coach),
        parts.rear_panel(-nose - .012, (-1.0, 1.0), (belt + .3, top), parts.GLASS),
        *_lights(nose, .75), *parts.plates(rng, (-nose - .02, nose + .02), .42),
        *parts.mirrors((nose - .05, 1.40, height - .75), (.12, .22, .42), parts.TRIM),
        box((2.4, 1.5, .22), (-.15 * length, 0, height + .08), Look(
            Material.PLASTIC, (206, 206, 204))),
    ]
    # The windscreen leans as the front does.
    low, high = lines[-1, 2] + (.012, -.08, .0), lines[-1, 3] + (.022, -.06, -.3)
    flip = np.array((1.0, -1.0, 1.0))
    meshes.append(panel([low * flip, low, high, high * flip], parts.GLASS))
    shown = Look(Material.LAMP, (240, 160, 40))
    meshes.append(parts.front_panel(
        float(high[0]) + .02, (-.7, .7), (float(high[2]) + .03, float(high[2]) + .24), shown))
    return parts.centred(kind, ObjectClass.BUS, meshes)


def _bus_lines(
    length: float, height: float, belt: float, axles: tuple[float, float]
) -> NDArray[np.float64]:
    """Give the left half of the hull (15, 5, 3): sill, skirt, belt, roof edge, crown."""
    nose = length / 2.0
    sill = np.concatenate([
        [(-nose, .42), (-nose + .15, .34)], parts.arch(axles[0], .48, .32), [(0.0, .32)],
        parts.arch(axles[1], .48, .32), [(nose - .25, .34), (nose, .40)]])
    plan = np.full(len(sill), 1.26)
    plan[[0, -2, -1]] = 1.22, 1.26, 1.12
    lean = np.zeros(len(sill))
    lean[-2:] = .08, .16  # at the roof
    lines = np.empty((len(sill), 5, 3))
    rows = ((.0, 1.0), (1.10, 1.0), (max(belt, 1.15), 1.0), (height - .22, .97), (height, .80))
    for row, (z, width) in enumerate(rows):
        z_row = sill[:, 1] if not row else np.full(len(sill), z)
        back = lean * (z_row - sill[:, 1]) / (height - sill[:, 1])
        lines[:, row] = np.column_stack([sill[:, 0] - back, plan * width, z_row])
    return lines


def _bus_panes(
    rng: np.random.Generator, nose: float, z_m: tuple[float, float], *, is_coach: bool
) -> list[Mesh]:
    """Glaze the sides; a city bus has doors on its right."""
    panes = []
    count = int(rng.integers(6, 8))
    step = (2.0 * nose - 2.3) / count
    for k in range(count):
        rear = -nose + .4 + k * step
        is_door = k == count // 2 and not is_coach
        panes += _bay((rear, rear + step - .1), z_m, is_door=is_door)
    return [*panes, *_bay((nose - 1.75, nose - .55), z_m, is_door=True)]


def _bay(
    x_m: tuple[float, float], z_m: tuple[float, float], *, is_door: bool
) -> list[Mesh]:
    """Make a window on the left and, on the right, another or a door."""
    window, left = parts.side_panels(x_m, z_m, 1.268, parts.GLASS)
    door, _ = parts.side_panels(x_m, (.45, z_m[1]), 1.268, parts.GLASS)
    return [door if is_door else window, left]


def _cab(rng: np.random.Generator, nose: float, height: float, paint: Look) -> list[Mesh]:
    """Make a cab over its engine, 2.1 m long, with its front at x = nose."""
    low, lean, rear = .55, rng.uniform(.08, .28), nose - 2.1
    side = [(rear, low), (nose - .05, low), (nose, .8), (nose, 1.45), (nose - lean, height - .2),
            (nose - lean - .3, height), (rear, height)]
    top = min(height - .35, 2.65)
    back = lean * (top - 1.45) / (height - 1.65)
    glass_low, glass_high = nose + .015, nose - back + .015
    return [
        across(side, _HALF_M - .02, paint),
        panel([(glass_low, -1.12, 1.5), (glass_low, 1.12, 1.5), (glass_high, 1.10, top),
               (glass_high, -1.10, top)], parts.GLASS),
        *parts.side_panels((nose - 1.45, nose - lean - .12), (1.5, top - .05), _HALF_M - .008,
                           parts.GLASS),
        parts.front_panel(nose + .01, (-.95, .95), (.95, 1.40), parts.TRIM),
        box((.25, 2.44, .40), (nose - .08, 0, .62), parts.TRIM),
        *(parts.front_panel(nose + .052, y, (.55, .76), parts.HEADLIGHT)
          for y in ((-1.15, -.72), (.72, 1.15))),
        *parts.mirrors((nose - .12, _HALF_M + .14, 2.05), (.10, .22, .62), parts.TRIM),
        *(box((.85, .06, .50), (nose - 1.3, y, .72), parts.TRIM) for y in (-1.2, 1.2)),
    ]


def _chassis(
    rng: np.random.Generator, ends: tuple[float, float], axles: tuple[float, ...]
) -> list[Mesh]:
    """Make the frame between two ends, wheels, rear lights and under-run bar."""
    rear, front = ends
    middle, length = (rear + front) / 2.0, front - rear
    return [
        box((length, .85, .24), (middle, 0, .92), parts.TRIM),
        *parts.wheels(axles, _HALF_M - .02, _WHEEL_M, .45, sides=8 if len(axles) > 2 else 12),
        box((.10, 2.3, .14), (rear + .10, 0, .52), parts.TRIM),
        *(parts.rear_panel(rear - .012, y, (.84, .98), parts.TAILLIGHT)
          for y in ((-1.15, -.75), (.75, 1.15))),
        box((.10, 2.4, .24), (rear + .045, 0, .90), parts.TRIM),
        *parts.plates(rng, (rear - .012, front + .03), .70)[:2],
    ]


def _lights(nose: float, z_m: float) -> list[Mesh]:
    """Make head and tail lights."""
    lights = []
    for y in ((-1.08, -.70), (.70, 1.08)):
        lights.append(parts.front_panel(nose + .012, y, (z_m - .1, z_m + .1), parts.HEADLIGHT))
        lights.append(parts.rear_panel(-nose - .012, y, (z_m, z_m + .35), parts.TAILLIGHT))
    return lights


def _load(rear: float, front: float, top: float, look: Look) -> list[Mesh]:
    """Make a closed body on the deck, with reflecting marks around its back."""
    return [
        box((front - rear, 2.0 * _HALF_M + .04, top - _DECK_M),
            ((rear + front) / 2.0, 0, (top + _DECK_M) / 2.0), look),
        *(parts.rear_panel(rear - .012, (-1.22, 1.22), z, _MARKING)
          for z in ((_DECK_M + .04, _DECK_M + .10), (top - .12, top - .06))),
        parts.rear_panel(rear - .01, (-.015, .015), (_DECK_M + .1, top - .12), parts.TRIM),
        *parts.side_panels((rear + .1, front - .1), (_DECK_M + .04, _DECK_M + .09),
                           _HALF_M + .028, _MARKING),
    ]


def _box_truck(rng: np.random.Generator, paint: Look) -> list[Mesh]:
    cargo = rng.uniform(4.6, 7.2)
    nose, front = (cargo + 2.25) / 2.0, (cargo + 2.25) / 2.0 - 2.25
    look = Look(Material.PLASTIC, pick(_CARGOS, rng))
    return [
        *_cab(rng, nose, rng.uniform(2.5, 3.0), paint),
        *_load(-nose, front, rng.uniform(3.2, 3.8), look),
        *_chassis(rng, (-nose, nose - .4), (nose - 1.25, -nose + 1.7)),
        tube((front - 1.9, 1.0, .75), (front - .8, 1.0, .75), (.25, .25), _STEEL, 8),
    ]


def _tipper(rng: np.random.Generator, paint: Look) -> list[Mesh]:
    cargo = rng.uniform(4.2, 5.8)
    nose, front = (cargo + 2.3) / 2.0, (cargo + 2.3) / 2.0 - 2.3
    top = rng.uniform(2.0, 2.6)
    look = Look(Material.METAL, pick(((150, 128, 70), (120, 126, 130), (150, 70, 40)), rng))
    middle = (front - nose) / 2.0
    low, high = cargo / 2.0 - .12, cargo / 2.0
    rings = [
        [(middle - length, -half, z), (middle + length, -half, z), (middle + length, half, z),
         (middle - length, half, z)]
        for length, half, z in ((low, 1.12, _DECK_M), (high, _HALF_M, top))]
    inner = np.array(rings[1]) * (1.0, .93, 1.0) + np.array(
        [(.08, 0, .0), (-.08, 0, .0), (-.08, 0, .0), (.08, 0, .0)])
    sand = Look(Material.CONCRETE, (150, 128, 96))
    heap = [inner - (0, 0, .25), (inner - (middle, 0, 0)) * (.5, .3, 1.0) + (middle, 0, .1)]
    ribs = [box((.08, 2.0 * _HALF_M, top - _DECK_M), (x, 0, (top + _DECK_M) / 2.0), look)
            for x in np.linspace(-nose + .3, front - .3, 5)]
    return [
        *_cab(rng, nose, rng.uniform(2.6, 3.0), paint),
        loft([*rings, inner, heap[0]], look), loft(heap, sand), *ribs,
        *_chassis(rng, (-nose, nose - .4), (nose - 1.25, -nose + 1.0, -nose + 2.35)),
    ]


def _tanker(rng: np.random.Generator, paint: Look) -> list[Mesh]:
    cargo = rng.uniform(5.0, 6.5)
    nose, front = (cargo + 2.5) / 2.0, (cargo + 2.5) / 2.0 - 2.5
    angles = np.linspace(0.0, 2.0 * np.pi, 14, endpoint=False)
    ring = np.stack([0.0 * angles, 1.22 * np.cos(angles), 2.05 + .88 * np.sin(angles)], axis=1)
    middle = np.array((0.0, 0.0, 2.05))
    drum = [np.array((x, 0, 0)) + middle + scale * (ring - middle)
            for x, scale in ((-nose, .8), (-nose + .2, 1.0), (front - .2, 1.0), (front, .8))]
    steel = Look(Material.METAL, pick(((196, 198, 200), (226, 226, 222), (190, 60, 44)), rng))
    return [
        *_cab(rng, nose, rng.uniform(2.6, 3.0), paint), loft(drum, steel),
        box((cargo * .7, .5, .12), (-1.2, 0, 2.96), parts.TRIM),
        *(box((.3, 1.6, .5), (x, 0, 1.2), parts.TRIM) for x in (-nose + 1.0, front - .8)),
        *_chassis(rng, (-nose, nose - .4), (nose - 1.25, -nose + 1.1, -nose + 2.45)),
    ]


def _articulated(rng: np.random.Generator, paint: Look) -> list[Mesh]:
    cargo = rng.uniform(11.0, 13.6)
    nose = (cargo + 2.9) / 2.0
    front = -nose + cargo
    look = Look(Material.PLASTIC, pick(_CARGOS, rng))
    bogie = tuple(-nose + 2.2 + 1.31 * k for k in range(3))
    return [
        *_cab(rng, nose, rng.uniform(3.3, 3.85), paint),
        *_load(-nose, front, rng.uniform(3.75, 4.0), look),
        *_chassis(rng, (-nose, front - .6), bogie),
        box((4.6, .85, .24), (nose - 2.8, 0, .80), parts.TRIM),
        *parts.wheels((nose - 1.4, nose - 4.9), _HALF_M - .02, _WHEEL_M, .5, sides=8),
        *(tube((nose - 3.9, y, .70), (nose - 2.6, y, .70), (.28, .28), _STEEL, 8)
          for y in (-.95, .95)),
        *(box((.12, .12, .8), (front - 3.0, y, .72), parts.TRIM) for y in (-.7, .7)),
    ]


TRUCK_KINDS: dict[str, Callable[[np.random.Generator, Look], list[Mesh]]] = {
    'box truck': _box_truck, 'tipper': _tipper, 'tanker': _tanker,
    'articulated truck': _articulated,
}
