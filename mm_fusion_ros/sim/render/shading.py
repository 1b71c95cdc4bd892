# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
From what rays hit to the light that comes back along them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.sim.render import coloring, lights, wet_ground
from mm_fusion_ros.sim.render.skin import Skin
from mm_fusion_ros.sim.render.sky import Sky
from mm_fusion_ros.sim.render.surfaces import points, surfaces_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.actor import Actor
    from mm_fusion_ros.sim.render.rays import Hits
    from mm_fusion_ros.sim.render.scene import Scene
    from mm_fusion_ros.sim.render.surfaces import Surfaces, View
    from mm_fusion_ros.sim.render.weather import Weather

_STANDS = (ObjectClass.CAR, ObjectClass.TRUCK, ObjectClass.BUS)  # these darken the ground
_MIRRORED_FLAT = np.float32(.75)  # by panes and paint, looked at from the side

_NIGHT_AMBIENT = .02
_LEAST_MIRRORED = .01  # less does not show


class Shader:
    """
    Colours what is seen in one weather; keeps what it worked out of a scene.

    Parameters
    ----------
    scene : Scene
        What is looked at.
    weather : Weather
        Its light.

    """

    def __init__(self, scene: Scene, weather: Weather) -> None:
        self.scene, self.weather = scene, weather
        self._sky = Sky(weather)
        self._skin: Skin | None = None
        self._surface_albedo = coloring.surface_albedo(scene.world.seed)
        self._sun = np.array(weather.sun, np.float32)
        self._to_sun = np.array(weather.to_sun, np.float32)
        # Lamps are made for nights; what they add to daylight is little.
        self._lamp_strength = np.float32(1.0 / (1.0 + self._sky.ambient[1] / _NIGHT_AMBIENT))

    def radiance(self, hits: Hits, view: View) -> NDArray[np.float32]:
        """Give the linear RGB (3, N) that comes along each ray."""
        skin = self._skin_of_scene()
        seen = surfaces_of(hits, self.scene, view.pixel_rad)
        coloring.color_solids(seen, self.scene, skin)
        coloring.color_ground(
            seen, self.scene, self._surface_albedo, self.weather.wetness)
        colors = self._arriving(seen, hits, view, skin)
        colors *= seen.albedo
        self._add_mirrored(seen, colors)
        for plane, glow in zip(colors, skin.glow(view.time_s), strict=True):
            plane += np.take(glow, seen.faces)
        clear = np.exp(seen.distances * np.float32(-self.weather.extinction_per_m))
        light = np.empty((3, len(hits.distances)), np.float32)
        for plane, color, fog in zip(light, colors, self.weather.fog_color, strict=True):
            color -= np.float32(fog)
            color *= clear
            color += np.float32(fog)
            plane[seen.rays] = color
        sky_rays = np.flatnonzero(np.isinf(hits.distances))
        light[:, sky_rays] = self._sky.radiance(np.take(hits.directions, sky_rays, axis=0))
        if self.weather.wetness > 0.0:
            self._wet(seen, clear, hits.distances, view, light)
        return light

    def _skin_of_scene(self) -> Skin:
        if self._skin is None or self._skin.faces is not self.scene.faces:
            self._skin = Skin(
                self.scene.faces, self.scene.origin, self.scene.world.site.streets.signals,
                are_lights_on=self.weather.are_lights_on)
        return self._skin

    def _arriving(
        self, seen: Surfaces, hits: Hits, view: View, skin: Skin
    ) -> NDArray[np.float32]:
        """Give the irradiance (3, M) of what was hit, as the radiance of a white surface."""
        upward = seen.normals[2] * np.float32(.5) + np.float32(.5)
        open_sky = np.ones(len(upward), np.float32)
        open_sky[seen.ground] = lights.open_sky_beside(
            np.take(seen.places[:2], seen.ground, axis=1), self._vehicles_in(hits),
            self.scene.origin, view.time_s)
        sun = self._sunlight(seen, view)
        total = np.empty_like(seen.places)
        for channel, plane in enumerate(total):
            below, above = self._sky.ground[channel], self._sky.ambient[channel]
            np.multiply(upward, above - below, out=plane)
            plane += below
            plane *= open_sky
            if sun is not None:
                plane += sun * self._sun[channel]
        if self.weather.are_lights_on:
            self._add_lamps(seen, view, skin, total)
        return total

    def _sunlight(self, seen: Surfaces, view: View) -> NDArray[np.float32] | None:
        """Give the cosine (M,) between normals and the sun, 0 where it does not shine."""
        if not self._sun.any():
            return None
        facing: NDArray[np.float32] = self._to_sun @ seen.normals
        np.maximum(facing, 0.0, out=facing)
        rows = np.flatnonzero(facing)
        is_shaded = self.scene.shaded(
            points(seen.places, rows), points(seen.normals, rows), self._to_sun, view.time_s)
        facing[rows[is_shaded]] = 0.0
        return facing

    def _add_lamps(
        self, seen: Surfaces, view: View, skin: Skin, total: NDArray[np.float32]
    ) -> None:
        T_scene_base = self.scene.T_scene_world @ view.T_world_base
        beams = lights.headlights(seen.places, seen.normals, T_scene_base)
        beams *= np.take(skin.retro, seen.faces) * self._lamp_strength
        glow = self._lamp_strength * lights.street_lamps(
            seen.places, seen.normals, self.scene.world.site.lamps - self.scene.origin,
            T_scene_base[:3, 3])
        for plane, white, warm in zip(
                total, lights.HEADLIGHT_COLOR, lights.STREET_LAMP_COLOR, strict=True):
            plane += beams * white
            plane += glow * warm

    def _add_mirrored(self, seen: Surfaces, colors: NDArray[np.float32]) -> None:
        """Add what paint and panes mirror: the more, the flatter one looks at them."""
        rows = seen.solid[np.take(seen.mirrored, seen.solid) > 0.0]
        slants = np.take(seen.slants, rows)
        share = _fresnel(np.take(seen.mirrored, rows), _MIRRORED_FLAT, slants)
        x, y, z = (
            np.take(seen.directions[axis], rows)
            + 2.0 * slants * np.take(seen.normals[axis], rows) for axis in range(3))
        for plane, mirrored in zip(colors, self._sky.mirrored(x, y, z), strict=True):
            plane[rows] += share * (mirrored - np.take(plane, rows))

    def _wet(
        self, seen: Surfaces, clear: NDArray[np.float32], distances: NDArray[np.float32],
        view: View, light: NDArray[np.float32],
    ) -> None:
        """Add what the wet ground mirrors, once all else is lit."""
        rows = seen.ground[np.take(seen.mirrored, seen.ground) > 0.0]
        slants, straight = np.take(seen.slants, rows), np.take(seen.mirrored, rows)
        # A wet road is rough: far from a mirror even at a flat angle.
        share = _fresnel(straight, straight * np.float32(18.0), slants) * np.take(clear, rows)
        shows = np.flatnonzero(share > _LEAST_MIRRORED)
        rows, slants, share = rows[shows], slants[shows], share[shows]
        mirror = wet_ground.Mirror(
            np.take(seen.places, rows, axis=1), np.take(seen.directions, rows, axis=1),
            np.take(seen.normals, rows, axis=1), slants)
        mirrored = wet_ground.mirrored(mirror, light, distances, view.rays_to, self._sky)
        rays = np.take(seen.rays, rows)
        for plane, other in zip(light, mirrored, strict=True):
            plane[rays] += share * (other - np.take(plane, rays))

    def _vehicles_in(self, hits: Hits) -> list[Actor]:
        """List the vehicles that are in the picture."""
        actors = self.scene.world.actors
        counts = np.bincount(hits.actors + 1, minlength=len(actors) + 1)[1:]
        return [actors[index] for index in np.flatnonzero(counts)
                if actors[index].model.object_class in _STANDS]


@lru_cache(maxsize=2)
def shader_of(scene: Scene, weather: Weather) -> Shader:
    """Give the shader that all cameras of a vehicle share."""
    return Shader(scene, weather)


def _fresnel(
    straight: NDArray[np.float32], flat: NDArray[np.float32] | np.float32,
    slants: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Give the share of light mirrored, from that at a right angle to that at a flat one."""
    rest = 1.0 - slants
    rest *= rest * rest * rest * rest
    return np.asarray(straight + (flat - straight) * rest, np.float32)
