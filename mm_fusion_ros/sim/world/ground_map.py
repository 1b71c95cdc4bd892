# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A picture of the ground from above: what lies where, and what is painted on it.

Cameras and LiDARs look up what they hit here, and the true maps are cut from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class GroundMap:
    """
    A square of H x W cells; row 0 lies at the smallest y, column 0 at the smallest x.

    Attributes
    ----------
    origin : (2,) float64
        World x and y of the corner of cell (0, 0), m.
    cell_m : float
        m.
    surface : (H, W) uint8
        Values of `Surface`.
    paint : (H, W) uint8
        Coverage with white paint, 0 to 255.
    is_drivable, is_lane_line, is_crosswalk : (H, W) uint8
        The layers of the true map, 0 or 255: where vehicles may drive (junctions and parking
        lanes included), lines between and beside lanes, and crosswalks.

    """

    origin: NDArray[np.float64]
    cell_m: float
    surface: NDArray[np.uint8]
    paint: NDArray[np.uint8]
    is_drivable: NDArray[np.uint8]
    is_lane_line: NDArray[np.uint8]
    is_crosswalk: NDArray[np.uint8]

    def cells(self, xy: NDArray[np.floating]) -> NDArray[np.intp]:
        """
        Give the index of the cell (N,), into the flattened layers, under world positions (N, 2).

        Positions outside are taken to the nearest cell.
        """
        height, width = self.surface.shape
        scale = 1.0 / self.cell_m
        column = ((xy[:, 0] - self.origin[0]) * scale).astype(np.int32)
        row = ((xy[:, 1] - self.origin[1]) * scale).astype(np.int32)
        np.clip(column, 0, width - 1, out=column)
        np.clip(row, 0, height - 1, out=row)
        return np.asarray(row * width + column, np.intp)
