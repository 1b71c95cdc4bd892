# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A made world is the same for the same seed, nobody collides, and the ego vehicle drives well."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.sim.render.solid import Solid
from mm_fusion_ros.sim.world.collisions import colliding, footprints
from mm_fusion_ros.sim.world.make_world import make_world

DURATION_S = 12.0
SEEDS = (0, 3, 5, 7)


@pytest.fixture(scope='module', params=SEEDS)
def world(request):
    return make_world(request.param, DURATION_S)


def moving(world):
    return [actor for actor in world.actors if not actor.motion.is_still]


def digest(world) -> str:
    times = np.linspace(0.0, DURATION_S, 7)
    parts = [world.drive.T_world_base(times).tobytes()]
    parts += [actor.motion.at(times).T_world.tobytes() for actor in world.actors]
    parts += [mesh.vertices.tobytes() for actor in world.actors for mesh in actor.model.phases]
    center = world.drive.T_world_base(times)[0, :2, 3]
    parts.append(world.site.mesh_around(center, 60.0).vertices.tobytes())
    parts.append(world.site.map_around(center, 40.0, 0.2).surface.tobytes())
    return hashlib.sha256(b''.join(parts)).hexdigest()


def test_nobody_runs_into_anybody(world):
    times = np.arange(0.0, DURATION_S, 0.1)
    corners = footprints(world.actors, times)
    still = np.array([actor.motion.is_still for actor in world.actors])
    pairs = [(a, b) for a, b in colliding(corners) if not (still[a] and still[b])]
    names = [(world.actors[a].model.name, world.actors[b].model.name) for a, b in pairs]
    # Between the instants that were looked at, people may brush past each other.
    assert not [pair for pair in names if 'walking' not in ' '.join(pair)]
    assert len(pairs) <= 1 + len(world.actors) // 50


def people(world):
    return [actor for actor in moving(world)
            if actor.model.object_class is ObjectClass.PEDESTRIAN]


def test_nobody_walks_beyond_the_end_of_their_way(world):
    assert people(world)
    for actor in people(world):
        assert actor.motion.way(np.array([DURATION_S]))[0] < actor.motion.path.length_m


def test_nobody_is_where_something_solid_stands(world):
    times = np.arange(0.0, DURATION_S, 0.25)
    drive = world.drive.T_world_base(times)[:, :3, 3]
    origin = drive.mean(axis=0)
    mesh = world.site.scenery.around(origin[:2], 130.0)
    T_local_world = np.eye(4)
    T_local_world[:3, 3] = -origin
    solid = Solid(mesh.moved(T_local_world))
    angles = np.linspace(0.0, 2.0 * np.pi, 16, endpoint=False)
    directions = np.stack([np.cos(angles), np.sin(angles), 0.0 * angles], axis=1)
    for actor in world.actors:
        middles = actor.motion.at(times).T_world[:, :3, 3] - origin + (0.0, 0.0, 0.8)
        origins = np.repeat(middles, len(angles), axis=0).astype(np.float32)
        rays = np.tile(directions, (len(times), 1)).astype(np.float32)
        limit = np.float32(actor.model.size_m[:2].min() / 2.0 - 0.05)
        found = solid.nearest(origins, rays, np.full(len(rays), limit))
        assert (found.faces < 0).all(), actor.model.name


def test_roadworks_are_fenced_off_with_barriers(world):
    barriers = [a for a in world.actors if a.model.object_class is ObjectClass.BARRIER]
    assert all(actor.motion.is_still for actor in barriers)
    # Those that would stand in somebody's way are taken out.
    assert len(barriers) >= 0.8 * len(world.site.barriers)


def test_the_ego_vehicle_touches_nobody(world):
    for time_s in np.arange(0.0, DURATION_S, 0.2):
        T_base_world = np.linalg.inv(world.drive.T_world_base(np.array([time_s]))[0])
        corners = footprints(world.actors, np.array([time_s]))[:, 0]
        local = corners @ T_base_world[:2, :2].T + T_base_world[:2, 3]
        inside = (np.abs(local[..., 0] - 1.35) < 1.9) & (np.abs(local[..., 1]) < 0.7)
        assert not inside.any()


def test_the_ego_vehicle_drives_like_one(world):
    times = np.arange(0.0, DURATION_S, 0.05)
    linear, angular = world.drive.twist(times)
    assert linear[:, 0].min() > -0.05
    assert 1.0 < linear[:, 0].max() < 25.0
    assert np.abs(np.gradient(linear[:, 0], times)).max() < 6.5
    assert np.abs(linear[:, 0] * angular[:, 2]).max() < 4.5
    assert np.abs(linear[:, 1]).max() < 0.2
    T = world.drive.T_world_base(times)
    ground = world.site.height(T[:, :2, 3])
    assert np.abs(T[:, 2, 3] - ground).max() < 0.06
    cells = world.site.map_around(T[0, :2, 3], 150.0, 0.2)
    assert (cells.is_drivable.ravel()[cells.cells(T[:, :2, 3])] > 0).all()


def test_moving_actors_go_where_they_look(world):
    times = np.linspace(0.5, DURATION_S - 0.5, 40)
    for actor in moving(world):
        h = 1e-3
        there = actor.motion.at(times)
        after, before = actor.motion.at(times + h), actor.motion.at(times - h)
        velocity = (after.T_world - before.T_world)[:, :3, 3] / (2.0 * h)
        np.testing.assert_allclose(there.velocities, velocity, atol=0.05 + 0.02 * 15.0)
        fast = np.linalg.norm(there.velocities[:, :2], axis=1) > 0.5
        ahead = there.T_world[fast, :2, 0]
        along = there.velocities[fast, :2]
        along /= np.linalg.norm(along, axis=1, keepdims=True)
        assert (np.einsum('ni,ni->n', ahead, along) > 0.95).all()
        turns = there.T_world[:, :3, :3]
        eye = np.tile(np.eye(3), (40, 1, 1))
        np.testing.assert_allclose(turns @ turns.transpose(0, 2, 1), eye, atol=1e-9)


def test_actors_stand_on_the_ground(world):
    times = np.linspace(0.0, DURATION_S, 9)
    for actor in world.actors:
        T = actor.motion.at(times).T_world
        assert np.abs(T[:, 2, 3] - world.site.height(T[:, :2, 3])).max() < 0.16  # a kerb


def test_vehicles_keep_to_what_is_drivable(world):
    center = world.drive.T_world_base(np.array([DURATION_S / 2.0]))[0, :2, 3]
    cells = world.site.map_around(center, 140.0, 0.2)
    for actor in moving(world):
        if actor.model.object_class in (ObjectClass.CAR, ObjectClass.TRUCK, ObjectClass.BUS):
            place = actor.motion.at(np.linspace(0.0, DURATION_S, 20)).T_world[:, :2, 3]
            place = place[(np.abs(place - center) < 139.0).all(axis=1)]
            assert (cells.is_drivable.ravel()[cells.cells(place)] > 0).all(), actor.model.name


def test_ids_are_unique(world):
    assert len({actor.id for actor in world.actors}) == len(world.actors)


def test_worlds_of_several_seeds_have_all_classes():
    classes = {actor.model.object_class for seed in SEEDS
               for actor in make_world(seed, 4.0).actors}
    assert {ObjectClass.CAR, ObjectClass.TRUCK, ObjectClass.CYCLIST,
            ObjectClass.PEDESTRIAN} <= classes


def test_another_process_makes_the_same_world():
    program = (
        'import sys; sys.path[:0] = sys.argv[1:]\n'
        'from unit.sim.world.test_make_world import digest, make_world, DURATION_S\n'
        'print(digest(make_world(0, DURATION_S)))')
    out = subprocess.run(
        [sys.executable, '-c', program, *sys.path], check=True, capture_output=True, text=True,
        env={**os.environ, 'PYTHONHASHSEED': '77'})
    assert out.stdout.strip() == digest(make_world(0, DURATION_S))
    assert digest(make_world(1, DURATION_S)) != digest(make_world(0, DURATION_S))
