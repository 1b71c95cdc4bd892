# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What rays find of actors."""

from __future__ import annotations

import numpy as np
import pytest
from support import sim_world

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.sim.actor_model import ActorModel
from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.mesh import Mesh
from mm_fusion_ros.sim.render.rays import Rays
from mm_fusion_ros.sim.render.scene import Scene

SIGN = Mesh.of_one(
    np.array([(0.0, -1.0, 0.0), (0.0, 1.0, 0.0), (0.0, 1.0, 2.0), (0.0, -1.0, 2.0)]),
    np.array([(0, 1, 2), (0, 2, 3)]), Material.PLASTIC, (200, 20, 20))


@pytest.mark.parametrize('number', [1, 30, 60, 98])
def test_a_single_ray_apart_from_the_others_finds_what_it_looks_at(number):
    sign = ActorModel('sign', ObjectClass.BARRIER, (SIGN,))
    scene = Scene(sim_world.make(actors=[sim_world.standing(sign, 14.0, 14.0, 45.0)]))
    scene.move_to(np.zeros(3))
    directions = np.tile(np.array([1.0, 0.0, 0.0], np.float32), (99, 1))
    directions[number] = np.array([1.0, 1.0, 0.0]) / np.sqrt(2.0)
    above = np.eye(4)[None]
    above[0, 2, 3] = 1.0
    hits = scene.cast(Rays(directions[None], above, np.zeros(1), 50.0))
    assert np.flatnonzero(hits.actors == 0).tolist() == [number]
    assert hits.distances[number] == pytest.approx(14.0 * np.sqrt(2.0), abs=1e-3)


def test_a_picture_without_sunlit_places_has_no_shade():
    sign = ActorModel('sign', ObjectClass.BARRIER, (SIGN,))
    scene = Scene(sim_world.make(actors=[sim_world.standing(sign, 14.0, 14.0, 45.0)]))
    scene.move_to(np.zeros(3))
    nothing = np.empty((0, 3), np.float32)
    assert len(scene.shaded(nothing, nothing, np.array([0, 0, 1], np.float32), 0.0)) == 0
