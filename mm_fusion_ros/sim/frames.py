# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Single labelled frames of simulated drives: what perception gets, and what it should answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.data_types import (
    Boxes3D,
    CameraImage,
    CameraInput,
    LidarInput,
    LidarSweep,
    SensorFrame,
    SensorState,
)
from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.sim.shots import Kind, Shot, Studio
from mm_fusion_ros.sim.truth import MapTruth, true_boxes, true_map, truncations
from mm_fusion_ros.stamps import from_seconds, NS_PER_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.rig import Rig
    from mm_fusion_ros.sim.sensors.lidar import SimulatedSweep
    from mm_fusion_ros.sim.world.world import World

TRUTH_RANGE_M = 80.0
# 2026-06-01 00:00:00 UTC: worlds begin at a time that no clock of today shows by chance.
EPOCH_NS = 1_780_272_000 * NS_PER_S
_WAY_S = np.arange(-20, 21) * 0.01


@dataclass(frozen=True, slots=True, eq=False)
class LabelledFrame:
    """
    A frame with its truth.

    Attributes
    ----------
    frame : SensorFrame
        Sweeps and images as sensors give them: not deskewed, each at its own stamp.
    boxes : Boxes3D
        N boxes at the stamp of the frame, in `base_link`; num_points over all LiDARs.
    visible_px : (C, N) int32
        Pixels of each camera's image that show each.
    truncations : (C, N) float32
        Share of each that is beyond the edges of each camera's image.
    depths_m : tuple of (H, W) float32
        Of each camera's pixels, along its axis; infinite where there is sky.
    ground : MapTruth
        The map around the vehicle.
    T_world_base : (4, 4) float64
        Where the vehicle is at the stamp.
    twist : (6,) float64
        Linear m/s and angular rad/s velocity, in `base_link`.
    way_ns : (K,) int64
        Stamps around that of the frame, farther than any measurement in it.
    T_world_way : (K, 4, 4) float64
        Where the vehicle is at these.

    """

    frame: SensorFrame
    boxes: Boxes3D
    visible_px: NDArray[np.int32]
    truncations: NDArray[np.float32]
    depths_m: tuple[NDArray[np.float32], ...]
    ground: MapTruth
    T_world_base: NDArray[np.float64]
    twist: NDArray[np.float64]
    way_ns: NDArray[np.int64]
    T_world_way: NDArray[np.float64]


def stamp_of(time_s: float) -> int:
    """Give the stamp, ns, of a time of the world."""
    return EPOCH_NS + from_seconds(time_s)


def render_frame(
    world: World, rig: Rig, studio: Studio, time_s: float, camera_lag_s: float = 0.0
) -> LabelledFrame:
    """
    Make a frame at about a time.

    Parameters
    ----------
    world : World
        What is seen.
    rig : Rig
        What sees.
    studio : Studio
        Of both.
    time_s : float
        The first sensor (a LiDAR, if there is one) measures nearest to it; the others nearest
        to that. s since the world began.
    camera_lag_s : float
        How much before that the cameras measure; their stamps say so.

    """
    sweeps = [studio.sweep(_nearest(Kind.LIDAR, index, lidar.settings, time_s))
              for index, lidar in enumerate(rig.lidars)]
    stamp_s = sweeps[0].stamp_s if sweeps else _nearest(
        Kind.CAMERA, 0, rig.cameras[0].settings, time_s).time_s
    shots = [_earlier(_nearest(Kind.CAMERA, index, camera.settings, stamp_s), camera_lag_s)
             for index, camera in enumerate(rig.cameras)]
    images = [studio.image(shot) for shot in shots]
    T_world_base = world.drive.T_world_base(np.array([stamp_s]))[0]
    rows = studio.whereabouts.within(T_world_base[:3, 3], stamp_s, TRUTH_RANGE_M)
    boxes = true_boxes(world.actors, rows, transforms.inverse(T_world_base), stamp_s)
    points = sum((counted(sweep.actors[sweep.is_body], len(world.actors)) for sweep in sweeps),
                 np.zeros(len(world.actors), np.int32))
    pixels = [counted(image.actors.ravel(), len(world.actors))[rows] for image in images]
    way_s = np.maximum(stamp_s + _WAY_S, 0.0)
    linear, angular = world.drive.twist(np.array([stamp_s]))
    return LabelledFrame(
        frame=SensorFrame(
            stamp_ns=stamp_of(stamp_s),
            frame_id=names.BASE_FRAME,
            lidars=tuple(
                LidarInput(lidar.name, to_sweep(sweep, lidar.name), T)
                for lidar, sweep, T in zip(rig.lidars, sweeps, studio.T_base_lidars, strict=True)),
            cameras=tuple(
                CameraInput(
                    camera.name,
                    CameraImage(stamp_of(shot.time_s), names.camera_frame(camera.name),
                                image.pixels),
                    model, T)
                for camera, shot, image, model, T in zip(
                    rig.cameras, shots, images, studio.camera_models, studio.T_base_cameras,
                    strict=True)),
            sensors=tuple(
                SensorState(sensor.name, kind, present=True)
                for kind, group in (('lidar', rig.lidars), ('camera', rig.cameras))
                for sensor in group),
        ),
        boxes=replace(boxes, num_points=points[rows]),
        visible_px=np.array(pixels, np.int32).reshape(len(images), len(rows)),
        truncations=np.array(
            [truncations(boxes, model, T) for model, T in zip(
                studio.camera_models, studio.T_base_cameras, strict=True)],
            np.float32).reshape(len(images), len(rows)),
        depths_m=tuple(image.depth_m for image in images),
        ground=true_map(studio.ground_map, T_world_base),
        T_world_base=T_world_base,
        twist=np.concatenate([linear[0], angular[0]]),
        way_ns=np.array([stamp_of(time_s) for time_s in way_s]),
        T_world_way=world.drive.T_world_base(way_s),
    )


def to_sweep(sweep: SimulatedSweep, lidar: str, *, stamp_ns: int | None = None) -> LidarSweep:
    """Give a sweep as perception reads it; its own stamp unless another one is given."""
    offsets = np.rint((sweep.times_s - sweep.stamp_s) * NS_PER_S).astype(np.int32)
    return LidarSweep(
        stamp_ns=stamp_of(sweep.stamp_s) if stamp_ns is None else stamp_ns,
        frame_id=names.lidar_frame(lidar),
        points=sweep.points,
        intensity=sweep.intensity,
        ring=sweep.ring,
        time_offset_ns=offsets,
    )


def counted(actors: NDArray[np.int32], count: int) -> NDArray[np.int32]:
    """Count how often each of `count` actors occurs."""
    return np.bincount(actors[actors >= 0], minlength=count).astype(np.int32)


def _nearest(kind: Kind, index: int, settings: object, time_s: float) -> Shot:
    rate_hz, phase_s = settings.rate_hz, settings.phase_ms / 1e3  # type: ignore[attr-defined]
    number = max(round((time_s - phase_s) * rate_hz), 0)
    return Shot(kind, index, number, phase_s + number / rate_hz)


def _earlier(shot: Shot, lag_s: float) -> Shot:
    return shot._replace(time_s=max(shot.time_s - lag_s, 0.0))
