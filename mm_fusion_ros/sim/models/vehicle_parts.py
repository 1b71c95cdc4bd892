# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What all vehicles have: paint, a hull, wheels in arches, lights, plates, mirrors.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.actor_model import ActorModel
from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.mesh import merge, Mesh
from mm_fusion_ros.sim.models.shapes import box, Color, loft, Look, panel, tinted, tube

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import ObjectClass

# Colours on the road and their shares.
_PAINTS: tuple[tuple[Color, float], ...] = (
    ((234, 234, 232), 0.23), ((26, 27, 30), 0.20), ((104, 108, 112), 0.17),
    ((176, 180, 184), 0.13), ((36, 62, 116), 0.10), ((156, 22, 28), 0.08),
    ((66, 78, 92), 0.03), ((40, 72, 52), 0.02), ((200, 152, 40), 0.015), ((120, 92, 70), 0.025),
)
GLASS = Look(Material.GLASS, (34, 41, 47))
TYRE = Look(Material.RUBBER, (24, 24, 25))
RIM = Look(Material.METAL, (122, 124, 128))
TRIM = Look(Material.PLASTIC, (30, 30, 32))
HEADLIGHT = Look(Material.HEADLIGHT, (228, 232, 236))
TAILLIGHT = Look(Material.TAILLIGHT, (158, 16, 18))
_PLATES: tuple[Color, ...] = ((236, 236, 232), (236, 236, 232), (232, 196, 40))


def paint(rng: np.random.Generator) -> Look:
    """Pick the colour of a car, as often as it is on the road."""
    shares = np.array([share for _, share in _PAINTS])
    color = _PAINTS[int(rng.choice(len(_PAINTS), p=shares / shares.sum()))][0]
    return Look(Material.CAR_PAINT, tinted(color, rng))


def hull(
    left: NDArray[np.float64], looks: Sequence[Look], table: NDArray[np.int64]
) -> Mesh:
    """
    Close a body whose left half is given, the same on both sides.

    Parameters
    ----------
    left : (K, R, 3)
        R lines from the sill (first) to the crown of the roof (last), at K stations from the rear
        to the front, y > 0, m.
    looks : sequence of Look
        What the table picks from; the first is that of both ends.
    table : (K - 1, R + 1) int
        Of the strips above each line, that between both crowns, and that below.

    """
    R = left.shape[1]
    mesh = loft(
        np.concatenate([left, left[:, ::-1] * (1.0, -1.0, 1.0)], axis=1), looks[0])
    around = np.concatenate([np.arange(R), np.arange(R - 2, -1, -1), [R]])
    picked = np.repeat(table[:, around].reshape(-1), 2)
    picked = np.concatenate([picked, np.zeros(len(mesh) - len(picked), int)])
    return replace(
        mesh,
        materials=np.array([look.material for look in looks], np.uint8)[picked],
        colors=np.array([look.color for look in looks], np.uint8)[picked],
    )


def arch(axle_m: float, radius_m: float, sill_m: float) -> NDArray[np.float64]:
    """Give x and z (5, 2) of a sill's line over a wheel, m."""
    room = 1.17 * radius_m
    return np.array([
        (axle_m - room, sill_m), (axle_m - .72 * room, radius_m + .70 * room),
        (axle_m, radius_m + room),
        (axle_m + .72 * room, radius_m + .70 * room), (axle_m + room, sill_m),
    ])


def wheels(
    axles_m: Sequence[float], half_m: float, radius_m: float, width_m: float = 0.21,
    sides: int = 12,
) -> list[Mesh]:
    """Make a pair of wheels for each axle, with their outer faces at y = +-half_m."""
    angles = np.linspace(0.0, 2.0 * np.pi, sides - 2, endpoint=False)
    rim = .64 * radius_m * np.stack([np.cos(angles), 0.0 * angles, np.sin(angles)], axis=1)
    parts = []
    for x in axles_m:
        for side in (1.0, -1.0):
            inner, outer = (x, side * (half_m - width_m), radius_m), (x, side * half_m, radius_m)
            parts.append(tube(inner, outer, (radius_m, radius_m), TYRE, sides))
            ring = rim + np.array(outer) + (0.0, side * .003, 0.0)
            parts.append(panel(ring[::-1] if side > 0 else ring, RIM))
    return parts


def front_panel(
    x_m: float, y_m: tuple[float, float], z_m: tuple[float, float], look: Look
) -> Mesh:
    """Make an upright face that looks forward."""
    (right, left), (low, high) = y_m, z_m
    ring = [(x_m, right, low), (x_m, left, low), (x_m, left, high), (x_m, right, high)]
    return panel(ring, look)


def rear_panel(
    x_m: float, y_m: tuple[float, float], z_m: tuple[float, float], look: Look
) -> Mesh:
    """Make an upright face that looks back."""
    return front_panel(x_m, (y_m[1], y_m[0]), z_m, look)


def side_panels(
    x_m: tuple[float, float], z_m: tuple[float, float], half_m: float, look: Look
) -> list[Mesh]:
    """Make a pair of upright faces that look to the left and to the right."""
    (rear, front), (low, high) = x_m, z_m
    ring = np.array([(rear, 0, low), (front, 0, low), (front, 0, high), (rear, 0, high)], float)
    out = np.array((0.0, half_m, 0.0))
    return [panel(ring - out, look), panel(ring[::-1] + out, look)]


def plates(
    rng: np.random.Generator, ends_m: tuple[float, float], height_m: float
) -> list[Mesh]:
    """Make the number plates, at the rear and front ends, on dark grounds."""
    look = Look(Material.RETROREFLECTOR, _PLATES[int(rng.integers(len(_PLATES)))])
    across, up = (-.26, .26), (height_m, height_m + .11)
    wide, tall = (-.31, .31), (height_m - .05, height_m + .15)
    return [
        rear_panel(ends_m[0] + .004, wide, tall, TRIM), rear_panel(ends_m[0], across, up, look),
        front_panel(ends_m[1], across, up, look)]


def mirrors(at_m: tuple[float, float, float], size_m: tuple[float, float, float], look: Look
            ) -> list[Mesh]:
    """Make a pair of mirrors, which boxes leave out."""
    x, y, z = at_m
    return [box(size_m, (x, side * y, z), look, is_body=False) for side in (1.0, -1.0)]


def centred(name: str, object_class: ObjectClass, parts: Sequence[Mesh]) -> ActorModel:
    """Make a model of parts, with its origin below the middle of the body."""
    mesh = merge(parts)
    bodies = mesh.body_vertices()
    middle = (bodies.min(axis=0) + bodies.max(axis=0)) / 2.0
    middle[2] = 0.0
    return ActorModel(name, object_class, (replace(mesh, vertices=mesh.vertices - middle),))
