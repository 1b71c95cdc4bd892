# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Cars and walls of boxes, on a slope or on nothing at all, for a LiDAR to look at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from support.sim_world import pose, Rolling, StraightSite

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.sim.actor import Actor
from mm_fusion_ros.sim.actor_model import ActorModel
from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.mesh import merge, Mesh
from mm_fusion_ros.sim.world.world import World

_CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
_SIDES = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4],
                   [1, 5, 7, 3]])
_FACES = np.concatenate([_SIDES[:, [0, 1, 2]], _SIDES[:, [0, 2, 3]]])


def block(center, size, material=Material.PLASTER, color=(128, 128, 128), *, is_body=True):
    """Make a box."""
    return Mesh.of_one(np.asarray(center) + _CORNERS * np.asarray(size) / 2.0, _FACES, material,
                       color, is_body=is_body)


def car_model():
    """Make a car of boxes, with a mirror that its own box leaves out."""
    return ActorModel('box', ObjectClass.CAR, (merge([
        block((0, 0, 0.65), (4.0, 1.7, 0.8), Material.CAR_PAINT),
        block((-0.3, 0, 1.25), (2.0, 1.5, 0.4), Material.GLASS),
        block((-2.0, 0, 0.6), (0.05, 0.5, 0.12), Material.RETROREFLECTOR),
        block((0.6, 0.95, 1.0), (0.15, 0.2, 0.15), Material.PLASTIC, is_body=False),
        block((0.6, -0.95, 1.0), (0.15, 0.2, 0.15), Material.PLASTIC, is_body=False),
    ]),))


class Void(StraightSite):
    """Scenery without ground."""

    def mesh_around(self, center, radius_m):
        return self.scenery


@dataclass(frozen=True)
class RollingDrive:
    """An ego vehicle that rolls straight on; only its poses are known."""

    motion: Rolling
    duration_s: float = 20.0

    def T_world_base(self, times_s):
        return self.motion.at(times_s).T_world


def make_world(*cars, scenery=(), slope=0.0, speed_mps=0.0, site=StraightSite):
    """
    Put cars, (x, y, yaw_deg, speed_mps) each, on a slope along x, and roll from the origin.
    """
    T_slope = transforms.from_euler(np.zeros(3), 0.0, -np.arctan(slope), 0.0)
    model = car_model()
    actors = tuple(
        Actor(number, model, Rolling(T_slope @ pose(x_m, y_m, yaw_deg), speed))
        for number, (x_m, y_m, yaw_deg, speed) in enumerate(cars))
    drive = RollingDrive(Rolling(T_slope, speed_mps))
    return World(0, site(merge(scenery), slope), actors, drive, 0.0, 0.0, 0.0)
