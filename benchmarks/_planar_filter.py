# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The usual alternative: a Kalman filter of place and heading on the plane.

Wheel speed and turn rate lead it on, fixes correct it; biases, levers and heights are not known
to it. So are the nodes that many vehicles begin with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Found to be the best of a grid on the drives that are judged, which is more than a user has.
PLACE_NOISE, YAW_NOISE = 0.1, 0.01  # m/sqrt(s), rad/sqrt(s)
FIRST_DEVIATIONS = (1.0, 1.0, 0.02)  # m, m, rad


class PlanarFilter:
    """
    Knows place, m, and heading, rad.

    Parameters
    ----------
    state : (3,) float64
        East, north, yaw at the beginning.
    place_noise, yaw_noise : float
        How fast their errors grow, m/sqrt(s) and rad/sqrt(s).

    """

    def __init__(
        self, state: NDArray[np.float64], place_noise: float = PLACE_NOISE,
        yaw_noise: float = YAW_NOISE,
    ) -> None:
        self.state = state.copy()
        self._P = np.diag(np.square(FIRST_DEVIATIONS))
        self._Q = np.diag(np.square((place_noise, place_noise, yaw_noise)))

    def move(self, speed_mps: float, turn_radps: float, dt_s: float) -> None:
        """Go on with a speed and a turn rate."""
        yaw = self.state[2] + 0.5 * turn_radps * dt_s
        step_m = speed_mps * dt_s * np.array([np.cos(yaw), np.sin(yaw)])
        self.state += (*step_m, turn_radps * dt_s)
        F = np.eye(3)
        F[:2, 2] = -step_m[1], step_m[0]
        self._P = F @ self._P @ F.T + self._Q * dt_s

    def correct(self, place_m: NDArray[np.float64], variance_m2: float) -> None:
        """Take in a fix (2,)."""
        gain = self._P[:, :2] @ np.linalg.inv(self._P[:2, :2] + np.eye(2) * variance_m2)
        self.state += gain @ (place_m - self.state[:2])
        self._P -= gain @ self._P[:2, :]
