# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Puts a world together from a seed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.interpolate import CubicSpline

from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.sim.actor import Actor
from mm_fusion_ros.sim.models.model_pool import model_pool
from mm_fusion_ros.sim.render.solid import Solid
from mm_fusion_ros.sim.world import population
from mm_fusion_ros.sim.world.collisions import blocked, colliding, footprints
from mm_fusion_ros.sim.world.ego_drive import EgoDrive
from mm_fusion_ros.sim.world.motions import PathMotion, Relief, StillMotion, Wander
from mm_fusion_ros.sim.world.roadworks import BarrierKind
from mm_fusion_ros.sim.world.routes import conflicts
from mm_fusion_ros.sim.world.site import make_site
from mm_fusion_ros.sim.world.traffic import Traffic
from mm_fusion_ros.sim.world.world import World

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.actor import Motion
    from mm_fusion_ros.sim.actor_model import ActorModel
    from mm_fusion_ros.sim.models.model_pool import ModelPool
    from mm_fusion_ros.sim.world.site import CitySite
    from mm_fusion_ros.sim.world.traffic import Agent

_RELIEF_STEP_M = 0.5
_TRACK_M = 1.5
_WATCH_S = 0.25
_SEEN_M = 200.0  # what is farther from the ego vehicle's way is never seen
_WARM_UP_S = 4.0  # traffic finds its distances before time 0


def make_world(seed: int, duration_s: float, *, is_rough: bool = True) -> World:
    """
    Make a world.

    Parameters
    ----------
    seed : int
        The same seed and duration give the same world, everywhere.
    duration_s : float
        How long the ego vehicle drives, s.
    is_rough : bool
        Whether the road shakes the vehicle.

    """
    rng = np.random.default_rng([seed, 0])
    pool = model_pool(rng)
    site = make_site(seed)
    streets = site.streets
    density = population.random_density(rng)
    whole_s = duration_s + _WARM_UP_S + 2.0
    ego = population.ego_agent(site, pool, whole_s, rng)
    agents = [ego, *population.vehicles(streets, ego, pool, density, whole_s, rng),
              *population.walkers(streets, ego, pool, density, whole_s, rng),
              *population.crossers(streets, ego, pool, whole_s, rng)]
    course = Traffic(streets, agents, conflicts(streets)).run(whole_s)
    ways = [CubicSpline(course.times_s - _WARM_UP_S, row) for row in course.ways_m.T]
    motions = _motions(site, agents, ways, rng)
    # The first of a pair that would collide stays: the ego vehicle, traffic, people, the parked.
    shapes: list[tuple[ActorModel, Motion]] = [
        *((agent.model, motion) for agent, motion in zip(agents, motions, strict=True)),
        *_standing(site, pool, density, rng),
        *_barriers(site, pool)]
    everybody = [Actor(number - 1, *shape) for number, shape in enumerate(shapes)]
    gone = _in_the_way(everybody, site, duration_s)
    drive = EgoDrive(ego.route.path, ways[0], site.height, duration_s, rng if is_rough else None)
    actors = tuple(actor for actor in everybody[1:] if actor.id not in gone)
    return World(seed, site, actors, drive, *_place(rng))


def _in_the_way(actors: list[Actor], site: CitySite, duration_s: float) -> set[int]:
    """
    Give the ids of those to be taken out, so that nobody runs into anybody or anything.

    The first actor is the ego vehicle; what stands farther from its way than is seen is left.
    """
    times_s = np.arange(-1.0, duration_s + 1.0, _WATCH_S)
    places = actors[0].motion.at(times_s).T_world[:, :3, 3]
    middle = (places.min(axis=0) + places.max(axis=0)) / 2.0
    reach_m = float(np.linalg.norm(places - middle, axis=1).max()) + _SEEN_M
    scenery = replace(site.scenery, reaches_m=np.full(len(site.scenery.shapes), np.inf))
    mesh = scenery.around(middle[:2], reach_m)
    solid = Solid(replace(mesh, vertices=(mesh.vertices - middle).astype(np.float32)))
    is_blocked = blocked(actors[1:], times_s, solid, middle)
    gone = {actor.id for actor, is_out in zip(actors[1:], is_blocked, strict=True) if is_out}
    for first, second in colliding(footprints(actors, times_s)).tolist():
        if actors[first].id not in gone:
            gone.add(actors[second].id)
    return gone


def _motions(
    site: CitySite, agents: list[Agent], ways: list[CubicSpline], rng: np.random.Generator
) -> list[PathMotion]:
    """Lay the agents' paths on the ground, which is asked once for all of them."""
    stretches = [
        np.arange(way(way.x).min() - 1.0, way(way.x).max() + 2.0, _RELIEF_STEP_M) for way in ways]
    places, sides = [], []
    for agent, stretch in zip(agents, stretches, strict=True):
        on = agent.route.path.at(stretch)
        left = np.stack([-np.sin(on.headings), np.cos(on.headings)], axis=1) * (_TRACK_M / 2.0)
        places.append(on.positions)
        sides.append(left if not agent.walks else 0.0 * left)
    middle, left = np.concatenate(places), np.concatenate(sides)
    heights = np.split(site.height(np.concatenate([middle, middle + left, middle - left])), 3)
    falls = (heights[1] - heights[2]) / _TRACK_M
    motions, first = [], 0
    for agent, way, stretch in zip(agents, ways, stretches, strict=True):
        rows = slice(first, first + len(stretch))
        first += len(stretch)
        profile = CubicSpline(stretch, np.column_stack([heights[0][rows], falls[rows]]))
        wander = Wander(0.08 if agent.walks else rng.uniform(0.05, 0.18),
                        rng.uniform(35.0, 80.0), rng.uniform(0.0, 2.0 * np.pi))
        motions.append(PathMotion(
            agent.route.path, way, Relief(profile, tilts=not agent.walks), wander))
    return motions


def _standing(
    site: CitySite, pool: ModelPool, density: population.Density, rng: np.random.Generator
) -> list[tuple[ActorModel, Motion]]:
    """Park vehicles, and set down people who wait."""
    found: list[tuple[ActorModel, Motion]] = []
    for space in site.streets.parking:
        models = pool.cars if rng.random() < .9 else pool.vans
        model = models[int(rng.integers(len(models)))]
        if rng.random() > density.parked or model.size_m[0] > space.length_m - .4:
            continue
        yaw = space.heading_rad + rng.normal(0.0, .02) + (np.pi if rng.random() < .06 else 0.0)
        place = space.position + rng.normal(0.0, .12, 2)
        found.append((model, StillMotion(_on_ground(site, place, yaw))))
    for walk in site.streets.walks:
        for _ in range(rng.poisson(walk.length_m / 1000.0 * density.people_per_km * .3)):
            model = pool.bystanders[int(rng.integers(len(pool.bystanders)))]
            on = walk.at(np.array([rng.uniform(0.0, walk.length_m)]))
            T = _on_ground(site, on.positions[0], rng.uniform(-np.pi, np.pi), tilts=False)
            found.append((model, StillMotion(T)))
    return found


def _barriers(site: CitySite, pool: ModelPool) -> list[tuple[ActorModel, Motion]]:
    """Set up what keeps traffic out of roadworks."""
    models = {BarrierKind.CONE: pool.cone, BarrierKind.JERSEY: pool.jersey_barrier,
              BarrierKind.BOARD: pool.barrier_board}
    return [(models[barrier.kind], StillMotion(barrier.T_world)) for barrier in site.barriers]


def _on_ground(
    site: CitySite, place: NDArray[np.float64], yaw: float, *, tilts: bool = True
) -> NDArray[np.float64]:
    ahead, left = np.array([np.cos(yaw), np.sin(yaw)]), np.array([-np.sin(yaw), np.cos(yaw)])
    spots = place + np.array([0.0 * ahead, 1.3 * ahead, -1.3 * ahead, .7 * left, -.7 * left])
    middle, front, rear, port, starboard = site.height(spots)
    pitch = -(front - rear) / 2.6 * tilts
    roll = (port - starboard) / 1.4 * tilts
    return transforms.from_euler(np.array([*place, middle]), roll, pitch, yaw)


def _place(rng: np.random.Generator) -> tuple[float, float, float]:
    """Choose where on Earth: latitude and longitude, deg, altitude, m."""
    places = ((49.0, 8.4), (52.5, 13.4), (1.35, 103.8), (42.36, -71.06), (35.7, 139.7),
              (-33.9, 151.2), (60.2, 24.9), (37.77, -122.4))
    latitude, longitude = places[int(rng.integers(len(places)))]
    return latitude, longitude, float(rng.uniform(5.0, 600.0))
