# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What a camera needs to know of every face of a scene, worked out once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.render.patterns import MATERIAL_PATTERNS, Pattern
from mm_fusion_ros.sim.render.posters import Posters
from mm_fusion_ros.sim.render.signal_lamps import SignalLamps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mm_fusion_ros.sim.render.rays import FaceTable
    from mm_fusion_ros.sim.world.streets import Signal

_SRGB = np.arange(256) / 255.0
LINEAR = np.where(_SRGB <= .04045, _SRGB / 12.92, ((_SRGB + .055) / 1.055) ** 2.4).astype(
    np.float32)

# Share of light mirrored at a right angle; 0 for what does not shine.
_MIRRORED = {Material.CAR_PAINT: .05, Material.GLASS: .09, Material.FACADE_WINDOW: .14}
# What is seen through panes, and between leaves, is darker than their colour says.
_ALBEDO_FACTORS = {Material.GLASS: .35, Material.FACADE_WINDOW: .6, Material.FOLIAGE: .62}
_LIT_WINDOWS = .22  # share of them, at night
_WINDOW_GLOW = .05
_LAMP_GLOWS = {Material.HEADLIGHT: 3.0, Material.TAILLIGHT: .8, Material.LAMP: 2.0}
_SIGNAL_GLOW = np.float32(3.0)  # by day, too
RETRO_GAIN = 15.0  # as bright in one's own headlights as so many white walls


def by_material(values: dict[Material, float], otherwise: float) -> NDArray[np.float32]:
    """Give a table of one value for each material."""
    return np.array([values.get(material, otherwise) for material in Material], np.float32)


class Skin:
    """
    Looks of F faces.

    Parameters
    ----------
    faces : FaceTable
        Of a scene.
    origin : (3,) float64
        Of the scene, in the world, m.
    signals : sequence of Signal
        Traffic lights of the world.
    are_lights_on : bool
        Of vehicles, streets and houses.

    Attributes
    ----------
    faces : FaceTable
        As given.
    albedo : (3, F) float32
        Linear.
    patterns : (F,) int32
        Rows of the fine tiles.
    mirrored : (F,) float32
        Share of light mirrored at a right angle, 0 for dull faces.
    retro : (F,) float32
        Factor of one's own headlights' light.
    posters : Posters
        What is on them.

    """

    def __init__(
        self, faces: FaceTable, origin: NDArray[np.float64], signals: Sequence[Signal],
        *, are_lights_on: bool,
    ) -> None:
        self.faces = faces
        kinds = faces.materials
        self.albedo = LINEAR[faces.colors.T] * by_material(_ALBEDO_FACTORS, 1.0)[kinds]
        self.patterns = by_material(
            {material: float(pattern) for material, pattern in MATERIAL_PATTERNS.items()},
            float(Pattern.PLAIN))[kinds].astype(np.int32)
        self.mirrored = by_material(_MIRRORED, 0.0)[kinds]
        self.retro = by_material({Material.RETROREFLECTOR: RETRO_GAIN,
                                  Material.TAILLIGHT: RETRO_GAIN / 4}, 1.0)[kinds]
        strength = by_material(_LAMP_GLOWS, 0.0)[kinds] * np.float32(are_lights_on)
        self._glow: NDArray[np.float32] = LINEAR[faces.colors.T] * strength
        self.posters = Posters(faces, origin)
        self._signals = SignalLamps(faces, origin, signals)
        self._signal_glow = LINEAR[faces.colors[self._signals.faces].T] * _SIGNAL_GLOW
        self.albedo[:, self._signals.faces] *= .3
        self._dress_windows(origin, is_lit=are_lights_on)

    def glow(self, time_s: float) -> NDArray[np.float32]:
        """Give the radiance (3, F) that faces have of their own."""
        self._glow[:, self._signals.faces] = self._signal_glow * self._signals.are_lit(time_s)
        return self._glow

    def _dress_windows(self, origin: NDArray[np.float64], *, is_lit: bool) -> None:
        faces = self.faces
        windows = np.flatnonzero(faces.materials == Material.FACADE_WINDOW)
        # Both triangles of a pane begin at one corner.
        place = np.rint((faces.corners[windows, 0] + origin) * 8.0).astype(np.int64)
        chance = _hash(place)
        # Panes stand at their own angles, open or shut, with curtains behind some.
        self.mirrored[windows] *= .5 + 2.5 * ((chance * 331.0) % 1.0) ** 2
        self.albedo[:, windows] *= np.where((chance * 113.0) % 1.0 < .3, 5.0, .6)
        strength = np.where(chance < _LIT_WINDOWS, .25 + chance / _LIT_WINDOWS, 0.0)
        warmth = (chance * 997.0) % 1.0
        color = np.stack([np.ones(len(windows)), .62 + .28 * warmth, .28 + .5 * warmth])
        self._glow[:, windows] = color * strength * (_WINDOW_GLOW * is_lit)


def _hash(places: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give each place (N, 3) a number in [0, 1) of its own."""
    mixed = places @ np.array([73856093, 19349663, 83492791])
    mixed ^= mixed >> 13
    mixed *= 0x5BD1E995
    mixed ^= mixed >> 15
    return np.asarray((mixed & 0xFFFFFF) / float(1 << 24))
