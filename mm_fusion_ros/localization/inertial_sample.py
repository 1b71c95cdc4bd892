# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
One measurement of the IMU as the filter takes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class InertialSample:
    """
    Turn rates and specific force along the base frame's axes.

    Attributes
    ----------
    stamp_ns : int
        ns.
    gyro, accel : (3,) float64
        rad/s and m/s^2, biases included.

    """

    stamp_ns: int
    gyro: NDArray[np.float64]
    accel: NDArray[np.float64]
