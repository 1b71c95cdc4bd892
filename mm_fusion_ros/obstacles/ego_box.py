# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Tells hits on the own vehicle from the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.obstacles.settings import EgoBoxSettings


def on_ego(points: NDArray[np.float32], box: EgoBoxSettings) -> NDArray[np.bool_]:
    """
    Mark the points (N, 3) in the base frame that lie inside the own vehicle, (N,).
    """
    low = np.array([box.x_min_m, box.y_min_m, box.z_min_m], np.float32)
    high = np.array([box.x_max_m, box.y_max_m, box.z_max_m], np.float32)
    inside: NDArray[np.bool_] = np.all((points >= low) & (points <= high), axis=1)
    return inside
