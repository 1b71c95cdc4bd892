# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Vehicles are of the size, make and class that they are on the road.
"""

from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene
import numpy as np
import pytest

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.models import heavy_vehicles, vehicle_parts, vehicles
from mm_fusion_ros.sim.models.shapes import Look

RANGES = {  # length, width, height, m
    'supermini': ((3.4, 4.2), (1.58, 1.76), (1.38, 1.58)),
    'hatchback': ((4.0, 4.55), (1.70, 1.87), (1.36, 1.56)),
    'saloon': ((4.3, 5.1), (1.74, 1.92), (1.38, 1.52)),
    'estate': ((4.3, 5.0), (1.74, 1.90), (1.38, 1.58)),
    'suv': ((4.0, 4.9), (1.72, 1.96), (1.55, 1.80)),
    'large suv': ((4.6, 5.3), (1.88, 2.06), (1.68, 1.92)),
    'mpv': ((3.9, 5.0), (1.72, 1.92), (1.52, 1.84)),
    'pickup': ((5.1, 6.1), (1.89, 2.11), (1.75, 2.01)),
}


def everything(rng):
    made = [vehicles.car(rng, kind) for kind in vehicles.CAR_SHAPES]
    made += [vehicles.van(rng) for _ in range(3)]
    made += [heavy_vehicles.truck(rng, kind) for kind in heavy_vehicles.TRUCK_KINDS]
    return made + [heavy_vehicles.bus(rng, kind) for kind in ('city bus', 'coach')]


EVERYTHING = everything(np.random.default_rng(3))


def hits(mesh, origins, directions):
    scene = EmbreeScene()
    TriangleMesh(scene, mesh.vertices, mesh.faces)
    return scene.run(np.float32(origins), np.float32(directions), output=True)['primID']


@pytest.mark.parametrize('kind', vehicles.CAR_SHAPES)
def test_a_car_has_the_size_of_its_kind(kind):
    rng = np.random.default_rng(1)
    for _ in range(20):
        size = vehicles.car(rng, kind).size_m
        for value, (low, high) in zip(size, RANGES[kind], strict=True):
            assert low <= value <= high


def test_cars_vary_about_the_size_of_european_cars():
    rng = np.random.default_rng(1)
    sizes = np.array([vehicles.car(rng).size_m for _ in range(300)])
    assert sizes.mean(axis=0) == pytest.approx((4.35, 1.79, 1.54), abs=0.1)
    assert sizes[:, 0].std() > 0.3


@pytest.mark.parametrize('model', EVERYTHING, ids=lambda model: model.name)
def test_a_vehicle_stands_on_the_ground_with_its_origin_in_the_middle(model):
    assert model.minimum[2] == pytest.approx(0.0, abs=1e-3)
    assert model.minimum[:2] == pytest.approx(-model.maximum[:2], abs=1e-5)
    assert model.size_m[0] > model.size_m[1]


@pytest.mark.parametrize('model', EVERYTHING, ids=lambda model: model.name)
def test_mirrors_stick_out_of_the_box_of_a_vehicle(model):
    mesh = model.phases[0]
    outside = np.abs(mesh.vertices[:, 1]) > model.maximum[1] + 0.02
    assert outside.any()
    assert not mesh.is_body[outside[mesh.faces].any(axis=1)].any()


@pytest.mark.parametrize('model', EVERYTHING, ids=lambda model: model.name)
def test_a_vehicle_has_paint_windows_tyres_lights_and_plates(model):
    needed = {Material.CAR_PAINT, Material.GLASS, Material.RUBBER, Material.METAL,
              Material.PLASTIC, Material.HEADLIGHT, Material.TAILLIGHT, Material.RETROREFLECTOR}
    assert needed <= {Material(value) for value in model.phases[0].materials}


@pytest.mark.parametrize('model', EVERYTHING, ids=lambda model: model.name)
def test_a_vehicle_has_few_triangles(model):
    assert 200 <= len(model.phases[0]) <= 660


@pytest.mark.parametrize('model', EVERYTHING, ids=lambda model: model.name)
def test_the_windscreen_is_seen_from_the_front_and_the_plate_from_the_rear(model):
    mesh = model.phases[0]
    y, z = np.meshgrid(np.linspace(-1, 1, 41), np.linspace(.2, 3.5, 120))
    for x, wanted in ((20.0, Material.GLASS), (20.0, Material.HEADLIGHT),
                      (-20.0, Material.RETROREFLECTOR), (-20.0, Material.TAILLIGHT)):
        origins = np.column_stack([np.full(y.size, x), y.ravel(), z.ravel()])
        found = hits(mesh, origins, np.tile([-np.sign(x), 0, 0], (y.size, 1)))
        seen = mesh.materials[found[found >= 0]]
        assert (seen == wanted).sum() >= 4


@pytest.mark.parametrize('kind', vehicles.CAR_SHAPES)
def test_a_car_has_side_windows_above_its_doors(kind):
    model = vehicles.car(np.random.default_rng(2), kind)
    mesh, height = model.phases[0], model.size_m[2]
    xs = np.linspace(-.45, .45, 91) * model.size_m[0]
    for z, is_window in ((.78 * height, True), (.45 * height, False)):
        origins = np.column_stack([xs, np.full(91, 5.0), np.full(91, z)])
        found = hits(mesh, origins, np.tile([0, -1, 0], (91, 1)))
        glass = (mesh.materials[found[found >= 0]] == Material.GLASS).mean()
        assert glass > 0.35 if is_window else glass == 0.0


@pytest.mark.parametrize('kind', heavy_vehicles.TRUCK_KINDS)
def test_one_sees_through_below_a_truck(kind):
    model = heavy_vehicles.truck(np.random.default_rng(2), kind)
    xs = np.linspace(-.45, .45, 91) * model.size_m[0]
    origins = np.column_stack([xs, np.full(91, 5.0), np.full(91, .35)])
    found = hits(model.phases[0], origins, np.tile([0, -1, 0], (91, 1)))
    assert (found < 0).mean() > 0.4


def test_faces_of_the_hull_of_a_car_look_outwards():
    for model in EVERYTHING[:len(vehicles.CAR_SHAPES)]:
        mesh = model.phases[0]
        faces = np.flatnonzero(np.isin(mesh.materials, [Material.CAR_PAINT, Material.GLASS]))
        a, b, c = mesh.vertices[mesh.faces[faces]].transpose(1, 0, 2)
        normals, middles = np.cross(b - a, c - a), (a + b + c) / 3.0
        found = hits(mesh, middles + 5.0 * normals / np.linalg.norm(
            normals, axis=1, keepdims=True), -normals)
        assert (found >= 0).all()
        top = mesh.materials[faces] == Material.GLASS
        outwards = np.einsum('ni,ni->n', normals[top], middles[top] - (0, 0, .8))
        assert (outwards > 0.0).all()


def test_a_hull_is_closed():
    lines = np.array([[(x, 1.0, 0.0), (x, 1.2, 1.0), (x, .8, 2.0)] for x in (0.0, 1.0, 3.0)])
    look = Look(Material.CAR_PAINT, (1, 2, 3))
    mesh = vehicle_parts.hull(lines, (look, vehicle_parts.GLASS), np.array([[0, 1, 0, 0]] * 2))
    edges = np.concatenate([mesh.faces[:, [0, 1]], mesh.faces[:, [1, 2]], mesh.faces[:, [2, 0]]])
    there = {tuple(edge) for edge in edges.tolist()}
    assert there == {(b, a) for a, b in there}
    is_glass = mesh.materials == Material.GLASS
    sides = mesh.vertices[mesh.faces[is_glass]][..., 1]
    assert is_glass.sum() == 8
    assert (sides > 0).all(axis=1).sum() == 4
    assert (mesh.vertices[mesh.faces[is_glass]][..., 2] >= 1.0).all()


def test_classes_follow_from_what_it_is():
    rng = np.random.default_rng(4)
    assert vehicles.car(rng).object_class == ObjectClass.CAR
    assert vehicles.van(rng).object_class == ObjectClass.CAR
    assert heavy_vehicles.truck(rng).object_class == ObjectClass.TRUCK
    assert heavy_vehicles.bus(rng).object_class == ObjectClass.BUS


def test_colours_of_cars_are_those_of_the_road():
    rng = np.random.default_rng(5)
    colors = np.array([vehicle_parts.paint(rng).color for _ in range(1000)])
    is_gray = np.ptp(colors, axis=1) < 40
    assert 0.6 < is_gray.mean() < 0.95
    assert 0.1 < (colors.min(axis=1) > 205).mean() < 0.4
