# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What the fusion network found in one frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.errors import InvalidMessageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D, StageTiming
    from mm_fusion_ros.model.grid import BevGrid


@dataclass(frozen=True, slots=True, eq=False)
class GroundLayers:
    """
    What the ground around the vehicle is part of.

    Attributes
    ----------
    layers : (3, H, W) float32
        How likely each cell is drivable, lane line, crosswalk: 0 to 1.
    grid : BevGrid
        Where the cells are.

    """

    layers: NDArray[np.float32]
    grid: BevGrid


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """
    The answer of the network to one frame.

    Attributes
    ----------
    boxes : Boxes3D
        N boxes with velocities, the best first, in the frame's base frame.
    shares : (N, 3) float32
        How much LiDAR, cameras and memory stand behind each, 0 to 1; together 1, or 0 where
        none of them tells anything about the place.
    ground : GroundLayers, optional
        None where nothing was looked at.
    timings_ms : tuple of StageTiming
        Stages in the order they ran.
    warnings : tuple of str
        Everything a user should know about this answer.

    """

    boxes: Boxes3D
    shares: NDArray[np.float32]
    ground: GroundLayers | None = None
    timings_ms: tuple[StageTiming, ...] = ()
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check that the columns fit each other."""
        wanted = (len(self.boxes), 3)
        if self.shares.shape != wanted or self.shares.dtype != np.float32:
            raise InvalidMessageError(
                'shares', f'float32 {wanted}', f'{self.shares.dtype} {self.shares.shape}')
