# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Plants stand in the ground, and some rays pass between their leaves.
"""

from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene
import numpy as np
import pytest

from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.mesh import Mesh
from mm_fusion_ros.sim.models import plants

KINDS = [*plants.TREE_SHAPES]


def share_of_rays_that_pass(mesh, low, high, half):
    scene = EmbreeScene()
    TriangleMesh(scene, mesh.vertices, mesh.faces)
    y, z = np.meshgrid(np.linspace(-half, half, 60), np.linspace(low, high, 60))
    origins = np.column_stack([np.full(y.size, -30.0), y.ravel(), z.ravel()])
    found = scene.run(np.float32(origins), np.tile(np.float32([1, 0, 0]), (y.size, 1)))
    return float((found < 0).mean())


@pytest.mark.parametrize('kind', KINDS)
def test_a_tree_grows_out_of_the_ground_to_its_height(kind):
    shape = plants.TREE_SHAPES[kind][0]
    for seed in range(5):
        mesh = plants.tree(np.random.default_rng(seed), kind)
        low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
        assert low[2] == pytest.approx(-0.3, abs=0.08)
        assert 0.75 * shape.height_m[0] <= high[2] <= 1.2 * shape.height_m[1]
        stem = mesh.vertices[mesh.vertices[:, 2] < 0.0]
        assert np.hypot(*stem[:, :2].T).max() < 0.5


@pytest.mark.parametrize('kind', KINDS)
def test_a_tree_has_few_triangles_of_bark_and_leaves(kind):
    mesh = plants.tree(np.random.default_rng(0), kind)
    assert 150 <= len(mesh) <= 370
    expected = {Material.BARK} | ({Material.FOLIAGE} if kind != 'winter tree' else set())
    assert {Material(value) for value in mesh.materials} == expected


@pytest.mark.parametrize(
    ('kind', 'least', 'most'),
    [('broadleaf', .02, .6), ('birch', .2, .8), ('winter tree', .6, .99)])
def test_some_rays_pass_through_a_crown(kind, least, most):
    shares = []
    for seed in range(5):
        mesh = plants.tree(np.random.default_rng(seed), kind)
        shape, height = plants.TREE_SHAPES[kind][0], mesh.vertices[:, 2].max()
        low = (shape.bare + .15) * height
        shares.append(share_of_rays_that_pass(mesh, low, .85 * height, .3 * shape.spread * height))
    assert least < np.mean(shares) < most


def test_leaves_vary_in_brightness():
    mesh = plants.tree(np.random.default_rng(0), 'broadleaf')
    leaves = mesh.colors[mesh.materials == Material.FOLIAGE].astype(float)
    assert leaves.std(axis=0).min() > 5.0
    assert leaves[:, 1].mean() > leaves[:, 2].mean()


def test_a_bush_has_the_size_asked_for():
    mesh = plants.bush(np.random.default_rng(1), (2.0, 1.0, 1.2))
    size = np.ptp(mesh.vertices, axis=0)
    assert size == pytest.approx((2.0, 1.0, 1.2), rel=0.7)
    assert mesh.vertices[:, 2].min() < 0.1
    assert len(mesh) <= 320


@pytest.mark.parametrize('length', [1.0, 6.0, 25.0])
def test_a_hedge_is_as_long_as_asked_and_lets_no_ray_through(length):
    mesh = plants.hedge(np.random.default_rng(1), length)
    assert np.ptp(mesh.vertices[:, 0]) == pytest.approx(length, abs=0.7)
    assert mesh.vertices[:, 2].min() < -0.1
    turned = Mesh.of_one(
        mesh.vertices[:, [1, 0, 2]], mesh.faces, Material.FOLIAGE, (1, 1, 1))
    assert share_of_rays_that_pass(turned, 0.1, 0.7, 0.45 * length) == 0.0


def test_trees_differ_by_seed_alone():
    one, same, other = (plants.tree(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one.vertices.tobytes() == same.vertices.tobytes()
    assert one.colors.tobytes() == same.colors.tobytes()
    assert one.vertices.tobytes() != other.vertices.tobytes()
