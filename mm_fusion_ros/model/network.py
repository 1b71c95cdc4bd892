# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The fusion network: any subset of sensors to boxes and a map, with one set of weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn, Tensor

from mm_fusion_ros.model import image_backbone
from mm_fusion_ros.model.bev_backbone import BevBackbone
from mm_fusion_ros.model.fusion import AttentionFusion, ConcatFusion
from mm_fusion_ros.model.heads import Heads
from mm_fusion_ros.model.image_backbone import ImageBackbone
from mm_fusion_ros.model.image_neck import ImageFeatures, ImageNeck
from mm_fusion_ros.model.inputs import FusionInput, FusionOutput, Memory, MODALITIES
from mm_fusion_ros.model.layers import convolution
from mm_fusion_ros.model.lift import Lift
from mm_fusion_ros.model.memory import warped
from mm_fusion_ros.model.pillars import pillar_picture, PillarEncoder

if TYPE_CHECKING:
    from mm_fusion_ros.model.grid import BevGrid
    from mm_fusion_ros.model.settings import NetworkSettings

_EGO_SCALE = (0.1, 2.0, 0.5, 1.0)  # speed, yaw rate, acceleration, known: to about 1
_EGO_FEATURES = 32


class CameraBranch(nn.Module):
    """
    Images to features of cells.
    """

    def __init__(
        self, settings: NetworkSettings, grid: BevGrid, image_px: tuple[int, int]
    ) -> None:
        super().__init__()
        self.backbone = ImageBackbone()
        self.neck = ImageNeck(settings)
        self.lift = Lift(grid, settings.lift_heights_m, image_px)
        self.flatten = convolution(
            settings.lifted_channels * len(settings.lift_heights_m), settings.bev_channels,
            kernel=1)

    def forward(
        self, images: Tensor, projections: Tensor, present: Tensor
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """
        Look at (B, C, 3, H, W) images.

        Returns
        -------
        tuple
            Features (B, F, H, W), coverage (B, 1, H, W) and depth logits (I, D, h, w) of the
            images that are present.

        """
        pictures = images.flatten(0, 1)
        chosen = present.flatten()
        # Absent images cost nothing, but where shapes must not depend on data.
        skips = not torch.compiler.is_compiling() and images.device.type == 'cpu'
        if skips:
            pictures = pictures[chosen]
        scaled = (pictures.to(next(self.flatten.parameters()).dtype) - image_backbone.MEAN).div_(
            image_backbone.SCALE)
        scaled = scaled.contiguous(memory_format=torch.channels_last)
        found = self.neck(*self.backbone(scaled))
        if skips:
            padded = ImageFeatures(
                _spread(found.context, chosen),
                None if found.depth is None else _spread(found.depth, chosen))
        lifted = self.lift(padded if skips else found, projections, present)
        depth = found.depth
        if depth is not None and not skips:
            # Only who learns asks for it; how many there are must be read back from a GPU.
            depth = depth[chosen] if self.training else None
        return self.flatten(lifted.features), lifted.coverage, depth


class FusionNetwork(nn.Module):
    """
    All of it.

    Parameters
    ----------
    settings : NetworkSettings
        The architecture.
    grid : BevGrid
        Where it looks.
    classes : int
        How many it tells apart.
    image_px : (int, int)
        Width and height of its images.

    """

    ego_scale: Tensor

    def __init__(
        self, settings: NetworkSettings, grid: BevGrid, classes: int, image_px: tuple[int, int]
    ) -> None:
        super().__init__()
        self.grid = grid
        width = settings.bev_channels
        self.lidar = PillarEncoder(
            grid, settings.pillar_channels, width) if settings.uses_lidar else None
        self.camera = CameraBranch(settings, grid, image_px) if settings.uses_cameras else None
        kind = AttentionFusion if settings.fusion == 'attention' else ConcatFusion
        self.fusion = kind(len(MODALITIES), width)
        self.register_buffer('ego_scale', torch.tensor(_EGO_SCALE), persistent=False)
        last = nn.Linear(_EGO_FEATURES, 2 * width)
        self.ego = nn.Sequential(nn.Linear(len(_EGO_SCALE), _EGO_FEATURES), nn.ReLU(), last)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.backbone = BevBackbone(settings)
        self.heads = Heads(width, classes)

    def forward(self, given: FusionInput, memory: Memory | None = None) -> FusionOutput:
        """
        Answer B frames.

        Parameters
        ----------
        given : FusionInput
            What the sensors see.
        memory : Memory, optional
            What was remembered of the frames before.

        """
        B, size = len(given.has_lidar), self.grid.size
        nowhere = torch.zeros(B, 1, size, size, dtype=self._dtype, device=given.ego.device)
        maps: list[Tensor | None] = [None, None, None]
        known = [nowhere, nowhere, nowhere]
        depth = None
        if self.lidar is not None:
            maps[0] = self.lidar(self._pillars(given))
            known[0] = nowhere + given.has_lidar[:, None, None, None]
        if self.camera is not None and given.has_camera.shape[1]:
            maps[1], coverage, depth = self.camera(*_looked_at(given))
            known[1] = (coverage > 0.0).to(self._dtype)
        if memory is not None:
            here = memory.is_known[:, None, None, None]
            features = torch.where(here, memory.features, torch.zeros_like(memory.features))
            moved, inside = warped(features, memory.T_previous_base, self.grid)
            maps[2] = moved.to(self._dtype)
            known[2] = (inside & memory.is_known[:, None, None])[:, None].to(self._dtype)
        fused, shares = self.fusion(maps, known)
        fused = self._conditioned(fused, given.ego)
        features = self.backbone(fused)
        return FusionOutput(self.heads(features), shares, features, depth)

    def _pillars(self, given: FusionInput) -> Tensor:
        frames = given.point_frames
        is_here = (frames >= 0) & given.has_lidar[frames.clamp(min=0)]
        picture = pillar_picture(
            given.points, torch.where(is_here, frames, -1), len(given.has_lidar), self.grid)
        return picture.to(self._dtype)

    @property
    def _dtype(self) -> torch.dtype:
        return next(self.ego.parameters()).dtype

    def _conditioned(self, fused: Tensor, ego: Tensor) -> Tensor:
        """Scale and shift features by the vehicle's own motion, where it is known."""
        known = ego[:, 3:] > 0.0
        given = torch.where(known, ego, torch.zeros_like(ego)) * self.ego_scale
        scale, shift = self.ego(given.to(fused.dtype)).mul(known)[..., None, None].chunk(2, dim=1)
        conditioned: Tensor = fused * (1.0 + scale) + shift
        return conditioned


def _looked_at(given: FusionInput) -> tuple[Tensor, Tensor, Tensor]:
    """Give images, projections and presence of cameras; what is absent is zero."""
    here = given.has_camera[:, :, None, None]
    return (
        torch.where(here[..., None], given.images, torch.zeros_like(given.images)),
        torch.where(here, given.projections, torch.zeros_like(given.projections)),
        given.has_camera)


def _spread(features: Tensor, chosen: Tensor) -> Tensor:
    spread = features.new_zeros(len(chosen), *features.shape[1:])
    spread[chosen] = features
    return spread
