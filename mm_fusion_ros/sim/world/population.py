# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Who is about: traffic and people near the way of the ego vehicle, and what is parked there.
"""

from __future__ import annotations

from typing import NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.sim.world import strolls
from mm_fusion_ros.sim.world.path import Path
from mm_fusion_ros.sim.world.routes import random_route
from mm_fusion_ros.sim.world.traffic import Agent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.actor_model import ActorModel
    from mm_fusion_ros.sim.models.model_pool import ModelPool
    from mm_fusion_ros.sim.world.site import CitySite
    from mm_fusion_ros.sim.world.streets import Streets

_NEAR_M, _WALKS_M, _CROSSINGS_M = 90.0, 63.0, 25.0  # of the ego vehicle's way
_AHEAD_M = 50.0
_BY_ROADWORKS = 0.7  # of drives begin on a street with roadworks, if there are any
_BESIDE_M = 15.0
_WAITING_M = (0.6, 1.2)  # behind the kerb, those who are about to cross
_SPARE_M = 3.0  # of ways, so that nobody comes to their ends
_KINDS = ('cars', 'vans', 'trucks', 'buses', 'cyclists')
_SHARES = (0.72, 0.09, 0.07, 0.04, 0.08)


class Density(NamedTuple):
    """
    How busy a world is.

    Attributes
    ----------
    spacing_m : float
        Mean way between vehicles of a lane, m.
    people_per_km : float
        On sidewalks.
    parked : float
        Share of the parking spaces that are taken.

    """

    spacing_m: float
    people_per_km: float
    parked: float


def random_density(rng: np.random.Generator) -> Density:
    """Choose how busy it is."""
    return Density(rng.uniform(26.0, 90.0), rng.uniform(8.0, 70.0), rng.uniform(0.2, 0.9))


def ego_agent(
    site: CitySite, pool: ModelPool, duration_s: float, rng: np.random.Generator
) -> Agent:
    """Set the ego vehicle on a way that is long enough, rather by roadworks, already rolling."""
    streets = site.streets
    starts = [index for index, lane in enumerate(streets.lanes)
              if lane.junction < 0 and lane.path.length_m > 60.0]
    if site.barriers and rng.random() < _BY_ROADWORKS:
        works = np.array([barrier.T_world[:2, 3] for barrier in site.barriers])
        starts = [index for index in starts
                  if _distance(streets.lanes[index].path, works) < _BESIDE_M] or starts
    lane = int(rng.choice(starts))
    speed = streets.lanes[lane].speed_mps
    route = random_route(streets, lane, duration_s * 18.0 + 150.0, rng, turns=0.8)
    way = rng.uniform(12.0, streets.lanes[lane].path.length_m - 45.0)
    return Agent(route, pool.cars[0], way, speed * rng.uniform(0.6, 0.9),
                 keenness=rng.uniform(0.85, 1.0), acceleration_mps2=rng.uniform(1.2, 2.0))


def vehicles(
    streets: Streets, ego: Agent, pool: ModelPool, density: Density, duration_s: float,
    rng: np.random.Generator,
) -> list[Agent]:
    """Set vehicles on the lanes near the ego vehicle's way, none too close to another."""
    around = _way_points(ego, duration_s)
    agents = []
    for index, lane in enumerate(streets.lanes):
        if lane.junction >= 0 or not _is_near(lane.path, around, _NEAR_M):
            continue
        way = rng.uniform(4.0, density.spacing_m)
        while way < lane.path.length_m - 9.0:
            kind = str(rng.choice(_KINDS, p=_SHARES))
            models: tuple[ActorModel, ...] = getattr(pool, kind)
            model = models[int(rng.integers(len(models)))]
            length = model.size_m[0]
            way += length / 2.0
            if not _touches_ego(streets, index, way, length, ego):
                agents.append(_vehicle(streets, index, way, model, duration_s, rng))
            way += length / 2.0 + 5.0 + rng.exponential(density.spacing_m)
    return agents


def _vehicle(
    streets: Streets, lane: int, way: float, model: ActorModel, duration_s: float,
    rng: np.random.Generator,
) -> Agent:
    allowed = streets.lanes[lane].speed_mps
    keenness = rng.uniform(0.8, 1.05)
    if model.object_class is ObjectClass.CYCLIST:
        keenness = rng.uniform(4.0, 6.5) / allowed
    route = random_route(streets, lane, allowed * keenness * (duration_s + 2.0) + 90.0, rng)
    heavy = model.size_m[0] > 6.5
    return Agent(route, model, way, allowed * keenness * 0.7,
                 keenness * (0.9 if heavy else 1.0),
                 acceleration_mps2=rng.uniform(0.8, 1.2) if heavy else rng.uniform(1.3, 2.2))


def _touches_ego(
    streets: Streets, lane: int, way: float, length: float, ego: Agent
) -> bool:
    place = streets.lanes[lane].path.at(np.array([way])).positions[0]
    ours = ego.route.path.at(np.array([ego.way_m])).positions[0]
    return bool(np.linalg.norm(place - ours) < (length + ego.model.size_m[0]) / 2.0 + 7.0)


def walkers(
    streets: Streets, ego: Agent, pool: ModelPool, density: Density, duration_s: float,
    rng: np.random.Generator,
) -> list[Agent]:
    """Set people on the sidewalks, in both directions."""
    around = _way_points(ego, duration_s)
    agents = []
    for walk in streets.walks:
        if not _is_near(walk, around, _WALKS_M):
            continue
        for _ in range(rng.poisson(walk.length_m / 1000.0 * density.people_per_km)):
            loop, pace = strolls.loop(walk, rng), _pace(rng)
            path = Path(strolls.along(
                loop, rng.uniform(0.0, loop.length_m), pace * duration_s + _SPARE_M))
            agents.append(_walker(path, 0.0, pace, pool, rng))
    return agents


def crossers(
    streets: Streets, ego: Agent, pool: ModelPool, duration_s: float, rng: np.random.Generator
) -> list[Agent]:
    """
    Let people cross where the ego vehicle comes by: with a signal while its road has red.

    Elsewhere they go when they like; drivers stop for them.
    """
    around = _way_points(ego, duration_s)
    agents = []
    for crossing in streets.crossings:
        path = crossing.path
        if not _is_near(path, around, _CROSSINGS_M) or rng.random() < .45:
            continue
        start = rng.uniform(0.0, duration_s * .8)
        if crossing.signal >= 0:
            signal = streets.signals[crossing.signal]
            cycle = np.arange(0.0, duration_s, .5)
            # They begin only if red lasts until they are over.
            fits = [t for t in cycle
                    if not any(signal.may_go(t + s) for s in np.arange(-4.0, 9.0, .5))]
            if not fits:
                continue
            start = fits[0]
        way = path if rng.random() < .5 else path.reversed()
        for _ in range(int(rng.integers(1, 4))):
            pace = _pace(rng)
            own = strolls.across(way.beside(rng.uniform(-1.0, 1.0)), streets.walks,
                                 pace * duration_s + _SPARE_M, rng)
            if own is None:
                continue
            walker = _walker(own, -rng.uniform(*_WAITING_M), pace, pool, rng)
            walker.starts_s = start
            agents.append(walker)
    return agents


def _pace(rng: np.random.Generator) -> float:
    return rng.uniform(0.9, 1.7)


def _walker(
    path: Path, way: float, pace: float, pool: ModelPool, rng: np.random.Generator
) -> Agent:
    model = pool.walkers[int(rng.integers(len(pool.walkers)))]
    return Agent(strolls.stroll(path, pace), model, way, 0.0, walks=True, acceleration_mps2=1.5)


def _distance(path: Path, places: NDArray[np.float64]) -> float:
    on = path.at(np.arange(0.0, path.length_m, 5.0)).positions
    return float(np.linalg.norm(on[:, None] - places, axis=-1).min())


def _way_points(ego: Agent, duration_s: float) -> NDArray[np.float64]:
    """Give where the ego vehicle comes by."""
    path = ego.route.path
    end_m = ego.way_m + float(np.median(ego.route.limits)) * duration_s * 0.9 + _AHEAD_M
    return path.at(np.arange(ego.way_m, min(path.length_m, end_m), 15.0)).positions


def _is_near(path: Path, around: NDArray[np.float64], range_m: float) -> bool:
    """Tell whether the middle of a path is in range of any of some places (N, 2)."""
    middle = path.at(np.array([path.length_m / 2.0])).positions[0]
    return bool(np.linalg.norm(around - middle, axis=1).min() <= range_m)
