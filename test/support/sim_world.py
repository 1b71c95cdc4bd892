# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A small world for tests of sensors: one straight road on a plane, with what is put beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.sim.actor import Actor, Moving
from mm_fusion_ros.sim.actor_model import ActorModel
from mm_fusion_ros.sim.materials import Material, Surface
from mm_fusion_ros.sim.mesh import merge, Mesh
from mm_fusion_ros.sim.world.ground_map import GroundMap
from mm_fusion_ros.sim.world.streets import Streets
from mm_fusion_ros.sim.world.world import World

ROAD_HALF_M, WALK_HALF_M, LINE_HALF_M = 4.0, 7.0, 0.08


@dataclass(frozen=True)
class StraightSite:
    """A road along x through the origin; sidewalks, then grass."""

    scenery: Mesh = field(default_factory=Mesh.empty)
    slope: float = 0.0  # rise of the ground per metre of x
    lamps: np.ndarray = field(default_factory=lambda: np.empty((0, 3)))
    streets: Streets = field(default_factory=lambda: Streets((), (), (), (), ()))

    def height(self, xy):
        return self.slope * xy[:, 0]

    def mesh_around(self, center, radius_m):
        corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * radius_m + center
        vertices = np.column_stack([corners, self.height(corners)])
        faces = np.array([(0, 1, 2), (0, 2, 3)])
        ground = Mesh.of_one(vertices, faces, Material.GROUND, (128, 128, 128))
        return merge([ground, self.scenery])

    def map_around(self, center, radius_m, cell_m):
        count = round(2 * radius_m / cell_m)
        origin = np.asarray(center, float) - radius_m
        x, y = (origin[axis] + (np.arange(count) + 0.5) * cell_m for axis in (0, 1))
        aside = np.abs(y)[:, None] + 0 * x
        bounds = [ROAD_HALF_M, ROAD_HALF_M + 0.15, WALK_HALF_M]
        kinds = np.array([Surface.ASPHALT, Surface.KERB, Surface.SIDEWALK, Surface.GRASS])
        on_line = (aside < LINE_HALF_M) & (x % 9.0 < 3.0)
        on_line |= np.abs(aside - ROAD_HALF_M + 0.3) < LINE_HALF_M
        on_stripe = (aside < ROAD_HALF_M - 0.5) & (np.abs(x - 16.0) < 1.5) & (y[:, None] % 1 < .5)
        layers = [255 * layer.astype(np.uint8) for layer in (
            on_line | on_stripe, aside < ROAD_HALF_M, on_line, on_stripe)]
        return GroundMap(origin, cell_m, kinds[np.digitize(aside, bounds)].astype(np.uint8),
                         *layers)


@dataclass(frozen=True)
class Standing:
    """The motion of who stands still."""

    T_world: np.ndarray
    is_still: bool = True

    def at(self, times_s):
        return Moving(np.tile(self.T_world, (len(times_s), 1, 1)), np.zeros((len(times_s), 3)),
                      np.zeros(len(times_s)))


@dataclass(frozen=True)
class Rolling:
    """The motion of who goes straight on at a constant speed."""

    T_world: np.ndarray
    speed_mps: float
    is_still: bool = False

    def at(self, times_s):
        T_world = np.tile(self.T_world, (len(times_s), 1, 1))
        way = self.speed_mps * np.asarray(times_s)
        T_world[:, :3, 3] += way[:, None] * self.T_world[:3, 0]
        velocities = np.tile(self.speed_mps * self.T_world[:3, 0], (len(times_s), 1))
        return Moving(T_world, velocities, way)


@dataclass(frozen=True)
class StraightDrive:
    """The ego vehicle rolls along the road."""

    speed_mps: float = 10.0
    y_m: float = -2.0
    duration_s: float = 20.0

    def T_world_base(self, times_s):
        return Rolling(pose(0.0, self.y_m), self.speed_mps).at(times_s).T_world

    def twist(self, times_s):
        linear = np.tile((self.speed_mps, 0.0, 0.0), (len(times_s), 1))
        return linear, np.zeros((len(times_s), 3))

    def acceleration(self, times_s):
        return np.zeros((len(times_s), 3))

    angular_acceleration = acceleration


def pose(x_m, y_m, yaw_deg=0.0, z_m=0.0):
    return transforms.from_euler((x_m, y_m, z_m), 0.0, 0.0, np.radians(yaw_deg))


def standing(model: ActorModel, x_m, y_m, yaw_deg=0.0, number=0):
    return Actor(number, model, Standing(pose(x_m, y_m, yaw_deg)))


def make(scenery: Mesh | None = None, actors=(), **site) -> World:
    """Put scenery and actors beside the road."""
    return World(7, StraightSite(scenery or Mesh.empty(), **site), tuple(actors),
                 StraightDrive(), 49.0, 8.4, 110.0)
