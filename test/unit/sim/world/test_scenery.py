# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest

from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.mesh import Mesh
from mm_fusion_ros.sim.world.instances import Instances
from mm_fusion_ros.sim.world.roadworks import BarrierKind, roadworks
from mm_fusion_ros.sim.world.street_plan import street_plan
from mm_fusion_ros.sim.world.style import CITY


def test_nothing_stands_on_a_carriageway(place):
    junction = next(lane for lane in place.site.streets.lanes if lane.junction >= 0)
    near = place.site.scenery.around(junction.path.points[0], 200.0)
    everything = near.vertices.astype(np.float64)
    xy = everything[:, :2]
    # A cell of the map is 0.2 m wide: what stands at the kerb may share it.
    row, column = np.divmod(place.whole.cells(xy), place.whole.surface.shape[1])
    inner = np.lib.stride_tricks.sliding_window_view(place.whole.is_drivable, (3, 3)).min((2, 3))
    height, width = inner.shape
    on_road = inner[np.clip(row - 1, 0, height - 1), np.clip(column - 1, 0, width - 1)] == 255
    assert len(xy) > 50_000
    over = everything[on_road]
    assert (over[:, 2] - place.site.height(over[:, :2]) > 4.0).all()


def test_lamps_hang_over_lit_streets(place):
    lamps = place.site.lamps
    assert len(lamps) > 10
    assert lamps.shape[1] == 3
    above = lamps[:, 2] - place.site.height(lamps[:, :2])
    assert ((above > 6.0) & (above < 8.5)).all()


def test_what_is_near_a_place_stays_within_what_a_scene_may_hold(place):
    ways = [lane.path for lane in place.site.streets.lanes if lane.junction >= 0]
    for way in ways[::40]:
        mesh = place.site.mesh_around(way.points[0], 120.0)
        assert 5_000 < len(mesh) < 200_000
        assert np.isfinite(mesh.vertices).all()
        assert (mesh.materials == Material.GROUND).any()
        assert (mesh.materials != Material.GROUND).any()


def test_roadworks_stand_on_the_carriageway_beside_the_lanes(place):
    site = place.site
    if not site.barriers:
        pytest.skip('this site has no roadworks')
    assert {barrier.kind for barrier in site.barriers} >= {BarrierKind.BOARD}
    places = np.array([barrier.T_world[:3, 3] for barrier in site.barriers])
    np.testing.assert_allclose(places[:, 2], site.height(places[:, :2]), atol=1e-9)
    spaces = np.array([space.position for space in site.streets.parking])
    assert np.linalg.norm(spaces[:, None] - places[:, :2], axis=2).min() > 2.5
    for lane in site.streets.lanes:
        middle = lane.path.at(np.arange(0.0, lane.path.length_m, 0.5)).positions
        gap = np.linalg.norm(places[:, None, :2] - middle, axis=2).min()
        assert gap > lane.width_m / 2 + 0.15


def test_about_every_third_world_has_roadworks():
    plan = street_plan(np.random.default_rng(0), CITY)
    count = sum(bool(roadworks(np.random.default_rng(seed), plan)) for seed in range(60))
    assert 10 < count < 35


@pytest.mark.parametrize('angle', [0.0, 1.1])
def test_a_copy_is_the_shape_moved(angle):
    rng = np.random.default_rng(3)
    shape = Mesh.of_one(rng.normal(size=(6, 3)), np.array([(0, 1, 2), (3, 4, 5)]),
                        Material.WOOD, (1, 2, 3))
    copies = Instances(
        (Mesh.empty(), shape), np.array([9.0, 50.0]), np.array([1, 1]),
        np.array([(10.0, 0.0, 2.0), (80.0, 0.0, 0.0)]), np.array([angle, 0.0]),
        np.array([1.5, 1.0]), np.zeros(2))
    found = copies.around(np.zeros(2), 100.0)
    assert len(found) == 2  # the other is shown only from near by
    T = np.eye(4)
    T[:2, :2] = 1.5 * np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    T[2, 2], T[:3, 3] = 1.5, (10.0, 0.0, 2.0)
    np.testing.assert_allclose(found.vertices, shape.moved(T).vertices, atol=1e-5)
    assert (found.materials == Material.WOOD).all()


def test_nothing_is_near_an_empty_place():
    copies = Instances(
        (Mesh.empty(),), np.array([9.0]), np.array([0]), np.full((1, 3), 500.0),
        np.zeros(1), np.ones(1), np.zeros(1))
    assert len(copies.around(np.zeros(2), 100.0)) == 0
