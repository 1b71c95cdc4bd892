# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What comes back of a laser pulse: how strongly surfaces answer, and what the air takes and adds.
"""

from __future__ import annotations

from dataclasses import dataclass
import math
from typing import NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.materials import (
    laser_table,
    Material,
    PAINT_REFLECTIVITY,
    PAINT_RETRO,
    SURFACE_REFLECTIVITY,
)
from mm_fusion_ros.sim.render.weather import extinction_per_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.render.rays import FaceTable, Hits
    from mm_fusion_ros.sim.render.scene import Scene

TARGET_REFLECTIVITY = 0.1  # of the target that `power_range_m` speaks of
_MEDIUM_BRIGHTNESS = 0.45  # of a face colour, at which a reflectivity is as listed
_RETRO_GAIN = 10.0  # of a perfect retro-reflector, over a matt white surface
_GLOSS_SQUARINGS = 6  # of the cosine: a mirror's flash fades within about 10 degrees
_SEEN_POWER = 3.0  # how suddenly a target is lost as its signal fades
_WET_SHARE, _WET_RAIN_MMPH = 0.45, 4.0  # what the ground loses when it is wet, and since when
_DROP_SHARE = 8e-4  # of the pulses that meet a near drop, for each mm/h
_FOG_M = 1000.0
_FOG_SHARE = 1.9  # of the pulses that fog throws back, for each 1/m of extinction
_NEAR_SCATTER_M = 3.0  # how far away that typically is


@dataclass(frozen=True, slots=True)
class Air:
    """
    What is between sensor and world.

    Attributes
    ----------
    rain_mmph : float
        mm/h; 2 is light, 10 is heavy.
    visibility_m : float
        Where contrast falls to 2 %, by rain too, m; below 1000 it is fog.

    """

    rain_mmph: float = 0.0
    visibility_m: float = math.inf

    @property
    def extinction_per_m(self) -> float:
        """Share of the light lost on each metre."""
        return extinction_per_m(self.visibility_m)

    @property
    def scatter_share(self) -> float:
        """Share of the pulses that come back from the air itself."""
        fog = self.extinction_per_m if self.visibility_m < _FOG_M else 0.0
        return 1.0 - math.exp(-_FOG_SHARE * fog - _DROP_SHARE * self.rain_mmph)

    @property
    def ground_share(self) -> float:
        """How much of its dry reflectivity the ground keeps."""
        return 1.0 - _WET_SHARE * min(self.rain_mmph / _WET_RAIN_MMPH, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Reflectors:
    """
    How each of the F faces of a scene answers.

    Attributes
    ----------
    diffuse, loss, retro, falloff, gloss : (F,) float32
        As in `LaserResponse`; `diffuse` for the face's own colour.
    is_ground : (F,) bool
        Whether the map of the ground says the rest.

    """

    diffuse: NDArray[np.float32]
    loss: NDArray[np.float32]
    retro: NDArray[np.float32]
    falloff: NDArray[np.float32]
    gloss: NDArray[np.float32]
    is_ground: NDArray[np.bool_]

    @classmethod
    def of(cls, faces: FaceTable) -> Reflectors:
        """Look all faces up."""
        reflectivity, by_color, loss, retro, falloff, gloss = laser_table().T
        of = faces.materials
        brightness = faces.colors.mean(axis=1, dtype=np.float32) / (255.0 * _MEDIUM_BRIGHTNESS)
        colored = 1.0 + by_color[of] * (brightness - 1.0)
        return cls(
            reflectivity[of] * colored, loss[of], retro[of], falloff[of], gloss[of],
            of == Material.GROUND)


class Answers(NamedTuple):
    """
    What M surfaces do with a pulse.

    Attributes
    ----------
    strengths : (M,) float32
        What comes back, in shares of what a matt white surface met squarely gives.
    losses : (M,) float32
        Share of the pulses that do not come back, whatever the range.

    """

    strengths: NDArray[np.float32]
    losses: NDArray[np.float32]


def answers(
    scene: Scene, reflectors: Reflectors, hits: Hits, rows: NDArray[np.intp], air: Air
) -> Answers:
    """Give how the surfaces that some rays hit answer."""
    faces = hits.faces[rows]
    diffuse, retro = reflectors.diffuse[faces], reflectors.retro[faces]
    ground = np.flatnonzero(reflectors.is_ground[faces])
    if len(ground):
        on = scene.ground.at(hits.positions(rows[ground]))
        paint = on.paint * np.float32(1.0 / 255.0)
        bare = SURFACE_REFLECTIVITY[on.surface]
        diffuse[ground] = (bare + paint * (PAINT_REFLECTIVITY - bare)) * air.ground_share
        retro[ground] = paint * PAINT_RETRO * air.ground_share
    cosines = -np.einsum('ni,ni->n', hits.normals[rows], hits.directions[rows])
    np.clip(cosines, 1e-3, 1.0, out=cosines)
    strengths = diffuse * cosines ** reflectors.falloff[faces]
    strengths += np.float32(_RETRO_GAIN) * retro * cosines
    for _ in range(_GLOSS_SQUARINGS):
        cosines *= cosines
    strengths += reflectors.gloss[faces] * cosines
    return Answers(strengths, reflectors.loss[faces])


def signals(
    strengths: NDArray[np.float32], distances: NDArray[np.float32], power_range_m: float,
    air: Air,
) -> NDArray[np.float32]:
    """Give the received power (M,), in multiples of what is seen every other time."""
    reach = np.float32(power_range_m) / distances
    signal: NDArray[np.float32] = strengths * reach * reach
    signal *= np.float32(1.0 / TARGET_REFLECTIVITY)
    if air.extinction_per_m > 0.0:
        signal *= np.exp(distances * np.float32(-2.0 * air.extinction_per_m))
    return signal


def are_seen(
    signal: NDArray[np.float32], losses: NDArray[np.float32], chances: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Tell which returns (M,) are found in the noise, for uniformly random chances (M,)."""
    signal = signal**_SEEN_POWER
    return np.asarray(chances * (1.0 + signal) < (1.0 - losses) * signal)


def scattered(
    limits: NDArray[np.float32], nearest_m: float, air: Air, rng: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """
    Find pulses that drops throw back before they arrive.

    Parameters
    ----------
    limits : (N,) float32
        How far they would go, m.
    nearest_m : float
        From where on drops are noticed, m.
    air : Air
        What they go through.
    rng : Generator
        Chance.

    Returns
    -------
    rows : (S,) intp
        Which.
    distances : (S,) float32
        From where, m.

    """
    count = rng.binomial(len(limits), air.scatter_share)
    rows = np.sort(rng.choice(len(limits), count, replace=False, shuffle=False))
    away = nearest_m + rng.exponential(_NEAR_SCATTER_M, count).astype(np.float32)
    on_the_way = away < limits[rows]
    return rows[on_the_way], away[on_the_way].astype(np.float32)
