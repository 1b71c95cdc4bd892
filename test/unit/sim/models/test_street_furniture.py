# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Furniture stands in the ground and shows its front to +x; roadworks are labelled.
"""

from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene
import numpy as np
import pytest

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.models import boundaries, roadworks
from mm_fusion_ros.sim.models import street_furniture as furniture

RNG = np.random.default_rng(7)
FIXED = ['lamp_pole', 'traffic_light', 'utility_pole', 'bollard', 'bin_', 'bench', 'bus_shelter',
         'advertising_column', 'billboard', 'electricity_box', 'mailbox', 'hydrant', 'planter']
PIECES = {name: getattr(furniture, name)() for name in FIXED}
PIECES |= {f'sign {k}': furniture.sign(RNG) for k in range(12)}
PIECES |= {f'fence {k}': boundaries.fence(RNG, 6.0) for k in range(8)}
PIECES |= {f'wall {k}': boundaries.wall(RNG, 6.0) for k in range(4)}
PIECES['rail'] = boundaries.guard_rail(8.0)


def first_seen_from(mesh, sign):
    """Give materials and heights of what is seen along x from +x (1) or -x (-1)."""
    scene = EmbreeScene()
    TriangleMesh(scene, mesh.vertices, mesh.faces)
    y, z = np.meshgrid(np.linspace(-2, 2, 161), np.linspace(.05, 9, 359))
    origins = np.column_stack([np.full(y.size, 20.0 * sign), y.ravel(), z.ravel()])
    found = scene.run(np.float32(origins), np.tile(np.float32([-sign, 0, 0]), (y.size, 1)))
    return mesh.materials[found[found >= 0]], z.ravel()[found >= 0]


@pytest.mark.parametrize('name', PIECES)
def test_furniture_goes_on_below_the_ground(name):
    low = PIECES[name].vertices[:, 2].min()
    assert low == pytest.approx(-0.3, abs=0.02)


@pytest.mark.parametrize('name', PIECES)
def test_furniture_has_few_triangles(name):
    assert 12 <= len(PIECES[name]) <= 450


@pytest.mark.parametrize('name', [name for name in PIECES if name.startswith('sign')])
def test_a_sign_reflects_to_its_front_and_is_of_metal_behind(name):
    front, heights = first_seen_from(PIECES[name], 1)
    back, _ = first_seen_from(PIECES[name], -1)
    assert (front == Material.RETROREFLECTOR).sum() > 20
    assert heights[front == Material.RETROREFLECTOR].min() > 1.2
    assert (back == Material.METAL).all()


@pytest.mark.parametrize(
    ('name', 'material'),
    [('traffic_light', Material.LAMP), ('billboard', Material.POSTER),
     ('bus_shelter', Material.GLASS)])
def test_the_front_is_seen_from_ahead(name, material):
    seen, _ = first_seen_from(PIECES[name], 1)
    assert (seen == material).sum() > 5


def test_the_head_of_a_lamp_shines_down_over_the_street():
    mesh = PIECES['lamp_pole']
    a, b, c = mesh.vertices[mesh.faces[mesh.materials == Material.LAMP]].transpose(1, 0, 2)
    assert (np.cross(b - a, c - a)[:, 2] < 0.0).all()
    assert a[:, 0].min() > 1.0
    assert a[:, 2] == pytest.approx(furniture.LAMP_HEIGHT_M, abs=0.2)


def test_lamps_of_a_traffic_light_are_red_above_amber_above_green():
    mesh = PIECES['traffic_light']
    lamps = mesh.materials == Material.LAMP
    heights = mesh.vertices[mesh.faces[lamps]].mean(axis=1)[:, 2]
    colors = mesh.colors[lamps][np.argsort(-heights)].astype(int)
    assert colors[0, 0] > 2 * colors[0, 1]
    assert colors[-1, 1] > 1.5 * colors[-1, 0]


def test_an_advertising_column_is_as_large_as_a_person_and_wears_one_poster():
    mesh = PIECES['advertising_column']
    above = mesh.vertices[mesh.vertices[:, 2] >= 0.0]
    assert np.ptp(above, axis=0) == pytest.approx((0.68, 0.68, 1.8), abs=0.15)
    rows = np.flatnonzero(mesh.materials == Material.POSTER)
    assert (np.diff(rows) == 1).all()
    assert 0 < rows[0] < rows[-1] < len(mesh) - 1


@pytest.mark.parametrize('length', [2.0, 6.0, 20.0])
def test_edges_are_as_long_as_asked(length):
    for mesh in (boundaries.fence(RNG, length), boundaries.wall(RNG, length),
                 boundaries.guard_rail(length)):
        assert np.ptp(mesh.vertices[:, 0]) == pytest.approx(length, abs=0.4)


@pytest.mark.parametrize(
    ('model', 'size'),
    [(roadworks.traffic_cone(), (.40, .40, .75)), (roadworks.jersey_barrier(), (3.0, .6, .81)),
     (roadworks.barrier_board(), (.55, 1.9, 1.29))], ids=lambda value: getattr(value, 'name', ''))
def test_roadworks_are_labelled_barriers_that_stand_on_the_ground(model, size):
    assert model.object_class == ObjectClass.BARRIER
    assert model.size_m == pytest.approx(size, abs=0.15)
    assert model.minimum[2] == pytest.approx(0.0, abs=1e-5)
    assert model.minimum[:2] == pytest.approx(-model.maximum[:2], abs=1e-5)


def test_cones_and_boards_reflect():
    for model in (roadworks.traffic_cone(), roadworks.barrier_board()):
        assert (model.phases[0].materials == Material.RETROREFLECTOR).any()
