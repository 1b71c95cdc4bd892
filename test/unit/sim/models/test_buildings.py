# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Buildings stand behind their front, and have walls, windows, doors and roofs.
"""

from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene
import numpy as np
import pytest

from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.models import buildings
from mm_fusion_ros.sim.models.buildings import BuildingPlan
from mm_fusion_ros.sim.models.facades import sides_of

ROOFS = ('gable', 'front gable', 'hip', 'flat')
PANE = Material.FACADE_WINDOW
WALLS = (Material.BRICK, Material.PLASTER, Material.CONCRETE)


def made(plan, seeds=6):
    return [buildings.building(np.random.default_rng(seed), plan) for seed in range(seeds)]


def hits(mesh, origins, direction):
    scene = EmbreeScene()
    TriangleMesh(scene, mesh.vertices, mesh.faces)
    rays = np.tile(np.float32(direction), (len(origins), 1))
    return scene.run(np.float32(origins), rays, output=True)


@pytest.mark.parametrize('roof', ROOFS)
def test_walls_fill_the_plan_and_the_roof_reaches_little_beyond(roof):
    plan = BuildingPlan(12.0, 9.0, 2, roof)
    for mesh in made(plan):
        walls = mesh.vertices[np.unique(mesh.faces[np.isin(mesh.materials, WALLS)])]
        assert walls[:, 0].min() == pytest.approx(-6.0, abs=0.1)
        assert walls[:, 1].max() == pytest.approx(9.0, abs=0.1)
        assert mesh.vertices[:, 2].min() == pytest.approx(-buildings.ROOT_M)
        beyond = np.abs(mesh.vertices[:, 0]).max() - 6.0
        assert beyond < 0.5
        assert mesh.vertices[:, 1].min() > -1.5
        assert plan.top_m < mesh.vertices[:, 2].max() < plan.top_m + 8.0


@pytest.mark.parametrize('roof', ROOFS)
@pytest.mark.parametrize('storeys', [1, 2, 5])
def test_a_building_has_windows_and_a_door_and_few_triangles(roof, storeys):
    for mesh in made(BuildingPlan(14.0, 11.0, storeys, roof)):
        assert 60 <= len(mesh) <= 620
        materials = {Material(value) for value in mesh.materials}
        assert {Material.FACADE_WINDOW, Material.WOOD} <= materials
        assert materials & set(WALLS)
        assert (Material.ROOF_TILE in materials) == (roof != 'flat')


@pytest.mark.parametrize('roof', ROOFS)
def test_windows_are_seen_on_all_four_sides(roof):
    for mesh in made(BuildingPlan(12.0, 10.0, 2, roof), seeds=2):
        across = np.linspace(-4.5, 4.5, 181)
        for angle in range(4):
            out = np.array([np.sin(angle * np.pi / 2), -np.cos(angle * np.pi / 2), 0.0])
            along = np.array([-out[1], out[0], 0.0])
            origins = (0, 5, 1.6) + 40.0 * out + across[:, None] * along
            found = hits(mesh, origins, -out)
            assert (found['primID'] >= 0).all()
            assert (mesh.materials[found['primID']] == Material.FACADE_WINDOW).mean() > 0.15
            facing = found['Ng'] @ out
            assert (facing > 0.0).all()


@pytest.mark.parametrize('roof', ROOFS)
def test_no_ray_from_above_finds_the_inside(roof):
    for mesh in made(BuildingPlan(12.0, 10.0, 2, roof), seeds=3):
        x, y = np.meshgrid(np.linspace(-5.9, 5.9, 40), np.linspace(.1, 9.9, 40))
        origins = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, 60.0)])
        found = hits(mesh, origins, (0, 0, -1))
        assert (found['primID'] >= 0).all()
        assert (found['Ng'][:, 2] > 0.0).all()
        assert (60.0 - found['tfar'] > 5.0).all()


def test_a_shop_has_large_panes_on_the_ground_floor():
    shop, home = (made(BuildingPlan(10.0, 9.0, 2, 'gable', has_shop=has), 1)[0]
                  for has in (True, False))

    def glass(mesh):
        x, z = np.meshgrid(np.linspace(-5, 5, 100), np.linspace(.3, 2.0, 40))
        origins = np.column_stack([x.ravel(), np.full(x.size, -1.0), z.ravel()])
        found = hits(mesh, origins, (0, 1, 0))['primID']
        return (mesh.materials[found[found >= 0]] == Material.FACADE_WINDOW).mean()

    assert glass(shop) > 1.4 * glass(home)


def test_a_hut_too_small_for_windows_is_still_a_building():
    assert len(made(BuildingPlan(1.5, 1.5, 1, 'flat'), 1)[0]) > 20


def test_panes_of_large_buildings_stand_wider_apart():
    small, large = (
        np.sum(made(BuildingPlan(width, 20.0, 8, 'flat'), 1)[0].materials == PANE)
        for width in (20.0, 60.0))
    assert 100 < large < 1.3 * small


@pytest.mark.parametrize('make', [
    buildings.garage,
    lambda rng: buildings.building(rng, BuildingPlan(11.0, 9.0, 2, 'hip')),
    lambda rng: buildings.building(rng, BuildingPlan(24.0, 15.0, 6, 'flat', is_office=True)),
    lambda rng: buildings.shed(rng, 24.0, 15.0), lambda rng: buildings.shed(rng, 4.0, 6.0)])
def test_every_kind_of_building_follows_from_its_seed(make):
    for seed in range(8):
        one, same = (make(np.random.default_rng(seed)) for _ in range(2))
        assert one.vertices.tobytes() == same.vertices.tobytes()
        assert one.colors.tobytes() == same.colors.tobytes()
        assert len(one) <= 700
        assert one.vertices[:, 1].min() > -1.6


def test_sides_run_around_the_house_with_their_fronts_outwards():
    for side in sides_of(8.0, 6.0):
        out = np.array([side.along[1], -side.along[0]])
        middle = side.start + side.along * side.length_m / 2.0
        assert (middle - (0.0, 3.0)) @ out > 2.9
