# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import numpy as np

from mm_fusion_ros.sim.world.site import make_site
from mm_fusion_ros.sim.world.street_plan import street_plan
from mm_fusion_ros.sim.world.style import CITY

_PROGRAM = 'from test_site import fingerprint; print(fingerprint())'


def fingerprint() -> str:
    """Boil a site down to a few digits."""
    site = make_site(2)
    center = site.streets.lanes[9].path.points[3]
    mesh = site.mesh_around(center, 100.0)
    ground = site.map_around(center, 30.0, 0.1)
    arrays = [mesh.vertices, mesh.faces, mesh.colors, ground.surface, ground.paint, site.lamps,
              *(lane.path.points for lane in site.streets.lanes),
              *(walk.points for walk in site.streets.walks),
              *(signal.position for signal in site.streets.signals),
              *(space.position for space in site.streets.parking),
              *(barrier.T_world for barrier in site.barriers)]
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def test_two_processes_make_the_same_site():
    environment = {**os.environ, 'PYTHONHASHSEED': '1234', 'PYTHONPATH': os.pathsep.join(
        [os.path.dirname(__file__), os.getcwd()])}
    other = subprocess.run(
        [sys.executable, '-c', _PROGRAM], env=environment, capture_output=True, text=True,
        check=True)
    assert other.stdout.strip() == fingerprint()


def test_seeds_make_different_streets():
    plans = [street_plan(np.random.default_rng(seed), CITY) for seed in range(6)]
    assert len({len(plan.streets) for plan in plans}) > 1
    assert len({plan.streets[0].section for plan in plans}) > 3
