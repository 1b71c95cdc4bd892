# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The shapes that the actors of a world share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.models import cyclists, heavy_vehicles, people, roadworks, vehicles

if TYPE_CHECKING:
    from mm_fusion_ros.sim.actor_model import ActorModel


@dataclass(frozen=True, slots=True, eq=False)
class ModelPool:
    """
    Shapes by what they are; to pick one at random is to meet each kind as often as on the road.

    Attributes
    ----------
    cars, vans, trucks, buses, cyclists : tuple of ActorModel
        Traffic.
    walkers, bystanders : tuple of ActorModel
        People who walk, and who stand.
    cone, jersey_barrier, barrier_board : ActorModel
        Roadworks.

    """

    cars: tuple[ActorModel, ...]
    vans: tuple[ActorModel, ...]
    trucks: tuple[ActorModel, ...]
    buses: tuple[ActorModel, ...]
    cyclists: tuple[ActorModel, ...]
    walkers: tuple[ActorModel, ...]
    bystanders: tuple[ActorModel, ...]
    cone: ActorModel
    jersey_barrier: ActorModel
    barrier_board: ActorModel


def model_pool(seed: int | np.random.Generator) -> ModelPool:
    """Make the shapes of one world, always the same from the same seed."""
    rng = np.random.default_rng(seed)
    return ModelPool(
        cars=tuple(vehicles.car(rng) for _ in range(40)),
        vans=tuple(vehicles.van(rng) for _ in range(6)),
        trucks=tuple(heavy_vehicles.truck(rng) for _ in range(10)),
        buses=tuple(heavy_vehicles.bus(rng) for _ in range(6)),
        cyclists=tuple(cyclists.cyclist(rng) for _ in range(12)),
        walkers=tuple(people.pedestrian(rng) for _ in range(24)),
        bystanders=tuple(people.pedestrian(rng, is_walking=False) for _ in range(10)),
        cone=roadworks.traffic_cone(),
        jersey_barrier=roadworks.jersey_barrier(),
        barrier_board=roadworks.barrier_board(),
    )
