# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Whether a sensor has moved on the vehicle.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STILL_M, _STILL_DEG = 0.001, 0.01


def moved(
    T_before: NDArray[np.float64], T_now: NDArray[np.float64]
) -> tuple[str, ...]:
    """Say how far a sensor is said to have moved on the vehicle; nothing if it has not."""
    distance_m = float(np.linalg.norm(T_now[:3, 3] - T_before[:3, 3]))
    trace = float(np.sum(T_before[:3, :3] * T_now[:3, :3]))
    angle_deg = math.degrees(math.acos(min(max((trace - 1.0) / 2.0, -1.0), 1.0)))
    if distance_m < _STILL_M and angle_deg < _STILL_DEG:
        return ()
    return (f'its transform has changed, by {distance_m:.2f} m and {angle_deg:.1f} deg',)
