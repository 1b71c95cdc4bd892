# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Builds nav_msgs/OccupancyGrid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.messages.convert_out.common import header, upright_pose

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.messages.message_types import MessageTypes


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """
    Cells on the ground of a frame.

    Attributes
    ----------
    values : (H, W) int8
        0 to 100 percent, -1 for unknown; columns go with x, rows with y.
    cell_m : float
        m.
    corner : (float, float)
        x and y of the outer corner of cell (0, 0), m.

    """

    values: NDArray[np.int8]
    cell_m: float
    corner: tuple[float, float]


def from_grid(grid: Grid, stamp_ns: int, frame_id: str, types: MessageTypes) -> Any:
    """Build an OccupancyGrid."""
    head = header(stamp_ns, frame_id, types)
    height, width = grid.values.shape
    info = types.MapMetaData(
        map_load_time=head.stamp, resolution=grid.cell_m, width=width, height=height,
        origin=upright_pose((*grid.corner, 0.0), 0.0, types))
    data = types.signed_bytes_field(np.ascontiguousarray(grid.values, np.int8).reshape(-1))
    return types.OccupancyGrid(header=head, info=info, data=data)
