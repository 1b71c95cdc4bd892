# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A network small enough for tests, and something for it to look at."""

from __future__ import annotations

import numpy as np
import torch

from mm_fusion_ros.model.grid import BevGrid
from mm_fusion_ros.model.inputs import FusionInput
from mm_fusion_ros.model.network import FusionNetwork
from mm_fusion_ros.model.settings import NetworkSettings

GRID = BevGrid(reach_m=12.8)
IMAGE_PX = (64, 32)
CLASSES = (1, 2, 3, 4, 5, 6)


def small_settings(**changes) -> NetworkSettings:
    values = {
        'pillar_channels': 8, 'bev_channels': 8, 'middle_channels': 12, 'deep_channels': 16,
        'image_channels': 12, 'lifted_channels': 8, 'depth_bins': 8, 'blocks': (1, 1, 1)}
    return NetworkSettings(**(values | changes))


def small_network(seed: int = 0, **changes) -> FusionNetwork:
    """Make one whose normalisations have seen something, so that they matter."""
    torch.manual_seed(seed)
    network = FusionNetwork(small_settings(**changes), GRID, len(CLASSES), IMAGE_PX)
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.ndim == 1:
                parameter.add_(0.3 * torch.rand_like(parameter))
        network.ego[-1].weight.add_(0.1 * torch.randn_like(network.ego[-1].weight))
    return network.eval()


def looking(yaw_deg: float, focal_px: float = 36.0) -> np.ndarray:
    """Give the projection (3, 4) of a level camera, 1.5 m up, turned to the left by so much."""
    yaw = np.radians(yaw_deg)
    forward = np.array([np.cos(yaw), np.sin(yaw), 0.0])
    right = np.array([np.sin(yaw), -np.cos(yaw), 0.0])
    rows = np.stack([right, [0.0, 0.0, -1.0], forward])
    K = np.array([[focal_px, 0.0, 31.5], [0.0, focal_px, 15.5], [0.0, 0.0, 1.0]])
    return K @ np.column_stack([rows, -rows @ np.array([0.5, 0.0, 1.5])])


def some_input(frames: int = 2, cameras: int = 3, seed: int = 0) -> FusionInput:
    """Give B frames with points, cameras and motion."""
    rng = np.random.default_rng(seed)
    points = np.column_stack([
        rng.uniform(-12, 12, (300 * frames, 2)), rng.uniform(-1, 3, 300 * frames),
        rng.random(300 * frames), np.ones(300 * frames)])
    return FusionInput(
        points=torch.tensor(points, dtype=torch.float32),
        point_frames=torch.arange(frames).repeat_interleave(300),
        has_lidar=torch.ones(frames, dtype=torch.bool),
        images=torch.tensor(
            rng.integers(0, 256, (frames, cameras, 3, IMAGE_PX[1], IMAGE_PX[0])),
            dtype=torch.uint8),
        projections=torch.tensor(
            np.stack([[looking(80.0 * camera + 7.0 * frame) for camera in range(cameras)]
                      for frame in range(frames)]), dtype=torch.float32),
        has_camera=torch.ones(frames, cameras, dtype=torch.bool),
        ego=torch.tensor(
            np.column_stack([rng.normal(5, 3, (frames, 3)), np.ones(frames)]),
            dtype=torch.float32),
    )
