# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Casts rays into a world: into what stands around as one mesh, and into each actor by itself.

An actor is never moved: the rays that may hit it are taken into its frame, each at its own
time. So nothing is rebuilt while the world moves, and no time is rounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.sim.render.ground_around import GroundAround
from mm_fusion_ros.sim.render.rays import FaceTable, Hits, NO_ACTOR
from mm_fusion_ros.sim.render.sight import Bunches, dots, in_cone
from mm_fusion_ros.sim.render.solid import Solid
from mm_fusion_ros.sim.whereabouts import SLACK_M, Whereabouts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from mm_fusion_ros.sim.actor import Actor
    from mm_fusion_ros.sim.mesh import Mesh
    from mm_fusion_ros.sim.render.rays import Rays
    from mm_fusion_ros.sim.world.world import World

STATIC_RADIUS_M = 130.0
_ANCHOR_M = 25.0  # surroundings are gathered about the nearest of places so far apart
_SHADOW_LIFT_M = 0.02  # so that a surface does not shade itself
_SHADOW_ACTORS_M = 80.0  # actors farther away throw no shadow


class Scene:
    """
    The part of a world around a place, in a frame with the world's axes and an origin near by.

    Parameters
    ----------
    world : World
        What to look at.

    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.origin: NDArray[np.float64] = np.zeros(3)  # of the scene's frame, in the world, m
        self.ground = GroundAround(world.site)
        self._static: Solid | None = None
        self._models, self._first_faces = _model_meshes(world.actors)
        self.whereabouts = Whereabouts(world.actors, world.drive.duration_s)
        self._solids: dict[tuple[int, int], Solid] = {}

    def move_to(self, position: NDArray[np.float64]) -> None:
        """
        Gather what is around a place (3,) in the world.

        The origin follows from the place alone, so that what is seen does not depend on the way.
        """
        anchor = np.round(position / _ANCHOR_M) * _ANCHOR_M
        if self._static is not None and (anchor == self.origin).all():
            return
        self.origin = anchor
        mesh = self.world.site.mesh_around(anchor[:2], STATIC_RADIUS_M)
        mesh = mesh.moved(self.T_scene_world)
        self._static = Solid(mesh)
        self._static_first = sum(len(model) for model in self._models)
        self.faces = _table([*self._models, mesh])
        self.ground.move_to(anchor)

    @property
    def T_scene_world(self) -> NDArray[np.float64]:
        """The transform (4, 4) from the world into the scene's frame."""
        T = np.eye(4)
        T[:3, 3] = -self.origin
        return T

    def cast(self, rays: Rays) -> Hits:
        """Find the nearest surface along each ray."""
        assert self._static is not None
        K, B, _ = rays.directions.shape
        R_scene_sensor = rays.T_scene_sensor[:, :3, :3].astype(np.float32)
        directions = np.matmul(rays.directions, R_scene_sensor.transpose(0, 2, 1)).reshape(-1, 3)
        starts = rays.T_scene_sensor[:, :3, 3]
        origins = np.repeat(starts.astype(np.float32), B, axis=0)
        found = self._static.nearest(
            origins, directions, np.full(K * B, rays.range_m, np.float32))
        missed = found.faces < 0
        hits = Hits(
            distances=np.where(missed, np.float32(np.inf), found.distances),
            faces=np.where(missed, len(self.faces.materials) - 1, found.faces + self._static_first)
            .astype(np.int32),
            actors=np.full(K * B, NO_ACTOR, np.int32),
            normals=found.normals,
            directions=directions,
            origins=starts.astype(np.float32),
        )
        limits = found.distances
        for index, rows in self._in_sight(rays):
            self._cast_at(index, rows, rays, hits, limits)
        _face_the_sensor(hits.normals, directions)
        return hits

    def _cast_at(
        self, index: int, rows: NDArray[np.intp], rays: Rays, hits: Hits,
        limits: NDArray[np.float32],
    ) -> None:
        """Cast some rays at one actor, and keep the hits that are nearer than before."""
        B = rays.directions.shape[1]
        T_scene_actor, phase = self._pose(index, rays.times_s)
        R = T_scene_actor[:, :3, :3]
        offset = rays.T_scene_sensor[:, :3, 3] - T_scene_actor[:, :3, 3]
        starts = np.matmul(offset[:, None], R)[:, 0].astype(np.float32)
        R = R.astype(np.float32)
        instants = rows // B if len(starts) > 1 else np.zeros(len(rows), np.intp)
        directions = np.take(hits.directions, rows, axis=0)
        directions = (directions @ R[0] if len(R) == 1
                      else np.matmul(directions[:, None], R[instants])[:, 0])
        origins = np.take(starts, instants, axis=0)
        model = self.world.actors[index].model
        solid = self._solid(index, phase)
        found = solid.nearest(origins, directions, np.take(limits, rows))
        near = np.flatnonzero(found.faces >= 0)
        if not len(near):
            return
        rows = rows[near]
        first = self._first_faces[id(model), phase]
        limits[rows] = hits.distances[rows] = found.distances[near]
        hits.faces[rows] = found.faces[near] + first
        hits.actors[rows] = index
        normals = found.normals[near]
        hits.normals[rows] = (
            normals @ R[0].T if len(R) == 1
            else np.matmul(R[instants[near]], normals[:, :, None])[..., 0])

    def shaded(
        self, positions: NDArray[np.float32], normals: NDArray[np.float32],
        to_light: NDArray[np.float32], time_s: float,
    ) -> NDArray[np.bool_]:
        """
        Tell which places something keeps from a far light.

        Parameters
        ----------
        positions, normals : (N, 3) float32
            Of surfaces, in the frame of the scene.
        to_light : (3,) float32
            Unit vector towards the light.
        time_s : float
            When.

        """
        assert self._static is not None
        if not len(positions):  # a picture full of what faces away from it
            return np.zeros(0, np.bool_)
        lifted = positions + normals * np.float32(_SHADOW_LIFT_M)
        is_shaded = self._static.blocks(lifted, np.tile(to_light, (len(positions), 1)))
        side, up = _plane(to_light)
        across, along = np.stack([lifted @ side, lifted @ up]), lifted @ to_light
        for index in self._casting_shade(across, along, np.stack([side, up, to_light]), time_s):
            ball, radius = self._ball(index, time_s)
            gap = (across[0] - ball @ side) ** 2 + (across[1] - ball @ up) ** 2
            rows = np.flatnonzero(
                (gap < radius**2) & (along < ball @ to_light + radius) & ~is_shaded)
            if len(rows):
                T, phase = self._pose(index, np.array([time_s]))
                R = T[0, :3, :3].astype(np.float32)
                local = (lifted[rows] - T[0, :3, 3].astype(np.float32)) @ R
                light = np.tile(to_light @ R, (len(rows), 1))
                is_shaded[rows] = self._solid(index, phase).blocks(local, light)
        return is_shaded

    def _casting_shade(
        self, across: NDArray[np.float32], along: NDArray[np.float32],
        axes: NDArray[np.float32], time_s: float,
    ) -> NDArray[np.intp]:
        """Find the actors near enough, and before the light of any of the places."""
        centers = self.whereabouts.at(time_s) - self.origin
        radii = self.whereabouts.radii_m + SLACK_M
        near = np.linalg.norm(centers, axis=1) < _SHADOW_ACTORS_M + radii
        places = centers @ axes.T
        for axis in (0, 1):
            near &= (places[:, axis] > across[axis].min() - radii) & (
                places[:, axis] < across[axis].max() + radii)
        return np.flatnonzero(near & (places[:, 2] > along.min() - radii))

    def _ball(self, index: int, time_s: float) -> tuple[NDArray[np.float32], np.float32]:
        """Give the middle (3,) of the ball around an actor, in the scene, and its radius, m."""
        center = self.whereabouts.at(time_s)[index] - self.origin
        radius = self.whereabouts.radii_m[index] + SLACK_M
        return center.astype(np.float32), np.float32(radius)

    def _in_sight(self, rays: Rays) -> Iterator[tuple[int, NDArray[np.intp]]]:
        """Give each actor that some rays may hit, and these, the nearest actor first."""
        instants = [0, len(rays.times_s) // 2, -1]
        T_sensor_scene = transforms.inverse(rays.T_scene_sensor[instants])
        centers = np.stack([
            transforms.apply(T, self.whereabouts.at(float(rays.times_s[k])) - self.origin)
            for T, k in zip(T_sensor_scene, instants, strict=True)])
        # Sensor and actor move during a sweep; the ball grows by that.
        radii = self.whereabouts.radii_m + SLACK_M + np.ptp(centers, axis=0).max(axis=1)
        distances = np.linalg.norm(centers[1], axis=1)
        directions = rays.directions.reshape(-1, 3)
        bunches = Bunches(directions)
        near = np.flatnonzero(distances - radii < rays.range_m)
        near = near[in_cone(directions, centers[1][near], radii[near])]
        for index in near[np.argsort(distances[near])].tolist():
            distance, radius = distances[index], radii[index]
            if distance <= radius:
                yield index, np.arange(len(directions))
                continue
            towards = (centers[1][index] / distance).astype(np.float32)
            rows = bunches.within(towards, float(np.arcsin(radius / distance)))
            if len(rows):
                yield index, rows

    def _pose(
        self, index: int, times_s: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], int]:
        """
        Give an actor's poses (K, 4, 4) in the scene, and its phase in the middle of them.

        One pose is given for all times of an actor that stands still.
        """
        actor = self.world.actors[index]
        if actor.motion.is_still:
            times_s = times_s[:1]
        moving = actor.motion.at(times_s)
        T = moving.T_world.copy()
        T[:, :3, 3] -= self.origin
        return T, actor.model.phase(float(moving.way_m[len(times_s) // 2]))

    def _solid(self, index: int, phase: int) -> Solid:
        model = self.world.actors[index].model
        key = id(model), phase
        if key not in self._solids:
            self._solids[key] = Solid(model.phases[phase])
        return self._solids[key]


def _model_meshes(
    actors: tuple[Actor, ...],
) -> tuple[list[Mesh], dict[tuple[int, int], int]]:
    """Give the meshes of all models, and where in the table the faces of each begin."""
    meshes: list[Mesh] = []
    first_faces: dict[tuple[int, int], int] = {}
    count = 0
    for actor in actors:
        for phase, mesh in enumerate(actor.model.phases):
            key = id(actor.model), phase
            if key not in first_faces:
                first_faces[key] = count
                meshes.append(mesh)
                count += len(mesh)
    return meshes, first_faces


def _table(meshes: list[Mesh]) -> FaceTable:
    nothing = np.zeros(1, np.uint8)
    return FaceTable(
        np.concatenate([*(mesh.materials for mesh in meshes), nothing]),
        np.concatenate([*(mesh.colors for mesh in meshes), np.zeros((1, 3), np.uint8)]),
        np.concatenate([*(mesh.is_body for mesh in meshes), nothing.astype(np.bool_)]),
        np.concatenate([*(mesh.vertices[mesh.faces] for mesh in meshes),
                        np.zeros((1, 3, 3), np.float32)]),
    )


def _face_the_sensor(normals: NDArray[np.float32], directions: NDArray[np.float32]) -> None:
    """Turn normals that look away."""
    normals *= np.copysign(np.float32(1.0), -dots(normals, directions))[:, None]


def _plane(
    direction: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Give two unit vectors across a third."""
    side = np.cross(direction, np.eye(3, dtype=np.float32)[np.abs(direction).argmin()])
    side /= np.linalg.norm(side)
    return side, np.cross(direction, side)
