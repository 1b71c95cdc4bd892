# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What can be set about the network: kept in its model card, and fixed with its weights.
"""

from __future__ import annotations

from dataclasses import dataclass

from mm_fusion_ros.config import parameter


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """The architecture."""

    fusion: str = parameter(
        'attention',
        'How modalities meet in a cell: concat (fully connected over all their features) or '
        'attention (over one token for each).',
        choices=('concat', 'attention'))
    uses_lidar: bool = parameter(True, 'There is a LiDAR branch.')
    uses_cameras: bool = parameter(True, 'There is a camera branch.')
    uses_depth: bool = parameter(
        True, 'Image features are lifted to where a learned depth says they are, instead of to '
        'all along their ray.')
    pillar_channels: int = parameter(32, 'Features of a pillar.', minimum=4, maximum=256)
    bev_channels: int = parameter(
        48, 'Features of a cell in each modality, and after fusion.', minimum=8, maximum=512)
    middle_channels: int = parameter(
        72, 'Features at half the resolution.', minimum=8, maximum=512)
    deep_channels: int = parameter(
        96, 'Features at a quarter of the resolution.', minimum=8, maximum=1024)
    blocks: tuple[int, ...] = parameter(
        (1, 2, 2), 'Residual blocks at full, half and a quarter of the resolution.')
    image_channels: int = parameter(
        48, 'Features of the image neck, an eighth of the size of the image.',
        minimum=8, maximum=512)
    lifted_channels: int = parameter(
        32, 'Image features that a point of the volume takes.', minimum=4, maximum=256)
    lift_heights_m: tuple[float, ...] = parameter(
        (0.0, 0.8, 1.6, 2.4), 'Heights above the ground at which the images are looked up.', 'm')
    depth_bins: int = parameter(
        40, 'Distances that the depth tells apart.', minimum=2, maximum=256)
