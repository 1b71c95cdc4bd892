# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Single measurements of cameras and LiDARs, each by itself: in any order, in any process.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.render.scene import Scene
from mm_fusion_ros.sim.sensors.camera import Camera
from mm_fusion_ros.sim.sensors.lidar import Lidar
from mm_fusion_ros.sim.sensors.lidar_returns import Air

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.render.weather import Weather
    from mm_fusion_ros.sim.rig import Rig
    from mm_fusion_ros.sim.sensors.camera import CameraShot
    from mm_fusion_ros.sim.sensors.lidar import SimulatedSweep
    from mm_fusion_ros.sim.whereabouts import Whereabouts
    from mm_fusion_ros.sim.world.ground_map import GroundMap
    from mm_fusion_ros.sim.world.world import World


class Kind(IntEnum):
    """What measures."""

    LIDAR = 0
    CAMERA = 1


class Shot(NamedTuple):
    """
    A measurement to be made.

    Attributes
    ----------
    kind : Kind
        Of the sensor.
    sensor : int
        Its index in the rig.
    number : int
        Counts the sensor's measurements from 0.
    time_s : float
        When it begins, s since the world began.

    """

    kind: Kind
    sensor: int
    number: int
    time_s: float


@dataclass(frozen=True, slots=True)
class Conditions:
    """
    What measuring depends on, beside world and rig.

    Attributes
    ----------
    seed : int
        Of all noise.
    weather : Weather
        For all sensors.
    has_noise : bool
        False for perfect sensors.

    """

    seed: int
    weather: Weather
    has_noise: bool = True


def schedule(rig: Rig, duration_s: float) -> list[Shot]:
    """List all measurements of a drive that end within it, in the order of their times."""
    shots = []
    for sensor, lidar in enumerate(rig.lidars):
        settings = lidar.settings
        shots += _regular(Kind.LIDAR, sensor, settings.rate_hz, settings.phase_ms,
                          duration_s - 1.0 / settings.rate_hz)
    for sensor, camera in enumerate(rig.cameras):
        settings = camera.settings
        shots += _regular(Kind.CAMERA, sensor, settings.rate_hz, settings.phase_ms, duration_s)
    return sorted(shots, key=lambda shot: (shot.time_s, shot.kind, shot.sensor))


def _regular(
    kind: Kind, sensor: int, rate_hz: float, phase_ms: float, last_s: float
) -> list[Shot]:
    count = max(int(np.floor((last_s - phase_ms / 1e3) * rate_hz + 1e-6)) + 1, 0)
    return [Shot(kind, sensor, number, phase_ms / 1e3 + number / rate_hz)
            for number in range(count)]


class Studio:
    """
    Makes the measurements of one rig in one world.

    Parameters
    ----------
    world : World
        What is measured.
    rig : Rig
        What measures.
    conditions : Conditions
        Weather and noise.

    """

    def __init__(self, world: World, rig: Rig, conditions: Conditions) -> None:
        self._world, self._conditions = world, conditions
        self._scene = Scene(world)
        weather = conditions.weather
        self._air = Air(weather.rain_mmph, weather.visibility_m)
        seed = conditions.seed
        self._lidars = [Lidar(lidar.settings, np.random.default_rng([seed, Kind.LIDAR, index]))
                        for index, lidar in enumerate(rig.lidars)]
        self._cameras = [Camera(camera.settings) for camera in rig.cameras]
        self.T_base_lidars = [lidar.T_base_lidar for lidar in self._lidars]
        self.T_base_cameras = [camera.T_base_camera for camera in self._cameras]
        self.camera_models = [camera.model for camera in self._cameras]

    @property
    def ground_map(self) -> GroundMap:
        """The map of the ground around the last measurement."""
        return self._scene.ground.far

    @property
    def whereabouts(self) -> Whereabouts:
        """About where all actors are."""
        return self._scene.whereabouts

    def sweep(self, shot: Shot) -> SimulatedSweep:
        """Make a sweep."""
        return self._lidars[shot.sensor].sweep(
            self._scene, self._world.drive, shot.time_s, self._air, self._rng(shot))

    def image(self, shot: Shot) -> CameraShot:
        """Take an image."""
        camera = self._cameras[shot.sensor]
        T_world_base = self._move(shot.time_s)
        return camera.render(
            self._scene, T_world_base @ camera.T_base_camera, shot.time_s,
            self._conditions.weather, self._rng(shot))

    def _move(self, time_s: float) -> NDArray[np.float64]:
        T_world_base: NDArray[np.float64] = self._world.drive.T_world_base(np.array([time_s]))[0]
        self._scene.move_to(T_world_base[:3, 3])
        return T_world_base

    def _rng(self, shot: Shot) -> np.random.Generator | None:
        if not self._conditions.has_noise:
            return None
        return np.random.default_rng(
            [self._conditions.seed, shot.kind, shot.sensor, shot.number])
