# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Reads the sweeps of nuScenes and derives when each point was measured, where the file tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.datasets.summary import require
from mm_fusion_ros.errors import BagError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_NUM_BEAMS = 32
_PERIOD_S = 0.05  # of a sweep


def read_sweep(file: Path) -> NDArray[np.float32]:
    """
    Read x, y, z, m, intensity, 0 to 255, and beam, as (N, 5) float32.

    Raises
    ------
    BagError
        If the file is missing or no whole number of points long.

    """
    data = require(file, 'a sweep').read_bytes()
    if len(data) % 20:
        raise BagError(f'sweep {file}', 'a multiple of 20 bytes', f'{len(data)} bytes')
    return np.frombuffer(data, '<f4').reshape(-1, 5)


def point_times_s(points: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """
    Derive when each point was measured, s relative to the stamp, which is the end of the sweep.

    Returns
    -------
    (N,) float32, optional
        None where the points are not in the order of time: every firing of all beams.

    """
    if not np.array_equal(points[:, 4], np.arange(len(points)) % _NUM_BEAMS):
        return None
    firing = np.arange(len(points)) // _NUM_BEAMS
    last = max(len(points) // _NUM_BEAMS - 1, 1)
    return ((firing / last - 1.0) * _PERIOD_S).astype(np.float32)
