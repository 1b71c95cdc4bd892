# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""A network too small to be good for anything, untrained, with its card; and frames for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from mm_fusion_ros.data_types import (
    CameraImage,
    CameraInput,
    EgoMotion,
    LidarInput,
    LidarSweep,
    SensorFrame,
)
from mm_fusion_ros.geometry.projection import CameraModel
from mm_fusion_ros.geometry.transforms import from_euler
from mm_fusion_ros.model.card import load_card, ModelCard, save_card
from mm_fusion_ros.model.checkpoint import save_weights
from mm_fusion_ros.model.grid import BevGrid
from mm_fusion_ros.model.network import FusionNetwork
from mm_fusion_ros.model.settings import NetworkSettings
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

WIDTH, HEIGHT = 96, 48
START_NS = 1_700_000_000 * NS_PER_S
PERIOD_NS = 100 * NS_PER_MS
GRID = BevGrid(reach_m=12.8, cell_m=0.8)
NETWORK = NetworkSettings(
    pillar_channels=8, bev_channels=8, middle_channels=8, deep_channels=8, blocks=(1, 1, 1),
    image_channels=8, lifted_channels=8, lift_heights_m=(0.5, 1.5), depth_bins=8)


def network_of(card):
    """Make the network of a card, untrained, as sure of itself as if it were."""
    torch.manual_seed(1)
    network = FusionNetwork(
        card.network, card.grid, len(card.classes), (card.image_width_px, card.image_height_px))
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.uniform_(module.bias, -0.2, 0.5)
            torch.nn.init.uniform_(module.running_mean, -0.2, 0.2)
            torch.nn.init.uniform_(module.running_var, 0.5, 2.0)
    torch.nn.init.zeros_(network.heads.out.bias)
    torch.nn.init.normal_(network.ego[-1].weight, 0.0, 0.2)
    return network.eval()


def write_model(folder, **changes):
    """Write card and weights; returns the path of the card."""
    card = ModelCard(
        name='small', checkpoint='small.safetensors', sha256='0' * 64, image_width_px=WIDTH,
        image_height_px=HEIGHT, grid=GRID, network=NETWORK, uses_memory=True)
    card = replace(card, **changes)
    digest = save_weights(network_of(card).state_dict(), folder / card.checkpoint)
    path = folder / 'small.yaml'
    save_card(replace(card, sha256=digest), path)
    return path


def small_card(folder, **changes):
    """Write card and weights; returns the card."""
    return load_card(str(write_model(folder, **changes)))


def lidar(seed=0, count=3000):
    """Make a sweep of the ground and of some things on it."""
    rng = np.random.default_rng(seed)
    points = rng.uniform((-12.0, -12.0, -0.05), (12.0, 12.0, 0.05), (count, 3))
    points[::3, 2] += rng.uniform(0.0, 2.0, len(points[::3]))
    points = (points - (0.0, 0.0, 1.8)).astype(np.float32)
    sweep = LidarSweep(START_NS, 'lidar', points, rng.uniform(0, 255, count).astype(np.float32))
    return LidarInput('top', sweep, from_euler((0.0, 0.0, 1.8), 0.0, 0.0, 0.0))


def camera(name='front', yaw=0.0, seed=0):
    """Make a camera that looks somewhere."""
    pixels = np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    # No cell lies on the very edge of the image: rounding would decide whether it is seen.
    P = np.array([[60.3, 0, 47.1, 0], [0, 60.7, 23.9, 0], [0, 0, 1, 0]])
    T_optical = np.eye(4)
    T_optical[:3, :3] = [[0, 0, 1], [-1, 0, 0], [0, -1, 0]]
    return CameraInput(
        name, CameraImage(START_NS, name, pixels), CameraModel(WIDTH, HEIGHT, P),
        from_euler((0.5, 0.0, 1.5), 0.0, 0.0, yaw) @ T_optical)


def moving(x_m, speed_mps=8.0):
    """Say where the vehicle is, and that it moves."""
    return EgoMotion(
        from_euler((x_m, 0.0, 0.0), 0.0, 0.0, 0.0), np.array([speed_mps, 0, 0, 0, 0, 0.1]), 0.5)


def frame(*, lidars=(), cameras=(), number=0, ego=None, warnings=()):
    """Put a frame together."""
    return SensorFrame(
        START_NS + number * PERIOD_NS, 'base_link', tuple(lidars), tuple(cameras),
        warnings=warnings, ego=ego)
