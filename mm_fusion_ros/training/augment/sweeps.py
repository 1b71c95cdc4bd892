# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Makes another LiDAR of one: with fewer beams, less range, more noise, another intensity.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.faults.fog_returns import fog_returns
from mm_fusion_ros.geometry.boxes import count_points
from mm_fusion_ros.geometry.transforms import apply

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import LidarSweep
    from mm_fusion_ros.training.sample import TrainingSample

_LEAST_RANGE_M = 0.1


def changed_sweeps(
    sample: TrainingSample, change: Callable[[LidarSweep], LidarSweep]
) -> TrainingSample:
    """Change the sweep of every LiDAR, and count again what the boxes hold."""
    frame = sample.frame
    lidars = tuple(replace(lidar, sweep=change(lidar.sweep)) for lidar in frame.lidars)
    boxes = sample.boxes
    if lidars and boxes.num_points is not None:
        counts = np.zeros(len(boxes), np.int32)
        for lidar in lidars:
            counts += count_points(apply(lidar.T_base_lidar, lidar.sweep.points), boxes)
        boxes = replace(boxes, num_points=counts)
    return replace(sample, frame=replace(frame, lidars=lidars), boxes=boxes)


def thinned_beams(sweep: LidarSweep, step: int, phase: int) -> LidarSweep:
    """Keep every step-th beam, from a phase on; all where beams are not told apart."""
    if sweep.ring is None or step == 1:
        return sweep
    return sweep[sweep.ring % step == phase % step]


def thinned(sweep: LidarSweep, share: float, rng: np.random.Generator) -> LidarSweep:
    """Lose a share of the points, each by chance."""
    if share <= 0.0:
        return sweep
    return sweep[rng.random(len(sweep), np.float32) >= share]


def range_limited(sweep: LidarSweep, limit_m: float) -> LidarSweep:
    """Lose the points that are farther from the sensor."""
    return sweep[_ranges(sweep.points) <= limit_m]


def noisy_ranges(
    sweep: LidarSweep, deviation_m: float, rng: np.random.Generator
) -> LidarSweep:
    """Move points along their rays, normally distributed."""
    if deviation_m <= 0.0 or not len(sweep):
        return sweep
    ranges = _ranges(sweep.points)
    noise = rng.standard_normal(len(sweep), np.float32) * np.float32(deviation_m)
    return _at_ranges(sweep, ranges, np.maximum(ranges + noise, _LEAST_RANGE_M))


def fogged(sweep: LidarSweep, sight_m: float, rng: np.random.Generator) -> LidarSweep:
    """Lose the returns that do not come through fog, and see some of the fog itself."""
    if not len(sweep):
        return sweep
    ranges = _ranges(sweep.points)
    is_lost, nearer_m = fog_returns(ranges, sight_m, rng)
    is_fog = np.isfinite(nearer_m)
    moved = _at_ranges(
        sweep, ranges, np.where(is_fog, np.maximum(nearer_m, _LEAST_RANGE_M), ranges))
    return moved[~is_lost | is_fog]


def with_intensity(sweep: LidarSweep, gamma: float, factor: float) -> LidarSweep:
    """Raise the share of the brightest point's intensity to a power, and multiply all."""
    intensity = sweep.intensity
    if intensity is None or not len(intensity):
        return sweep
    brightest = np.float32(max(float(intensity.max()), 1e-6))
    shares = np.maximum(intensity, 0.0) / brightest
    changed = shares ** np.float32(gamma) * (brightest * np.float32(factor))
    return replace(sweep, intensity=changed)


def without_intensity(sweep: LidarSweep) -> LidarSweep:
    """Forget the intensity."""
    return replace(sweep, intensity=None)


def _ranges(points: NDArray[np.float32]) -> NDArray[np.float32]:
    ranges: NDArray[np.float32] = np.sqrt(np.einsum('ij,ij->i', points, points))
    return ranges


def _at_ranges(
    sweep: LidarSweep, ranges: NDArray[np.float32], wanted: NDArray[np.floating]
) -> LidarSweep:
    factors = (wanted / ranges).astype(np.float32)
    return replace(sweep, points=sweep.points * factors[:, None])
