# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A made world, a rig and a studio without noise, shared by the tests of this folder."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from mm_fusion_ros.sim.render.weather import weather_named
from mm_fusion_ros.sim.rig import load_rig, Rig
from mm_fusion_ros.sim.shots import Conditions, Studio
from mm_fusion_ros.sim.world.make_world import make_world
from mm_fusion_ros.sim.world.world import World

SEED = 2


class Stage(NamedTuple):
    """All that measurements need."""

    world: World
    rig: Rig
    studio: Studio


@pytest.fixture(scope='session')
def stage() -> Stage:
    world = make_world(SEED, 6.0)
    rig = load_rig('demo')
    weather = weather_named('clear', np.random.default_rng(0))
    return Stage(world, rig, Studio(world, rig, Conditions(SEED, weather, has_noise=False)))
