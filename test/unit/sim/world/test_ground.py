# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import cv2
from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from mm_fusion_ros.sim.materials import Material, Surface
from mm_fusion_ros.sim.world.instances import Instances
from mm_fusion_ros.sim.world.terrain import terrain


def middle_of(site) -> np.ndarray:
    ways = [lane.path for lane in site.streets.lanes if lane.junction >= 0]
    return ways[len(ways) // 2].points[0]


@pytest.fixture
def bare(place, monkeypatch):
    """Give the site with nothing on its ground."""
    monkeypatch.setattr(Instances, 'around', lambda self, *_: self.shapes[0].empty())
    return place


@given(st.integers(0, 2**32))
def test_hills_are_gentle(seed):
    rng = np.random.default_rng(seed)
    land = terrain(rng)
    places = rng.uniform(-600, 600, (200, 2))
    steps = rng.normal(size=(200, 2))
    steps /= np.linalg.norm(steps, axis=1, keepdims=True)
    slopes = np.abs(land.height(places + steps) - land.height(places))
    assert slopes.max() < 0.10
    assert slopes.mean() < 0.05


def test_the_mesh_has_no_hole_and_agrees_with_the_height(bare):
    scene_module = pytest.importorskip('embreex.rtcore_scene')
    from embreex.mesh_construction import TriangleMesh
    center = middle_of(bare.site)
    mesh = bare.site.mesh_around(center, 130.0)
    scene = scene_module.EmbreeScene()
    TriangleMesh(
        scene, (mesh.vertices - np.float32([*center, 0])).astype(np.float32), mesh.faces)
    rng = np.random.default_rng(bare.seed)
    xy = rng.uniform(-105, 105, (60_000, 2))
    xy = xy[np.linalg.norm(xy, axis=1) < 105]
    starts = np.column_stack([xy, np.full(len(xy), 100.0)]).astype(np.float32)
    down = np.tile(np.float32([0, 0, -1]), (len(xy), 1))
    found = scene.run(starts, down, dists=np.full(len(xy), 1e4, np.float32),
                      query='INTERSECT', output=True)
    assert (found['geomID'] >= 0).all()
    error = np.abs(100.0 - found['tfar'] - bare.site.height(xy + center))
    # Rays are rounded to float32: the few that fall on a kerb may see its other side.
    assert np.quantile(error, 0.999) < 0.0105
    assert (error > 0.0105).sum() <= 3


def test_ground_reaches_to_the_horizon(bare):
    mesh = bare.site.mesh_around(middle_of(bare.site), 130.0)
    reach = np.linalg.norm(mesh.vertices[:, :2] - middle_of(bare.site), axis=1)
    assert reach.max() > 700.0
    assert np.isin(mesh.materials, [Material.GROUND, Material.CONCRETE]).all()


def test_one_steps_up_a_kerb_beside_a_crosswalk(place):
    steps = []
    for crossing in place.site.streets.crossings:
        heights = place.site.height(crossing.path.at(np.array([-0.3, 0.3])).positions)
        steps.append(heights[0] - heights[1])
    assert len(steps) > 0
    assert 0.05 < np.median(steps) < 0.17
    assert min(steps) > 0.0


def test_a_carriageway_is_highest_in_its_middle(place):
    rises = []
    for crossing in place.site.streets.crossings:
        if crossing.signal < 0:
            length = crossing.path.length_m
            heights = place.site.height(
                crossing.path.at(np.array([0.2, length / 2, length - 0.2])).positions)
            rises.append(heights[1] - heights[[0, 2]].mean())
    assert not rises or max(rises) > 0.01
    assert all(rise > -0.02 for rise in rises)


def test_paint_and_true_lines_lie_on_carriageways_only(place):
    whole = place.whole
    off = whole.is_drivable == 0
    for layer in (whole.paint, whole.is_lane_line, whole.is_crosswalk):
        assert layer.any()
        assert not layer[off].any()
    for layer in (whole.is_drivable, whole.is_lane_line, whole.is_crosswalk):
        assert set(np.unique(layer)) == {0, 255}
    assert ((whole.surface == Surface.ASPHALT) == ~off).all()


def test_all_that_is_drivable_hangs_together(place):
    count, labels = cv2.connectedComponents(place.whole.is_drivable, connectivity=4)
    assert count == 2
    assert len(np.unique(labels)) == 2


def test_maps_of_different_places_agree(place):
    center = middle_of(place.site)
    here = place.site.map_around(center, 40.0, 0.05)
    there = place.site.map_around(center + np.array((23.0, -11.03)), 50.0, 0.05)
    xy = np.random.default_rng(0).uniform(-20, 20, (20_000, 2)) + center
    for layer in ('surface', 'is_drivable', 'is_lane_line', 'is_crosswalk'):
        a = getattr(here, layer).ravel()[here.cells(xy)]
        b = getattr(there, layer).ravel()[there.cells(xy)]
        assert (a == b).mean() > 0.99
    a, b = (m.paint.ravel()[m.cells(xy)].astype(float) for m in (here, there))
    assert np.abs(a - b).mean() < 3.0


def test_a_map_has_the_cells_it_says(place):
    found = place.site.map_around(np.array([3.0, 4.0]), 10.0, 0.1)
    assert found.surface.shape == (200, 200)
    np.testing.assert_allclose(found.origin, (-7.0, -6.0))
    assert found.paint.dtype == np.uint8
