# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Lamps, and vehicles in the way of the sky's light."""

import numpy as np
import pytest
from support import sim_world

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.sim.actor_model import ActorModel
from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.mesh import Mesh
from mm_fusion_ros.sim.render import lights

UP = np.array([(0.0,), (0.0,), (1.0,)], np.float32)


def on_ground(*places):
    """Give places (3, N), and normals that look up."""
    xy = np.array(places, np.float32).T
    return np.vstack([xy, np.zeros((1, xy.shape[1]), np.float32)]), np.repeat(
        UP, xy.shape[1], axis=1)


def test_a_street_lamp_is_brightest_below_itself_and_shines_on_no_back():
    lamp = np.array([(5.0, 0.0, 7.0)])
    places, normals = on_ground((5, 0), (10, 0), (20, 0), (60, 0))
    shine = lights.street_lamps(places, normals, lamp, np.zeros(3))
    assert shine[0] > shine[1] > shine[2] > shine[3] == 0.0
    assert not lights.street_lamps(places, -normals, lamp, np.zeros(3)).any()


def test_no_street_lamps_give_no_light():
    assert not lights.street_lamps(*on_ground((0, 0)), np.empty((0, 3)), np.zeros(3)).any()


def test_only_the_nearest_lamps_shine():
    lamps = np.array([(100.0 * k, 0.0, 7.0) for k in range(20)])
    places, normals = on_ground((0, 0), (700, 0), (800, 0))
    shine = lights.street_lamps(places, normals, lamps, np.zeros(3))
    assert (shine > 0.0).tolist() == [True, True, False]


def test_headlights_shine_ahead_of_the_vehicle_wherever_it_heads():
    T_scene_base = sim_world.pose(50.0, 20.0, 90.0)
    places, normals = on_ground((50, 35), (50, 5), (65, 23.5))
    ahead, behind, beside = lights.headlights(places, normals, T_scene_base)
    assert ahead > 50 * max(behind, beside)


def test_dipped_beams_end_below_the_horizon():
    places = np.array([(30, 30), (0, 0), (.3, 2.5)], np.float32)  # on a wall at 30 m
    normals = np.array([(-1, -1), (0, 0), (0, 0)], np.float32)
    low, high = lights.headlights(places, normals, np.eye(4))
    assert low > 20 * high > 0.0


@pytest.mark.parametrize('yaw_deg', [0.0, 37.0, 90.0])
def test_less_sky_is_seen_below_and_beside_a_vehicle_than_away_from_it(yaw_deg):
    corners = np.array([(x, y, z) for x in (-2, 2) for y in (-.9, .9) for z in (.2, 1.5)])
    mesh = Mesh.of_one(
        corners, np.array([(0, 1, 2), (5, 6, 7), (3, 4, 5)]), Material.CAR_PAINT, (9, 9, 9))
    car = sim_world.standing(ActorModel('car', ObjectClass.CAR, (mesh,)), 100.0, 50.0, yaw_deg)
    turn = np.radians(yaw_deg)
    local = np.array([(0, 0), (0, 1.0), (2.2, 0), (0, 1.8), (5.0, 0)])
    places, _ = on_ground(*(local @ np.array(
        [(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))]) + (10.0, 0.0)))
    below, beside, before, farther, away = lights.open_sky_beside(
        places, [car], np.array([90.0, 50.0, 0.0]), 0.0)
    assert below < .2
    assert below < beside < farther < away == 1.0
    assert beside == pytest.approx(before, abs=.25)
