# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A small training sample of known content: objects full of points, two lenses that see them.
"""

from __future__ import annotations

import numpy as np

from mm_fusion_ros.data_types import (
    Boxes3D,
    CameraImage,
    CameraInput,
    EgoMotion,
    LidarInput,
    LidarSweep,
    SensorFrame,
    SensorState,
)
from mm_fusion_ros.geometry.boxes import count_points
from mm_fusion_ros.geometry.projection import CameraModel
from mm_fusion_ros.geometry.transforms import apply, from_euler, inverse
from mm_fusion_ros.sim.truth import MapTruth
from mm_fusion_ros.training.sample import TrainingSample
from mm_fusion_ros.training.sector import Sector

WIDTH, HEIGHT = 160, 96
_LENSES = {
    'front': ('plumb_bob', (-0.1, 0.012, 0.0004, -0.0013, 0.0), 0.0),
    'left': ('equidistant', (0.01, -0.002, 0.0, 0.0), 1.5),
}


def small_sample(seed: int = 0, *, has_area: bool = False) -> TrainingSample:
    """Make a sample of six boxes, 40 points in each, 800 points elsewhere, two cameras."""
    rng = np.random.default_rng(seed)
    boxes = _boxes(rng)
    inside = boxes.centers[:, None] + _turned(
        rng.uniform(-0.45, 0.45, (len(boxes), 40, 3)) * boxes.sizes[:, None], boxes.yaws)
    around = rng.uniform((-40.0, -40.0, 0.0), (40.0, 40.0, 4.0), (800, 3))
    points = np.concatenate([inside.reshape(-1, 3), around])
    T_base_lidar = from_euler((0.9, 0.0, 1.8), 0.01, -0.02, 0.4)
    sweep = LidarSweep(
        stamp_ns=10**18,
        frame_id='lidar_top',
        points=apply(inverse(T_base_lidar), points.astype(np.float32)),
        intensity=rng.uniform(0.0, 255.0, len(points)).astype(np.float32),
        ring=rng.integers(0, 16, len(points)).astype(np.uint16),
        time_offset_ns=rng.integers(0, 10**8, len(points)).astype(np.int32),
    )
    cameras = tuple(_camera(name, rng) for name in _LENSES)
    sensors = (SensorState('top', 'lidar', present=True),
               *(SensorState(name, 'camera', present=True) for name in _LENSES))
    ground = MapTruth(
        0.5, 20.0, *(rng.random((3, 80, 80)) < 0.4))
    return TrainingSample(
        frame=SensorFrame(
            10**18, 'base_link', (LidarInput('top', sweep, T_base_lidar),), cameras, sensors,
            ego=EgoMotion(from_euler((100.0, 50.0, 3.0), 0.01, 0.02, 1.0),
                          np.array((8.0, 0.1, 0.0, 0.01, 0.02, 0.3)), 0.5)),
        boxes=_counted(boxes, points),
        is_ignored=np.arange(len(boxes)) == 5,
        visible_px=rng.integers(0, 500, (len(_LENSES), len(boxes))).astype(np.int32),
        depths_m=tuple(
            rng.uniform(1.0, 50.0, (HEIGHT, WIDTH)).astype(np.float32) for _ in _LENSES),
        ground=ground,
        labelled_area=Sector(np.array((1.0, 0.2)), 0.1, 0.7) if has_area else None,
    )


def base_points(sample: TrainingSample) -> np.ndarray:
    """Give the points of all LiDARs (M, 3) in `base_link`."""
    return np.concatenate([np.empty((0, 3), np.float32), *(
        apply(lidar.T_base_lidar, lidar.sweep.points) for lidar in sample.frame.lidars)])


def _turned(offsets: np.ndarray, yaws: np.ndarray) -> np.ndarray:
    c, s = np.cos(yaws)[:, None], np.sin(yaws)[:, None]
    x, y, z = np.moveaxis(offsets, -1, 0)
    return np.stack([c * x - s * y, s * x + c * y, z], axis=-1)


def _boxes(rng: np.random.Generator) -> Boxes3D:
    classes = np.arange(1, 7, dtype=np.int8)
    N = len(classes)
    angles = np.arange(N) * (2.0 * np.pi / N) + 0.2
    distances = rng.uniform(10.0, 30.0, N)
    sizes = rng.uniform((0.8, 0.8, 1.2), (5.0, 2.0, 2.0), (N, 3))
    velocities = rng.normal(0.0, 5.0, (N, 3)).astype(np.float32)
    velocities[1] = np.nan
    return Boxes3D(
        centers=np.stack(
            [np.cos(angles) * distances, np.sin(angles) * distances, sizes[:, 2] / 2.0], axis=1),
        sizes=sizes,
        yaws=rng.uniform(-np.pi, np.pi, N),
        scores=np.ones(N, np.float32),
        classes=classes,
        velocities=velocities,
        ids=np.arange(N, dtype=np.int64),
    )


def _counted(boxes: Boxes3D, points: np.ndarray) -> Boxes3D:
    columns = {name: getattr(boxes, name) for name in boxes.__slots__}
    return Boxes3D(**columns | {'num_points': count_points(points, boxes)})


def _camera(name: str, rng: np.random.Generator) -> CameraInput:
    lens, distortion, yaw = _LENSES[name]
    P = np.array([[90.0, 0.5, 77.0, 5.0], [0.0, 95.0, 40.0, -2.0], [0.0, 0.0, 1.0, 0.01]])
    T_optical = np.eye(4)
    T_optical[:3, :3] = [[0, 0, 1], [-1, 0, 0], [0, -1, 0]]
    pixels = rng.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    return CameraInput(
        name,
        CameraImage(10**18 + 30_000_000, f'camera_{name}_optical', pixels),
        CameraModel(WIDTH, HEIGHT, P, lens, np.array(distortion)),
        from_euler((1.3, 0.1, 1.5), 0.02, 0.01, yaw) @ T_optical,
    )
