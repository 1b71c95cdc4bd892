# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
People have limbs that move, and boxes that hold all of it.
"""

import numpy as np
import pytest

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.sim.materials import Material
from mm_fusion_ros.sim.models import cyclists, people

WALKERS = [people.pedestrian(np.random.default_rng(seed)) for seed in range(30)]
STANDING = [people.pedestrian(np.random.default_rng(seed), is_walking=False)
            for seed in range(30)]
RIDERS = [cyclists.cyclist(np.random.default_rng(seed), kind)
          for seed in range(6) for kind in ('bicycle', 'scooter', 'motorcycle')]


@pytest.mark.parametrize('model', [*WALKERS, *STANDING], ids=lambda model: model.name)
def test_a_pedestrian_has_the_size_of_a_person(model):
    length, width, height = model.size_m
    assert model.object_class == ObjectClass.PEDESTRIAN
    assert 0.15 <= length <= 1.2
    assert 0.25 <= width <= 0.85
    assert 0.95 <= height <= 2.1


def test_there_are_adults_and_children():
    heights = np.array([model.size_m[2] for model in WALKERS])
    names = {model.name.split()[0] for model in WALKERS}
    assert names == {'man', 'woman', 'child'}
    assert heights.min() < 1.5 < heights.max()


@pytest.mark.parametrize('model', [*WALKERS, *STANDING, *RIDERS], ids=lambda model: model.name)
def test_the_box_of_a_person_stands_on_the_ground_about_the_origin(model):
    assert model.minimum[2] == pytest.approx(0.0, abs=1e-5)
    assert model.minimum[:2] == pytest.approx(-model.maximum[:2], abs=1e-5)


@pytest.mark.parametrize('model', [*WALKERS, *RIDERS], ids=lambda model: model.name)
def test_every_phase_touches_the_ground(model):
    for mesh in model.phases:
        assert mesh.body_vertices()[:, 2].min() == pytest.approx(0.0, abs=1e-5)


def test_one_who_walks_has_eight_phases_that_all_differ():
    for model in WALKERS:
        assert len(model.phases) == 8
        for k, mesh in enumerate(model.phases):
            step = np.abs(mesh.vertices - model.phases[k - 1].vertices).max()
            assert 0.03 < step < 0.5


def test_one_who_stands_has_one_phase():
    assert all(len(model.phases) == 1 for model in STANDING)


def test_a_foot_on_the_ground_goes_back_as_far_as_the_body_goes_forward():
    for model in WALKERS:
        shoes = [mesh.vertices[np.unique(mesh.faces[
            (mesh.materials == Material.RUBBER) & mesh.is_body])] for mesh in model.phases]
        left = np.array([feet[:len(feet) // 2, 0].mean() for feet in shoes])
        assert np.ptp(left) == pytest.approx(model.stride_m / 2.0, rel=0.08)
        back = left[4:8].mean() - left[0:4].mean()
        assert back < -0.2 * model.stride_m


def test_feet_on_pedals_go_forward_on_top():
    model = next(rider for rider in RIDERS if rider.name == 'bicycle rider')
    assert len(model.phases) == 8
    rubber = [mesh.vertices[np.unique(mesh.faces[mesh.materials == Material.RUBBER])]
              for mesh in model.phases[:2]]
    moving = np.abs(rubber[1] - rubber[0]).max(axis=1) > 0.02
    start, change = rubber[0][moving], (rubber[1] - rubber[0])[moving]
    middle = (start[:, 2].min() + start[:, 2].max()) / 2.0
    assert change[start[:, 2] > middle, 0].mean() > 0.03
    assert change[start[:, 2] < middle, 0].mean() < -0.03


def test_a_knee_lies_at_both_bones_lengths_before_the_leg():
    hip, foot = np.array((0.0, 0.1, 1.0)), np.array((0.2, 0.1, 0.4))
    knee = people.joint_between(hip, foot, (0.44, 0.43), 1.0)
    assert np.linalg.norm(knee - hip) == pytest.approx(0.44)
    assert np.linalg.norm(knee - foot) == pytest.approx(0.43)
    assert knee[0] > 0.2


@pytest.mark.parametrize('model', RIDERS, ids=lambda model: model.name)
def test_a_rider_has_the_size_of_a_cyclist(model):
    length, width, height = model.size_m
    assert model.object_class == ObjectClass.CYCLIST
    assert 1.5 <= length <= 2.4
    assert 0.4 <= width <= 0.95
    assert 1.4 <= height <= 2.0


@pytest.mark.parametrize('model', [*WALKERS, *STANDING, *RIDERS], ids=lambda model: model.name)
def test_people_have_few_triangles_and_are_of_skin_and_cloth(model):
    for mesh in model.phases:
        assert 300 <= len(mesh) <= 900
        assert {Material.SKIN, Material.CLOTH} <= {Material(m) for m in mesh.materials}


def test_umbrellas_are_left_out_of_the_box():
    carrying = [model for seed in range(120) for model in [
        people.pedestrian(np.random.default_rng(seed), is_walking=False)]
        if not model.phases[0].is_body.all()]
    assert carrying
    for model in carrying:
        assert model.phases[0].vertices[:, 2].max() > model.maximum[2]
