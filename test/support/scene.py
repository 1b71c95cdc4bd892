# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A LiDAR in a world of planes and boxes: every beam is cast, so occlusion is as in reality."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mm_fusion_ros.data_types import Boxes3D

SENSOR = np.array([0.0, 0.0, 1.8])
FLAT = np.zeros((1, 3))


@dataclass(frozen=True)
class Ground:
    """Planes z = a x + b y + c (P, 3), of which the lowest or the highest is the surface."""

    planes: np.ndarray
    highest: bool = False

    def height(self, x, y=0.0):
        """Height of the surface at a place."""
        heights = self.planes @ np.array([x, y, 1.0])
        return heights.max() if self.highest else heights.min()


def box(x, y, yaw=0.0, size=(4.2, 1.8, 1.5), bottom=0.0):
    """One box standing at a height; the size is a car's by default."""
    return Boxes3D(
        centers=np.array([[x, y, bottom + size[2] / 2]]), sizes=np.array([size], np.float64),
        yaws=np.array([yaw], np.float64), scores=np.ones(1, np.float32),
        classes=np.zeros(1, np.int8))


def scan(*boxes, ground=None, noise_m=0.0, seed=0, beams=64, step_deg=0.2, sensor=SENSOR):
    """Cast a 360 degree sweep: points (N, 3) float32 in the base frame."""
    ground = ground or Ground(FLAT)
    elevation = np.deg2rad(np.linspace(-25.0, 3.0, beams))
    azimuth = np.deg2rad(np.arange(-180.0, 180.0, step_deg))
    e, a = (grid.ravel() for grid in np.meshgrid(elevation, azimuth, indexing='ij'))
    rays = np.stack([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)], axis=1)
    reach = _to_ground(rays, ground, sensor)
    for one in boxes:
        reach = np.minimum(reach, _to_box(rays, one, sensor))
    hit = reach < 100.0
    random = np.random.default_rng(seed)
    reach = reach[hit] + random.normal(0.0, noise_m, hit.sum()) if noise_m else reach[hit]
    return (sensor + rays[hit] * reach[:, None]).astype(np.float32)


def _to_ground(rays, ground, sensor):
    """Measure to a solid below the surface: a union of half-spaces, or what all have in common."""
    a, b, c = ground.planes.T
    above = sensor[2] - (a * sensor[0] + b * sensor[1] + c)
    falling = rays[:, :1] * a + rays[:, 1:2] * b - rays[:, 2:]
    with np.errstate(divide='ignore'):
        reach = np.where(falling > 1e-9, above / np.maximum(falling, 1e-9), np.inf)
    return reach.min(axis=1) if ground.highest else reach.max(axis=1)


def _to_box(rays, one, sensor):
    c, s = np.cos(one.yaws[0]), np.sin(one.yaws[0])
    turn = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
    start, rays = turn @ (sensor - one.centers[0]), rays @ turn.T
    with np.errstate(divide='ignore', invalid='ignore'):
        ends = np.stack([(sign * one.sizes[0] / 2 - start) / rays for sign in (-1, 1)])
    enter, leave = ends.min(axis=0).max(axis=1), ends.max(axis=0).min(axis=1)
    return np.where((enter <= leave) & (enter > 0), enter, np.inf)
