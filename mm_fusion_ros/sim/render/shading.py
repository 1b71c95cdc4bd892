# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
From what rays hit to the light that comes back along them.

Colours, places and normals are planar, (3, N): each operation then runs along memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.sim.materials import Material, Surface
from mm_fusion_ros.sim.render import lights
from mm_fusion_ros.sim.render.patterns import SURFACE_PATTERNS
from mm_fusion_ros.sim.render.posters import PosterHits
from mm_fusion_ros.sim.render.skin import LINEAR, Skin
from mm_fusion_ros.sim.render.sky import Sky
from mm_fusion_ros.sim.render.textures import BROAD, broad_tiles, fine_tiles, TILE_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.actor import Actor
    from mm_fusion_ros.sim.render.rays import Hits
    from mm_fusion_ros.sim.render.scene import Scene
    from mm_fusion_ros.sim.render.weather import Weather

# sRGB of each Surface, before the world's own taste.
_SURFACE_COLORS = np.array([
    (88, 100, 52), (98, 97, 97), (142, 138, 132), (156, 154, 150), (134, 124, 110),
    (104, 84, 64)], np.uint8)
_PAINT_ALBEDO = .62
_WET_DARKENING = .5
_SMOOTH_M = 69.0  # so far from the scene's origin, paint is interpolated
_STANDS = (ObjectClass.CAR, ObjectClass.TRUCK, ObjectClass.BUS)  # these darken the ground


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """
    Where one looks from.

    Attributes
    ----------
    T_world_base : (4, 4) float64
        Pose of the ego vehicle, whose headlights shine.
    time_s : float
        When.
    pixel_rad : float
        Angle that one pixel covers.

    """

    T_world_base: NDArray[np.float64]
    time_s: float
    pixel_rad: float


@dataclass(slots=True, eq=False)
class _Surfaces:
    """The M rays that hit something: places, normals and so on, planar where of three rows."""

    rows: NDArray[np.intp]
    faces: NDArray[np.int32]
    distances: NDArray[np.float32]
    places: NDArray[np.float32]
    normals: NDArray[np.float32]
    directions: NDArray[np.float32]
    slants: NDArray[np.float32]  # cosine between normal and ray
    is_ground: NDArray[np.bool_]
    albedo: NDArray[np.float32]
    mirrored: NDArray[np.float32]


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
        self.sky = Sky(weather)
        self._skin: Skin | None = None
        self._surface_albedo = _surface_albedo(scene.world.seed)
        self._sun = np.array(weather.sun, np.float32)
        self._to_sun = np.array(weather.to_sun, np.float32)

    def radiance(self, hits: Hits, view: View) -> NDArray[np.float32]:
        """Give the linear RGB (3, N) that comes along each ray."""
        if self._skin is None or self._skin.faces is not self.scene.faces:
            self._skin = Skin(self.scene.faces, self.scene.origin)
        skin = self._skin
        is_hit = np.isfinite(hits.distances)
        light = np.empty((3, len(is_hit)), np.float32)
        open_rows = np.flatnonzero(~is_hit)
        light[:, open_rows] = self.sky.radiance(np.take(hits.directions, open_rows, axis=0))
        seen = self._surfaces(hits, np.flatnonzero(is_hit), view, skin)
        colors = self._arriving(seen, hits, view, skin)
        colors *= seen.albedo
        self._add_mirrored(seen, colors)
        if self.weather.are_lights_on:
            colors += skin.glow[:, seen.faces]
        clear = np.exp(seen.distances * np.float32(-self.weather.extinction_per_m))
        for channel, fog in enumerate(self.weather.fog_color):
            plane = colors[channel]
            plane -= np.float32(fog)
            plane *= clear
            plane += np.float32(fog)
            light[channel, seen.rows] = plane
        return light

    def _surfaces(
        self, hits: Hits, rows: NDArray[np.intp], view: View, skin: Skin
    ) -> _Surfaces:
        directions = np.ascontiguousarray(np.take(hits.directions, rows, axis=0).T)
        normals = np.ascontiguousarray(np.take(hits.normals, rows, axis=0).T)
        distances = np.take(hits.distances, rows)
        faces = np.take(hits.faces, rows)
        places = directions * distances
        places += hits.origins[0][:, None]
        slants = -(normals[0] * directions[0])
        slants -= normals[1] * directions[1]
        slants -= normals[2] * directions[2]
        np.clip(slants, 0.02, 1.0, out=slants)
        seen = _Surfaces(
            rows, faces, distances, places, normals, directions, slants,
            is_ground=np.take(self.scene.faces.materials, faces) == Material.GROUND,
            albedo=np.empty_like(places), mirrored=np.take(skin.mirrored, faces))
        # Between what a pixel covers along and across the surface.
        footprints = distances * np.float32(view.pixel_rad) / np.sqrt(slants)
        origin = self.scene.origin.astype(np.float32)
        solid = np.flatnonzero(~seen.is_ground)
        self._color_solids(seen, solid, np.take(footprints, solid), origin, skin)
        ground = np.flatnonzero(seen.is_ground)
        self._color_ground(seen, ground, np.take(footprints, ground), origin)
        return seen

    def _color_solids(
        self, seen: _Surfaces, rows: NDArray[np.intp], footprints: NDArray[np.float32],
        origin: NDArray[np.float32], skin: Skin,
    ) -> None:
        faces = np.take(seen.faces, rows)
        nx, ny = (np.take(seen.normals[axis], rows) for axis in range(2))
        u, y, v = (np.take(seen.places[axis], rows) + origin[axis] for axis in range(3))
        across = np.sqrt(nx * nx + ny * ny)
        flat = np.flatnonzero(across < .5)
        x_flat, y_flat = u[flat], y[flat]
        np.maximum(across, np.float32(.5), out=across)
        u *= ny
        y *= nx
        np.subtract(y, u, out=u)
        u /= across
        u[flat], v[flat] = x_flat, y_flat
        factors = fine_tiles().factors(
            np.take(skin.patterns, faces), u, v, footprints, TILE_M)
        for channel in range(3):
            seen.albedo[channel, rows] = np.take(skin.albedo[channel], faces) * factors
        posters = rows[np.take(self.scene.faces.materials, faces) == Material.POSTER]
        if len(posters):
            seen.albedo[:, posters] = LINEAR[skin.posters.albedo(PosterHits(
                seen.faces[posters], seen.places[:, posters], seen.normals[:, posters],
                seen.directions[:, posters])).T]

    def _color_ground(
        self, seen: _Surfaces, rows: NDArray[np.intp], footprints: NDArray[np.float32],
        origin: NDArray[np.float32],
    ) -> None:
        points = _points(seen.places[:2], rows)
        is_near = np.maximum(np.abs(points[:, 0]), np.abs(points[:, 1])) < _SMOOTH_M
        near = np.flatnonzero(is_near)
        smooth = self.scene.ground.near_paint(
            points if len(near) == len(points) else np.take(points, near, axis=0))
        points += np.resize(_FRAYS_M, points.shape)  # the map's cells would show as stairs
        on = self.scene.ground.at(points)
        paint = on.paint * np.float32(1 / 255)
        paint[near] = smooth * np.float32(1 / 255)
        x, y = (np.take(seen.places[axis], rows) + origin[axis] for axis in range(2))
        kinds = on.surface.astype(np.int32)
        broad = broad_tiles().factors(kinds, x, y, footprints, TILE_M * BROAD)
        fine = fine_tiles().factors(
            np.take(_SURFACE_PATTERNS, kinds), x, y, footprints, TILE_M)
        grain = broad * fine
        wet = np.float32(self.weather.wetness)
        if wet > 0.0:
            grain *= 1.0 - wet * _WET_DARKENING
            # Water stands where the ground is dark and low.
            puddle = np.clip((1.02 - broad) * 9.0, .15, 1.0)
            puddle *= wet * np.take(_HOLDS_WATER, kinds)
            seen.mirrored[rows] = .03 * puddle
        paint *= np.clip(1.5 * broad - .6, .3, 1.0)  # worn together with the road
        for channel in range(3):
            plane = np.take(self._surface_albedo[channel], kinds)
            plane *= grain
            plane += paint * (np.float32(_PAINT_ALBEDO) * (.8 + .2 * fine) - plane)
            seen.albedo[channel, rows] = plane

    def _arriving(
        self, seen: _Surfaces, hits: Hits, view: View, skin: Skin
    ) -> NDArray[np.float32]:
        """Give the irradiance (3, M) of what was hit, as the radiance of a white surface."""
        upward = seen.normals[2] * np.float32(.5) + np.float32(.5)
        ground = np.flatnonzero(seen.is_ground)
        open_sky = lights.open_sky_beside(
            np.take(seen.places[:2], ground, axis=1), self._vehicles_in(hits),
            self.scene.origin, view.time_s)
        shades = np.ones(len(upward), np.float32)
        shades[ground] = open_sky
        sun = self._sunlight(seen, view)
        total = np.empty_like(seen.places)
        for channel in range(3):
            plane = total[channel]
            below, above = self.sky.ground[channel], self.sky.ambient[channel]
            np.multiply(upward, above - below, out=plane)
            plane += below
            plane *= shades
            if sun is not None:
                plane += sun * self._sun[channel]
        if self.weather.are_lights_on:
            self._add_lamps(seen, view, skin, total)
        return total

    def _sunlight(self, seen: _Surfaces, view: View) -> NDArray[np.float32] | None:
        if not self._sun.any():
            return None
        facing = self._to_sun @ seen.normals
        rows = np.flatnonzero(facing > 0.0)
        is_shaded = self.scene.shaded(
            _points(seen.places, rows), _points(seen.normals, rows), self._to_sun, view.time_s)
        np.maximum(facing, 0.0, out=facing)
        facing[rows[is_shaded]] = 0.0
        return facing

    def _add_lamps(
        self, seen: _Surfaces, view: View, skin: Skin, total: NDArray[np.float32]
    ) -> None:
        T_scene_base = self.scene.T_scene_world @ view.T_world_base
        beams = lights.headlights(seen.places, seen.normals, T_scene_base)
        beams *= np.take(skin.retro, seen.faces)
        for channel in range(3):
            total[channel] += beams * lights.HEADLIGHT_COLOR[channel]
        lamps = self.scene.world.site.lamps - self.scene.origin
        if len(lamps):
            glow = lights.street_lamps(
                seen.places, seen.normals, lamps, T_scene_base[:3, 3])
            for channel in range(3):
                total[channel] += glow * lights.STREET_LAMP_COLOR[channel]

    def _add_mirrored(self, seen: _Surfaces, colors: NDArray[np.float32]) -> None:
        """Add what smooth surfaces mirror: the more, the flatter one looks at them."""
        rows = np.flatnonzero(seen.mirrored > 0.0)
        if not len(rows):
            return
        straight = np.take(seen.mirrored, rows)
        slants = np.take(seen.slants, rows)
        rest = 1.0 - slants
        rest *= rest * rest * rest * rest
        # A wet road is rough: far from a mirror even at a flat angle.
        most = np.where(np.take(seen.is_ground, rows), straight * 18.0, np.float32(.75))
        share = straight + (most - straight) * rest
        x, y, z = (
            np.take(seen.directions[axis], rows)
            + 2.0 * slants * np.take(seen.normals[axis], rows) for axis in range(3))
        mirrored = self.sky.mirrored(x, y, z)
        for channel in range(3):
            plane = np.take(colors[channel], rows)
            plane *= 1.0 - share
            plane += share * mirrored[channel]
            colors[channel, rows] = plane

    def _vehicles_in(self, hits: Hits) -> list[Actor]:
        """List the vehicles that are in the picture."""
        actors = self.scene.world.actors
        counts = np.bincount(hits.actors + 1, minlength=len(actors) + 1)[1:]
        return [actors[index] for index in np.flatnonzero(counts)
                if actors[index].model.object_class in _STANDS]


def _points(planar: NDArray[np.float32], rows: NDArray[np.intp]) -> NDArray[np.float32]:
    """Give some of the vectors (3, N) as (M, 3)."""
    return np.stack([np.take(plane, rows) for plane in planar], axis=1)


_FRAYS_M = np.random.default_rng(5).uniform(-.025, .025, (8191, 2)).astype(np.float32)
_SURFACE_PATTERNS = np.array([SURFACE_PATTERNS[surface] for surface in Surface], np.int32)
_HOLDS_WATER = np.array(
    [surface in (Surface.ASPHALT, Surface.SIDEWALK, Surface.KERB) for surface in Surface],
    np.float32)


def _surface_albedo(seed: int) -> NDArray[np.float32]:
    """Draw the linear colour of each Surface in one world: (3, S)."""
    rng = np.random.default_rng([seed, 77])
    brightness = np.exp(rng.normal(0.0, .16, len(_SURFACE_COLORS)))
    brightness[Surface.ASPHALT] *= np.exp(rng.uniform(-.5, .25))
    dryness = rng.uniform(0.0, 1.0)  # of grass: from green to straw
    tints = np.exp(rng.normal(0.0, .03, (3, len(_SURFACE_COLORS))))
    tints[:, Surface.GRASS] *= (1.0 + .35 * dryness, 1.0, 1.0 - .1 * dryness)
    return np.asarray(LINEAR[_SURFACE_COLORS.T] * brightness * tints, np.float32)
