# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Samples as batches of tensors.
"""

from __future__ import annotations

from typing import NamedTuple, TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.model import image_backbone
from mm_fusion_ros.model.depth_bins import focal_lengths
from mm_fusion_ros.model.inputs import FusionInput
from mm_fusion_ros.model.memory import plane_motion
from mm_fusion_ros.preprocess.collate import collate
from mm_fusion_ros.preprocess.frame_arrays import FrameArrays, FramePreparation
from mm_fusion_ros.training.targets import grid_targets, GridTargets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from mm_fusion_ros.model.grid import BevGrid
    from mm_fusion_ros.training.sample import TrainingSample


class SampleArrays(NamedTuple):
    """One sample, and the frame a moment before it if there is one."""

    frame: FrameArrays
    grids: GridTargets
    depths_m: NDArray[np.float32]  # (C, h, w) at the network's image features; 0 unknown
    previous: FrameArrays | None
    T_previous_base: NDArray[np.float64]  # (4, 4)


class BatchTargets(NamedTuple):
    """What the network should say of B frames with I images in all."""

    grids: GridTargets  # (B, ...)
    depth_m: Tensor  # (I, h, w)
    focal_px: Tensor  # (I,)


class Batch(NamedTuple):
    """B samples."""

    given: FusionInput
    targets: BatchTargets
    previous: FusionInput | None  # empty frames where there is none
    T_previous_base: Tensor  # (B, 3, 3)
    has_previous: Tensor  # (B,) bool

    def to(self, device: torch.device) -> Batch:
        """Move all of it."""
        def moved(tensors: Iterable[Tensor]) -> Iterator[Tensor]:
            return (each.to(device, non_blocking=True) for each in tensors)

        grids, *images = self.targets
        return Batch(
            FusionInput(*moved(self.given)),
            BatchTargets(GridTargets(*moved(grids)), *moved(images)),
            None if self.previous is None else FusionInput(*moved(self.previous)),
            *moved((self.T_previous_base, self.has_previous)))


class SamplePreparation:
    """
    Makes the arrays of samples.

    Parameters
    ----------
    grid : BevGrid
        Of the network.
    classes : tuple of int
        Values of `ObjectClass` in the order of the network.
    image_px : (int, int)
        Width and height of its images.

    """

    def __init__(
        self, grid: BevGrid, classes: tuple[int, ...], image_px: tuple[int, int]
    ) -> None:
        self._grid = grid
        self._classes = classes
        self._image_px = image_px

    def arrays(self, sample: TrainingSample, previous: TrainingSample | None) -> SampleArrays:
        """Make the arrays of a sample, and of the frame before."""
        views = FramePreparation(*self._image_px)
        T = np.eye(4)
        if previous is not None:
            now, then = sample.frame.ego, previous.frame.ego
            assert now is not None
            assert then is not None
            T = transforms.inverse(then.T_odom_base) @ now.T_odom_base
        return SampleArrays(
            views.arrays(sample.frame),
            grid_targets(sample, self._grid, self._classes),
            self._depths(sample, views),
            None if previous is None else FramePreparation(*self._image_px).arrays(
                previous.frame),
            T,
        )

    def _depths(
        self, sample: TrainingSample, views: FramePreparation
    ) -> NDArray[np.float32]:
        width, height = self._image_px
        stride, offset = image_backbone.STRIDE, int(image_backbone.OFFSET_PX)
        depths = np.zeros(
            (len(sample.frame.cameras), height // stride, width // stride), np.float32)
        for index, depth_m in enumerate(sample.depths_m or ()):
            seen = views.view(sample.frame.cameras[index]).depth(depth_m)
            depths[index] = seen[offset::stride, offset::stride]
        return depths


def batched(samples: Sequence[SampleArrays]) -> Batch:
    """Put B samples together."""
    given = collate([sample.frame for sample in samples])
    grids = GridTargets(*(
        torch.stack(column) for column in zip(*(sample.grids for sample in samples), strict=True)))
    depth_m = torch.from_numpy(np.concatenate([sample.depths_m for sample in samples]))
    focal_px = focal_lengths(torch.from_numpy(
        np.concatenate([sample.frame.projections for sample in samples])))
    has_previous = torch.tensor([sample.previous is not None for sample in samples])
    previous = collate([
        sample.previous or _empty(sample.frame) for sample in samples
    ]) if has_previous.any() else None
    T = torch.from_numpy(np.stack([sample.T_previous_base for sample in samples]))
    return Batch(
        given, BatchTargets(grids, depth_m, focal_px), previous,
        plane_motion(T.float()), has_previous)


def _empty(frame: FrameArrays) -> FrameArrays:
    return FrameArrays(
        frame.points[:0], False, frame.images[:0], frame.projections[:0], np.zeros_like(frame.ego))
