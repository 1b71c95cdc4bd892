# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Makes measurements in several processes, each with a copy of the world, and gives them in order.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Executor, Future, ProcessPoolExecutor
import multiprocessing
from typing import TYPE_CHECKING

from mm_fusion_ros.sim.shots import Kind, Shot, Studio
from mm_fusion_ros.sim.worker_process import settle
from mm_fusion_ros.sim.world.make_world import make_world

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mm_fusion_ros.sim.rig import Rig
    from mm_fusion_ros.sim.sensors.camera import CameraShot
    from mm_fusion_ros.sim.sensors.lidar import SimulatedSweep
    from mm_fusion_ros.sim.shots import Conditions
    from mm_fusion_ros.sim.world.world import World

_AHEAD = 8  # measurements per worker that may wait to be taken
_studio: Studio | None = None  # of a worker process


def make_shots(
    world: World, rig: Rig, conditions: Conditions, shots: Sequence[Shot], *, workers: int
) -> Iterator[SimulatedSweep | CameraShot]:
    """
    Make measurements of a world.

    Parameters
    ----------
    world : World
        As `make_world` gives it; other processes make it again.
    rig : Rig
        What measures.
    conditions : Conditions
        Weather and noise.
    shots : sequence of Shot
        What to make.
    workers : int
        Processes; with 1 it is done in this one. The results are the same.

    """
    if workers <= 1:
        studio = Studio(world, rig, conditions)
        for shot in shots:
            yield make(studio, shot)
        return
    # A fresh interpreter each: threads of this process may not be copied.
    context = multiprocessing.get_context('spawn')
    arguments = (world.seed, world.drive.duration_s, rig, conditions)
    with ProcessPoolExecutor(workers, context, _open_studio, arguments) as pool:
        yield from _in_order(pool, shots, workers * _AHEAD)


def make(studio: Studio, shot: Shot) -> SimulatedSweep | CameraShot:
    """Make one measurement."""
    return studio.sweep(shot) if shot.kind is Kind.LIDAR else studio.image(shot)


def _in_order(
    pool: Executor, shots: Sequence[Shot], ahead: int
) -> Iterator[SimulatedSweep | CameraShot]:
    waiting: deque[Future[SimulatedSweep | CameraShot]] = deque()
    for shot in shots:
        waiting.append(pool.submit(_make_in_worker, shot))
        if len(waiting) > ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _open_studio(seed: int, duration_s: float, rig: Rig, conditions: Conditions) -> None:
    global _studio
    settle()
    _studio = Studio(make_world(seed, duration_s), rig, conditions)


def _make_in_worker(shot: Shot) -> SimulatedSweep | CameraShot:
    assert _studio is not None
    return make(_studio, shot)
