# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A spinning LiDAR: one sweep of a scene, every beam cast from where the sensor was just then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.sim.render.rays import NO_ACTOR, Rays
from mm_fusion_ros.sim.sensors.lidar_returns import (
    answers,
    are_seen,
    Reflectors,
    scattered,
    signals,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.render.rays import FaceTable, Hits
    from mm_fusion_ros.sim.render.scene import Scene
    from mm_fusion_ros.sim.sensors.lidar_returns import Air
    from mm_fusion_ros.sim.sensors.lidar_settings import LidarSettings
    from mm_fusion_ros.sim.world.world import Drive

_STAMP_SHARES = {'start': 0.0, 'middle': 0.5, 'end': 1.0}
_FADE = 0.05  # what a barely seen target reads too little, in shares of a white one
_DROP_STRENGTH = np.float32(0.02)  # of a drop in the air
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
    """
    What M pulses bring back.

    Attributes
    ----------
    rays : (M,) intp
        Which pulses.
    distances, strengths, signals : (M,) float32
        From how far, m, and how much: as the surface answers, and as received.
    actors : (M,) int32
        As in `SimulatedSweep`.
    is_body : (M,) bool
        As in `SimulatedSweep`.

    """

    rays: NDArray[np.intp]
    distances: NDArray[np.float32]
    strengths: NDArray[np.float32]
    signals: NDArray[np.float32]
    actors: NDArray[np.int32]
    is_body: NDArray[np.bool_]

    def columns(self) -> tuple[NDArray[Any], ...]:
        """Give all arrays."""
        return (self.rays, self.distances, self.strengths, self.signals, self.actors,
                self.is_body)

    def __getitem__(self, rows: NDArray[Any]) -> _Returns:
        return _Returns(*(column[rows] for column in self.columns()))


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
        self.T_base_lidar = settings.T_base_mount
        B = len(settings.elevations_deg)
        elevations = np.deg2rad(settings.elevations_deg)
        errors = rng.standard_normal((2, B)).astype(np.float32)
        self._biases = errors[0] * np.float32(settings.beam_bias_m)
        leaning = elevations + errors[1] * np.deg2rad(settings.beam_elevation_error_deg)
        self._dark = rng.standard_exponential(B, np.float32) * np.float32(
            settings.beam_intensity_loss * settings.intensity_scale)
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
        found = self._found(scene, hits, air, rng)
        distances, directions = found.distances, self._directions.reshape(-1, 3)
        if rng is not None:
            distances, directions = self._measured(found, rng), self._believed
        points = directions[found.rays]
        points *= distances[:, None]
        points[:, 2] += np.float32(settings.center_height_m)
        return SimulatedSweep(
            points=points,
            intensity=self._readings(found, rng),
            ring=(found.rays % B).astype(np.uint16),
            times_s=columns_s[found.rays // B],
            actors=found.actors,
            is_body=found.is_body,
            start_s=start_s,
            end_s=start_s + settings.period_s,
            stamp_s=start_s + settings.period_s * _STAMP_SHARES[settings.stamp_is],
        )

    def _found(
        self, scene: Scene, hits: Hits, air: Air, rng: np.random.Generator | None
    ) -> _Returns:
        """Work out what comes back, and keep what is noticed."""
        settings = self.settings
        if self._faces is not scene.faces:
            self._faces, self._reflectors = scene.faces, Reflectors.of(scene.faces)
        rays = np.flatnonzero((hits.distances >= settings.min_range_m)
                              & (hits.distances <= settings.max_range_m) & self._sees_out)
        answer = answers(scene, self._reflectors, hits, rays, air)
        distances = hits.distances[rays]
        found = _Returns(
            rays, distances, answer.strengths,
            signals(answer.strengths, distances, settings.power_range_m, air),
            hits.actors[rays], scene.faces.is_body[hits.faces[rays]])
        if rng is None:
            return found
        losses = 1.0 - (1.0 - answer.losses) * np.float32(1.0 - settings.dropout)
        chances = rng.random(len(rays), np.float32)
        return self._in_the_air(found[are_seen(found.signals, losses, chances)], hits, air, rng)

    def _in_the_air(
        self, found: _Returns, hits: Hits, air: Air, rng: np.random.Generator
    ) -> _Returns:
        """Replace some returns by those of drops on the way, and add others."""
        if air.scatter_share == 0.0:
            return found
        limits = np.where(self._sees_out, hits.distances, np.float32(0.0))
        rays, distances = scattered(limits, self.settings.min_range_m, air, rng)
        passes = np.ones(len(limits), np.bool_)
        passes[rays] = False
        drops = _Returns(
            rays, distances, np.full(len(rays), _DROP_STRENGTH),
            np.ones(len(rays), np.float32), np.full(len(rays), NO_ACTOR, np.int32),
            np.zeros(len(rays), np.bool_))
        found = found[passes[found.rays]]
        both = _Returns(*(
            np.concatenate(pair)
            for pair in zip(found.columns(), drops.columns(), strict=True)))
        return both[np.argsort(both.rays, kind='stable')]

    def _measured(self, found: _Returns, rng: np.random.Generator) -> NDArray[np.float32]:
        """Give the distances that the sensor believes."""
        weakness = np.minimum(1.0 + 1.0 / np.sqrt(found.signals), np.float32(_MAX_WEAKNESS))
        noise = rng.standard_normal(len(found.rays), np.float32)
        noise *= np.float32(self.settings.range_noise_m) * weakness
        noise += self._biases[found.rays % len(self._biases)]
        noise += found.distances
        return noise

    def _readings(
        self, found: _Returns, rng: np.random.Generator | None
    ) -> NDArray[np.float32]:
        """Give the intensities that the sensor reports."""
        settings = self.settings
        readings: NDArray[np.float32] = (
            found.strengths * np.float32(settings.intensity_scale))
        if rng is not None:
            noise = rng.standard_normal(len(readings), np.float32)
            readings *= 1.0 + noise * np.float32(settings.intensity_noise)
            readings -= np.float32(settings.intensity_scale * _FADE) / found.signals
            readings -= self._dark[found.rays % len(self._dark)]
        step = np.float32(settings.intensity_step)
        np.rint(readings / step, out=readings)
        readings *= step
        np.clip(readings, 0.0, np.float32(settings.intensity_max), out=readings)
        return readings


def _directions(
    azimuths: NDArray[np.float64], elevations: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Give the directions (K, B, 3) of all beams at all firings."""
    across, up = np.cos(elevations), np.sin(elevations)
    return np.stack([
        np.cos(azimuths)[:, None] * across, np.sin(azimuths)[:, None] * across,
        np.broadcast_to(up, (len(azimuths), len(up))),
    ], axis=-1).astype(np.float32)


def _blocked(
    azimuths: NDArray[np.float64], elevations: NDArray[np.float64],
    blocked_deg: tuple[float, ...],
) -> NDArray[np.bool_]:
    """Tell which beams (K, B) the own vehicle is in the way of."""
    is_blocked = np.zeros((len(azimuths), len(elevations)), np.bool_)
    for first, last, highest in np.deg2rad(blocked_deg).reshape(-1, 3):
        inside = np.mod(azimuths - first, 2.0 * np.pi) <= np.mod(last - first, 2.0 * np.pi)
        is_blocked |= inside[:, None] & (elevations < highest)
    return is_blocked
