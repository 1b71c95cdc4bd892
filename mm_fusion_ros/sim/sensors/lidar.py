# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A spinning LiDAR: one sweep of a scene, every beam cast from where the sensor was just then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.sim.render.rays import NO_ACTOR, Rays
from mm_fusion_ros.sim.sensors.lidar_returns import (
    Air, answers, are_seen, Reflectors, scattered, signals,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.render.rays import FaceTable, Hits
    from mm_fusion_ros.sim.render.scene import Scene
    from mm_fusion_ros.sim.sensors.lidar_settings import LidarSettings
    from mm_fusion_ros.sim.world.world import Drive

_STAMP_SHARES = {'start': 0.0, 'middle': 0.5, 'end': 1.0}
_MAX_WEAKNESS = 3.0  # noise grows no further than to so many times that of a good target


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedSweep:
    """
    N returned points in the order of time; of one time, in the order of rings.

    Attributes
    ----------
    points : (N, 3) float32
        In the LiDAR's frame at each point's own time, as a driver gives them, m.
    intensity : (N,) float32
        Readings.
    ring : (N,) uint16
        Rows of `LidarSettings.elevations_deg`.
    times_s : (N,) float64
        When each was measured, s since the world began.
    actors : (N,) int32
        Index of the world's actor, NO_ACTOR for what stands still and for drops in the air.
    is_body : (N,) bool
        False on mirrors and the like, which boxes leave out, and in the air.
    start_s, end_s, stamp_s : float
        Of the sweep, s since the world began.

    """

    points: NDArray[np.float32]
    intensity: NDArray[np.float32]
    ring: NDArray[np.uint16]
    times_s: NDArray[np.float64]
    actors: NDArray[np.int32]
    is_body: NDArray[np.bool_]
    start_s: float
    end_s: float
    stamp_s: float

    def __len__(self) -> int:
        return len(self.points)


@dataclass(frozen=True, slots=True, eq=False)
class _Returns:
    """What M rays bring back: which rays, from how far, how strong, of which face and actor."""

    rows: NDArray[np.intp]
    distances: NDArray[np.float32]
    strengths: NDArray[np.float32]
    signals: NDArray[np.float32]
    actors: NDArray[np.int32]
    is_body: NDArray[np.bool_]


class Lidar:
    """
    One sensor with its own small errors.

    Parameters
    ----------
    settings : LidarSettings
        What it is.
    rng : Generator
        Chooses the errors that stay.

    """

    def __init__(self, settings: LidarSettings, rng: np.random.Generator) -> None:
        self.settings = settings
        self.T_base_lidar = transforms.from_euler(
            np.array([settings.x_m, settings.y_m, settings.z_m]),
            *np.deg2rad([settings.roll_deg, settings.pitch_deg, settings.yaw_deg]))
        B = len(settings.elevations_deg)
        elevations = np.deg2rad(settings.elevations_deg)
        errors = rng.standard_normal((3, B)).astype(np.float32)
        self._biases = errors[0] * np.float32(settings.beam_bias_m)
        self._dark = np.float32(settings.intensity_scale) * (
            settings.intensity_offset + errors[1] * settings.beam_intensity_error)
        leaning = elevations + errors[2] * np.deg2rad(settings.beam_elevation_error_deg)
        turned = np.arange(settings.azimuth_steps) / settings.azimuth_steps * 2.0 * np.pi
        azimuths = np.deg2rad(settings.start_azimuth_deg) + (
            -turned if settings.clockwise else turned)
        self._directions = _directions(azimuths, leaning)
        self._believed = _directions(azimuths, elevations).reshape(-1, 3)
        self._sees_out = ~_blocked(azimuths, elevations, settings.blocked_deg).ravel()
        self._center = np.array([0.0, 0.0, settings.center_height_m])
        self._faces: FaceTable | None = None

    def sweep(
        self, scene: Scene, drive: Drive, start_s: float, air: Air,
        rng: np.random.Generator | None,
    ) -> SimulatedSweep:
        """
        Turn once.

        Parameters
        ----------
        scene : Scene
            Is moved to where the vehicle is.
        drive : Drive
            The vehicle's.
        start_s : float
            When, s since the world began.
        air : Air
            Rain and fog.
        rng : Generator, optional
            Noise; without it every ray that hits something in range returns, exactly.

        """
        settings = self.settings
        K, B, _ = self._directions.shape
        columns_s = start_s + np.arange(K) * (settings.period_s / K)
        T_world_base = drive.T_world_base(columns_s)
        scene.move_to(T_world_base[K // 2, :3, 3])
        T_base_center = self.T_base_lidar.copy()
        T_base_center[:3, 3] += self.T_base_lidar[:3, :3] @ self._center
        T_scene_center = scene.T_scene_world @ T_world_base @ T_base_center
        hits = scene.cast(
            Rays(self._directions, T_scene_center, columns_s, settings.max_range_m))
        if self._faces is not scene.faces:
            self._faces, self._reflectors = scene.faces, Reflectors.of(scene.faces)
        rows = np.flatnonzero((hits.distances >= settings.min_range_m)
                              & (hits.distances <= settings.max_range_m) & self._sees_out)
        found = self._returns(scene, hits, rows, air)
        directions = self._directions.reshape(-1, 3)
        distances = found.distances
        if rng is not None:
            found = self._seen(found, hits, air, rng)
            distances = self._measured(found, rng)
            directions = self._believed
        points = directions[found.rows]
        points *= distances[:, None]
        points[:, 2] += np.float32(settings.center_height_m)
        return SimulatedSweep(
            points=points,
            intensity=self._readings(found, rng),
            ring=(found.rows % B).astype(np.uint16),
            times_s=columns_s[found.rows // B],
            actors=found.actors,
            is_body=found.is_body,
            start_s=start_s,
            end_s=start_s + settings.period_s,
            stamp_s=start_s + settings.period_s * _STAMP_SHARES[settings.stamp_is],
        )

    def _returns(self, scene: Scene, hits: Hits, rows: NDArray[np.intp], air: Air) -> _Returns:
        ...
