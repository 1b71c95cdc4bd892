# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

from mm_fusion_ros.sim.world.ground_map import GroundMap
from mm_fusion_ros.sim.world.site import CitySite, make_site


class Place(NamedTuple):
    """A site, and the map of all of it."""

    seed: int
    site: CitySite
    whole: GroundMap


@pytest.fixture(scope='session', params=range(5), ids=lambda seed: f'seed{seed}')
def place(request: pytest.FixtureRequest) -> Place:
    """One site of each style."""
    site = make_site(request.param)
    ends = np.concatenate([lane.path.points for lane in site.streets.lanes])
    low, high = ends.min(axis=0), ends.max(axis=0)
    return Place(
        request.param, site,
        site.map_around((low + high) / 2, float((high - low).max()) / 2 + 30.0, 0.2))
