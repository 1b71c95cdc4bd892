# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Free fall at a place of the earth, in the axes of a local frame.

The earth's turning is left out but for the centrifugal part: its rate hides in the gyro's bias.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.geometry.geodesy import LocalEnu

USUAL_GRAVITY = 9.80665  # m/s^2, where the place is not known
_STEP_M = 1.0


def normal_gravity(latitude_deg: float, altitude_m: float) -> float:
    """
    Give the acceleration of free fall, m/s^2.

    Source: WGS 84 (NGA.STND.0036), normal gravity by Somigliana's formula, with the free-air
    gradient.
    """
    squared = np.sin(np.deg2rad(latitude_deg)) ** 2
    surface = 9.7803253359 * (1.0 + 0.00193185265241 * squared) / np.sqrt(
        1.0 - 0.00669437999014 * squared)
    return float(surface - 3.086e-6 * altitude_m)


def gravity_at(place: NDArray[np.float64], ground: LocalEnu) -> NDArray[np.float64]:
    """
    Give the acceleration of free fall (3,) at a place (3,) of a local frame, in its axes, m/s^2.

    It points down where the place is, which 100 km from the origin is 0.9 degrees off the
    frame's own down.
    """
    (latitude_deg, longitude_deg, altitude_m), = ground.to_geodetic(place[None])
    above = ground.to_enu(latitude_deg, longitude_deg, altitude_m + _STEP_M)[0]
    up: NDArray[np.float64] = (above - place) / _STEP_M
    return -normal_gravity(latitude_deg, altitude_m) * up
