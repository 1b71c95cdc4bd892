# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Solids are closed, and their faces look outwards.
"""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.mesh import Mesh
from mm_fusion_ros.sim.models.shapes import (
    across,
    ball,
    box,
    hoop,
    loft,
    Look,
    panel,
    pick,
    prism,
    shaken,
    shifted,
    stack,
    tube,
    turned,
)

LOOK = Look(Material.METAL, (100, 110, 120))
SQUARE = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
SOLIDS = {
    'box': (box((2, 3, 4), (1, 1, 1), LOOK), 24.0),
    'loft': (loft([[(x, y, z) for x, y in SQUARE] for z in (0.0, 1.0, 3.0)], LOOK), 12.0),
    'prism': (prism(SQUARE, 1.0, 2.0, LOOK), 4.0),
    'across': (across([(0, 0), (2, 0), (2, 1), (0, 1)], 1.5, LOOK), 6.0),
    'tube': (tube((0, 0, 0), (3, 4, 0), (1.0, 1.0), LOOK, sides=64), 5.0 * np.pi),
    'cone': (tube((0, 0, 0), (0, 0, 3), (1.0, 0.0001), LOOK, sides=64), np.pi),
    'stack': (stack([(0, 0, 0, 1, 2), (1, 0, 3, 1, 2)], LOOK, sides=64), 6.0 * np.pi),
    'ball': (ball((1, 2, 3), (4, 5, 6), LOOK, sides=64), 8.0 * np.pi),
    'hoop': (hoop((0, 0, 1), 1.0, 0.1, LOOK, sides=64), 0.005 * 2.0 * np.pi * (1.0 - 0.2 / 3.0)),
}


def volume(mesh: Mesh) -> float:
    a, b, c = mesh.vertices.astype(np.float64)[mesh.faces].transpose(1, 0, 2)
    return float(np.einsum('ni,ni->', a, np.cross(b, c))) / 6.0


def is_closed(mesh: Mesh) -> bool:
    """Every edge is passed once in either direction."""
    edges = np.concatenate([mesh.faces[:, [0, 1]], mesh.faces[:, [1, 2]], mesh.faces[:, [2, 0]]])
    there = {tuple(edge) for edge in edges.tolist()}
    return len(there) == len(edges) and there == {(b, a) for a, b in there}


@pytest.mark.parametrize('name', SOLIDS)
def test_a_solid_is_closed(name):
    assert is_closed(SOLIDS[name][0])


@pytest.mark.parametrize('name', SOLIDS)
def test_a_solid_has_its_volume_so_its_faces_look_outwards(name):
    mesh, expected = SOLIDS[name]
    assert volume(mesh) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize('name', SOLIDS)
def test_every_face_has_the_look(name):
    mesh, _ = SOLIDS[name]
    assert (mesh.materials == Material.METAL).all()
    assert (mesh.colors == (100, 110, 120)).all()
    assert mesh.is_body.all()


@given(end=st.tuples(*[st.floats(-5, 5)] * 3), sides=st.integers(3, 12))
def test_a_bar_in_any_direction_looks_outwards(end, sides):
    if np.linalg.norm(end) < 0.1:
        return
    mesh = tube((0, 0, 0), end, (0.5, 0.2), LOOK, sides)
    assert is_closed(mesh)
    assert volume(mesh) > 0.0


def test_an_open_bar_has_no_ends():
    assert len(tube((0, 0, 0), (0, 0, 1), (1, 1), LOOK, 6, is_closed=False)) == 12


def test_a_panel_faces_those_who_see_its_corners_anticlockwise():
    mesh = panel([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)], LOOK)
    a, b, c = mesh.vertices[mesh.faces[0]]
    assert np.cross(b - a, c - a)[2] > 0.0
    assert len(mesh) == 2


def test_brightness_is_varied_by_the_seed_alone():
    mesh = SOLIDS['ball'][0]
    first, second = (shaken(mesh, np.random.default_rng(1)) for _ in range(2))
    assert (first.colors == second.colors).all()
    assert len(np.unique(first.colors, axis=0)) > 10


def test_a_picked_colour_is_close_to_one_of_those_offered():
    rng = np.random.default_rng(2)
    for _ in range(50):
        color = np.array(pick([(10, 10, 10), (200, 200, 200)], rng, spread=2.0))
        assert np.abs(color - [[10] * 3, [200] * 3]).max(axis=1).min() < 12


def test_shifting_and_turning_keep_the_solid():
    mesh = turned(shifted(SOLIDS['box'][0], 1.0, 2.0, 3.0), 0.5 * np.pi)
    assert volume(mesh) == pytest.approx(24.0)
    assert mesh.vertices.mean(axis=0) == pytest.approx((-3.0, 2.0, 4.0), abs=1e-5)
