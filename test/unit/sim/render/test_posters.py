# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures on posters."""

import numpy as np

from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.render.posters import PosterHits, Posters
from mm_fusion_ros.sim.render.rays import FaceTable


def table(*sizes):
    """Put flat posters of a width and height at x = 0, y from 0 on, apart from each other."""
    corners, materials = [], []
    for number, (width, height) in enumerate(sizes):
        start = np.array([0.0, 10.0 * number, 1.0])
        square = start + np.array([(0, 0, 0), (0, width, 0), (0, width, height), (0, 0, height)])
        corners += [square[[0, 1, 2]], square[[0, 2, 3]], np.zeros((3, 3))]
        materials += [Material.POSTER, Material.POSTER, Material.METAL]
    count = len(materials)
    return FaceTable(np.array(materials, np.uint8), np.zeros((count, 3), np.uint8),
                     np.ones(count, np.bool_), np.array(corners, np.float32).reshape(-1, 3, 3))


def looked_at(posters, faces, y, z):
    count = len(y)
    ones = np.ones(count, np.float32)
    return posters.albedo(PosterHits(
        np.full(count, faces, np.int32), np.stack([0 * ones, y, z]).astype(np.float32),
        np.stack([ones, 0 * ones, 0 * ones]), np.stack([-ones, 0 * ones, 0 * ones])))


def test_a_picture_fills_its_poster_and_both_triangles_show_one():
    posters = Posters(table((3.0, 2.0), (1.0, 2.0)), np.zeros(3))
    y, z = (axis.ravel() for axis in np.meshgrid(np.linspace(0, 3, 60), np.linspace(1, 3, 40)))
    colors = looked_at(posters, 0, y, z)
    assert colors.shape == (2400, 3)
    assert colors.std() > 20
    np.testing.assert_array_equal(colors, looked_at(posters, 1, y, z))
    # The ground of the picture lies below, its sky above.
    ground, sky = colors[z < 1.3].mean(axis=0), colors[z > 2.9].mean(axis=0)
    assert np.abs(ground - sky).max() > 10


def test_a_poster_looks_the_same_wherever_the_scene_begins():
    near, far = table((3.0, 2.0)), table((3.0, 2.0))
    far = FaceTable(far.materials, far.colors, far.is_body, far.corners - np.float32(25.0))
    y, z = np.linspace(0.1, 2.9, 50), np.linspace(1.1, 2.9, 50)
    moved = Posters(far, np.full(3, 25.0))
    hits = PosterHits(
        np.zeros(50, np.int32), np.stack([0 * y, y, z]).astype(np.float32) - np.float32(25.0),
        np.tile(np.array([[1], [0], [0]], np.float32), 50),
        np.tile(np.array([[-1], [0], [0]], np.float32), 50))
    one = looked_at(Posters(near, np.zeros(3)), 0, y, z).astype(int)
    assert (np.abs(one - moved.albedo(hits)).max(axis=1) < 8).mean() > .9


def test_a_scene_may_have_no_posters():
    nothing = FaceTable(np.zeros(1, np.uint8), np.zeros((1, 3), np.uint8),
                        np.ones(1, np.bool_), np.zeros((1, 3, 3), np.float32))
    Posters(nothing, np.zeros(3))
