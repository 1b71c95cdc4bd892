# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What surfaces are made of: how they answer to a laser and to light. Colours are per face.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from enum import IntEnum

import numpy as np


class Material(IntEnum):
    """
    What a face is made of.

    GROUND stands for whatever the map of the ground says lies at that place (`Surface`).
    """

    GROUND = 0
    CAR_PAINT = 1
    GLASS = 2  # windows of vehicles: a laser mostly passes, a camera sees the sky in it
    RUBBER = 3
    METAL = 4  # galvanised: poles, rails, rims
    PLASTIC = 5
    CLOTH = 6
    SKIN = 7
    FOLIAGE = 8
    BARK = 9
    BRICK = 10
    PLASTER = 11
    CONCRETE = 12
    WOOD = 13
    FACADE_WINDOW = 14  # window panes of buildings
    ROOF_TILE = 15
    RETROREFLECTOR = 16  # traffic signs, number plates, reflective stripes
    HEADLIGHT = 17
    TAILLIGHT = 18
    POSTER = 19  # a picture: camera sees things in it, LiDAR a plane
    LAMP = 20  # glows at night: street lamps, signals, signs lit from inside


class Surface(IntEnum):
    """What lies on the ground at a place; values of `GroundMap.surface`."""

    GRASS = 0
    ASPHALT = 1
    SIDEWALK = 2
    KERB = 3
    GRAVEL = 4
    SOIL = 5


@dataclass(frozen=True, slots=True)
class LaserResponse:
    """
    How a surface answers to a near-infrared laser.

    Attributes
    ----------
    reflectivity : float
        Diffuse, 0 to 1, for a face colour of medium brightness.
    by_color : float
        How much of it goes with the brightness of the face's colour, 0 (not) to 1 (in
        proportion): dark cars hardly answer, foliage always does.
    loss : float
        Share of the pulses that come back as nothing, whatever the range.
    retro : float
        Share of the pulse sent straight back, whatever the angle; a sign gives about 1.
    falloff : float
        Power of the cosine of incidence that the answer goes with: 1 for a matt surface, near 0
        for a rough one, which shows its facets, more for a smooth one, which mirrors.
    gloss : float
        What a mirror adds where it is met squarely.

    """

    reflectivity: float
    by_color: float = 0.0
    loss: float = 0.0
    retro: float = 0.0
    falloff: float = 1.0
    gloss: float = 0.0


LASER_RESPONSES: dict[Material, LaserResponse] = {
    Material.GROUND: LaserResponse(0.25, falloff=0.25),  # see SURFACE_REFLECTIVITY
    Material.CAR_PAINT: LaserResponse(0.13, by_color=0.9, loss=0.02, falloff=1.5, gloss=0.40),
    Material.GLASS: LaserResponse(0.05, loss=0.65, falloff=1.5, gloss=0.4),
    Material.RUBBER: LaserResponse(0.05, falloff=0.5),
    Material.METAL: LaserResponse(0.45, loss=0.02, gloss=0.5),
    Material.PLASTIC: LaserResponse(0.12, by_color=0.7),
    Material.CLOTH: LaserResponse(0.27, by_color=0.4, falloff=0.5),
    Material.SKIN: LaserResponse(0.35, falloff=0.7),
    Material.FOLIAGE: LaserResponse(0.25, loss=0.05, falloff=0.5),
    Material.BARK: LaserResponse(0.25, falloff=0.5),
    Material.BRICK: LaserResponse(0.22, by_color=0.3, falloff=0.5),
    Material.PLASTER: LaserResponse(0.25, by_color=0.5, falloff=0.7),
    Material.CONCRETE: LaserResponse(0.23, falloff=0.5),
    Material.WOOD: LaserResponse(0.25, by_color=0.3, falloff=0.5),
    Material.FACADE_WINDOW: LaserResponse(0.08, loss=0.35, falloff=1.0, gloss=0.4),
    Material.ROOF_TILE: LaserResponse(0.25, by_color=0.3, falloff=0.5),
    Material.RETROREFLECTOR: LaserResponse(0.60, retro=1.0),
    Material.HEADLIGHT: LaserResponse(0.15, loss=0.3, retro=0.03),
    Material.TAILLIGHT: LaserResponse(0.15, loss=0.1, retro=0.05),
    Material.POSTER: LaserResponse(0.28),
    Material.LAMP: LaserResponse(0.30, loss=0.3),
}

# Near-infrared reflectivity of each Surface; paint on it adds up to PAINT_RETRO straight back.
SURFACE_REFLECTIVITY = np.array([0.28, 0.20, 0.25, 0.25, 0.23, 0.21], np.float32)
PAINT_REFLECTIVITY, PAINT_RETRO = 0.35, 0.02


def laser_table() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Give the fields of each material's `LaserResponse`, in order: (M, 6) float32."""
    return np.array([astuple(LASER_RESPONSES[material]) for material in Material], np.float32)
