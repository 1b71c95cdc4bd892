# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The pool holds enough of everything, and follows from its seed.
"""

from dataclasses import fields

import numpy as np

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.sim.models.model_pool import model_pool

CLASSES = {
    'cars': ObjectClass.CAR, 'vans': ObjectClass.CAR, 'trucks': ObjectClass.TRUCK,
    'buses': ObjectClass.BUS, 'cyclists': ObjectClass.CYCLIST,
    'walkers': ObjectClass.PEDESTRIAN, 'bystanders': ObjectClass.PEDESTRIAN,
}
LEAST = {'cars': 40, 'vans': 4, 'trucks': 10, 'buses': 6, 'cyclists': 10, 'walkers': 24,
         'bystanders': 6}


def everything(pool):
    for item in fields(pool):
        found = getattr(pool, item.name)
        yield from found if isinstance(found, tuple) else (found,)


def as_bytes(pool):
    return b''.join(
        part.tobytes() for model in everything(pool) for mesh in model.phases
        for part in (mesh.vertices, mesh.faces, mesh.materials, mesh.colors, mesh.is_body))


def test_there_is_enough_of_everything_and_each_is_of_its_class():
    pool = model_pool(0)
    for name, object_class in CLASSES.items():
        models = getattr(pool, name)
        assert len(models) >= LEAST[name]
        assert {model.object_class for model in models} == {object_class}
    for model in (pool.cone, pool.jersey_barrier, pool.barrier_board):
        assert model.object_class == ObjectClass.BARRIER


def test_two_pools_of_one_seed_are_equal_byte_by_byte():
    assert as_bytes(model_pool(5)) == as_bytes(model_pool(5))
    assert as_bytes(model_pool(5)) != as_bytes(model_pool(6))


def test_a_generator_goes_on_where_it_is():
    rng = np.random.default_rng(5)
    assert as_bytes(model_pool(rng)) == as_bytes(model_pool(5))
    assert as_bytes(model_pool(rng)) != as_bytes(model_pool(5))


def test_kinds_are_mixed():
    pool = model_pool(1)
    assert len({model.name for model in pool.cars}) >= 5
    assert len({model.name for model in pool.trucks}) >= 2
    assert len({model.name.split()[0] for model in pool.walkers}) == 3


def test_every_box_is_solid_and_is_measured_about_the_origin():
    for model in everything(model_pool(2)):
        assert (model.size_m > 0.1).all()
        assert np.allclose(model.minimum[:2], -model.maximum[:2], atol=1e-4)
