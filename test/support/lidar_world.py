# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A world for LiDARs: a slope with a painted line, two walls, a sign, cars that drive by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.sim.actor import Actor, Moving
from mm_fusion_ros.sim.actor_model import ActorModel
from mm_fusion_ros.sim.materials import Material, Surface
from mm_fusion_ros.sim.mesh import merge, Mesh
from mm_fusion_ros.sim.world.ground_map import GroundMap
from mm_fusion_ros.sim.world.world import World

_CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
_SIDES = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4],
                   [1, 5, 7, 3]])
_FACES = np.concatenate([_SIDES[:, [0, 1, 2]], _SIDES[:, [0, 2, 3]]])


def block(center, size, material=Material.PLASTER, color=(128, 128, 128), *, is_body=True):
    """Make a box."""
    return Mesh.of_one(np.asarray(center) + _CORNERS * np.asarray(size) / 2.0, _FACES, material,
                       color, is_body=is_body)


def car_model(color=(128, 128, 128)):
    """Make a car of boxes, with mirrors that its own box leaves out."""
    return ActorModel('box', ObjectClass.CAR, (merge([
        block((0, 0, 0.65), (4.0, 1.7, 0.8), Material.CAR_PAINT, color),
        block((-0.3, 0, 1.25), (2.0, 1.5, 0.4), Material.GLASS),
        block((-2.0, 0, 0.6), (0.05, 0.5, 0.12), Material.RETROREFLECTOR),
        block((0.6, 0.95, 1.0), (0.15, 0.2, 0.15), Material.PLASTIC, is_body=False),
    ]),))


@dataclass(frozen=True)
class Straight:
    """Straight on at a constant speed, from a pose at time 0."""

    start: np.ndarray
    speed_mps: float = 0.0

    @property
    def is_still(self):
        return self.speed_mps == 0.0

    def at(self, times_s):
        T = np.tile(self.start, (len(times_s), 1, 1))
        T[:, :3, 3] += self.start[:3, 0] * (self.speed_mps * times_s)[:, None]
        velocities = np.tile(self.start[:3, 0] * self.speed_mps, (len(times_s), 1))
        return Moving(T, velocities, self.speed_mps * times_s)


@dataclass(frozen=True)
class StraightDrive:
    """An ego vehicle that moves like that; only its poses are known."""

    motion: Straight
    duration_s: float = 20.0

    def T_world_base(self, times_s):
        return self.motion.at(times_s).T_world


class Slope:
    """Ground that rises along x, and what stands on it."""

    def __init__(self, rise=0.0, scenery=(), has_ground=True):
        self.rise = rise
        self._parts = list(scenery)
        if has_ground:
            corners = np.array([[-150, -150], [150, -150], [150, 150], [-150, 150]], float)
            ground = np.column_stack([corners, self.height(corners)])
            self._parts.append(Mesh.of_one(
                ground, np.array([[0, 1, 2], [0, 2, 3]]), Material.GROUND, (90, 90, 90)))

    def height(self, xy):
        return self.rise * xy[:, 0]

    def mesh_around(self, center, radius_m):
        return merge(self._parts)

    def map_around(self, center, radius_m, cell_m):
        count = int(2 * radius_m / cell_m)
        surface = np.full((count, count), Surface.ASPHALT, np.uint8)
        paint = np.zeros((count, count), np.uint8)
        y = center[1] - radius_m + (np.arange(count) + 0.5) * cell_m
        paint[np.abs(y - 3.0) < 0.3] = 255  # a line, 3 m to the left of the x axis
        none = np.zeros((count, count), np.uint8)
        return GroundMap(center - radius_m, cell_m, surface, paint, none, none, none)


def pose(x=0.0, y=0.0, z=0.0, yaw=0.0, pitch=0.0):
    """Give where something stands."""
    return transforms.from_euler(np.array([x, y, z]), 0.0, pitch, yaw)


def make_world(*motions, rise=0.0, scenery=(), ego=None, has_ground=True):
    """Put cars that move so on a slope, and drive through it."""
    model = car_model()
    actors = tuple(Actor(index + 1, model, motion) for index, motion in enumerate(motions))
    drive = StraightDrive(ego or Straight(pose()))
    return World(0, Slope(rise, scenery, has_ground), actors, drive, 0.0, 0.0, 0.0)
