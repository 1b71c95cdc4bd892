# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Completes a footprint by what the sensor cannot see: the far side of a vehicle.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.obstacles.box_fit import Footprints

# A passenger car: what every vehicle has at least, seen whole.
_CAR_LENGTH_M = 4.0
_CAR_WIDTH_M = 1.7
_FACE_M = (1.3, 2.3)  # width of a face that is the front or rear of a vehicle
_CAR_TOP_M = (1.0, 2.7)
_WHOLE_LENGTH_M = 6.0  # what is longer is no car: nothing is known about it


def complete_footprints(
    seen: Footprints, top_m: NDArray[np.float64], sensor_xy: NDArray[np.float64]
) -> Footprints:
    """
    Extend what may be a part of a car to a whole car, away from the sensor.

    Parameters
    ----------
    seen : Footprints
        What was seen, length the longer side.
    top_m : (C,) float64
        Height of each above the ground.
    sensor_xy : (2,) float64
        Where it was seen from.

    """
    sight = seen.centers - sensor_xy
    sight = sight / np.maximum(np.linalg.norm(sight, axis=1, keepdims=True), 1e-6)
    along, across = np.einsum('cij,cj->ic', seen.axes, sight)
    length, width = seen.sizes.T
    car_like = (top_m > _CAR_TOP_M[0]) & (top_m < _CAR_TOP_M[1])
    is_face = (length > _FACE_M[0]) & (length < _FACE_M[1]) & car_like
    end_on = is_face & (np.abs(across) > np.abs(along))  # only front or rear is seen
    sidewise = (
        car_like & (length >= _FACE_M[1]) & (length < _WHOLE_LENGTH_M) & (width < _FACE_M[1])
    ) | (is_face & ~end_on & (width > 1.0))
    sizes = np.where(end_on[:, None], seen.sizes[:, ::-1], seen.sizes)
    yaws = seen.yaws + end_on * (np.pi / 2)
    turned = replace(seen, sizes=sizes, yaws=yaws)
    wanted = np.where(
        (end_on | sidewise)[:, None], np.maximum(sizes, (_CAR_LENGTH_M, _CAR_WIDTH_M)), sizes)
    # Away from the sensor; evenly to both sides of an axis at right angles to the sight.
    lean = np.clip(2 * np.einsum('cij,cj->ci', turned.axes, sight), -1, 1)
    shift = lean * (wanted - sizes) / 2
    centers = seen.centers + np.einsum('ci,cij->cj', shift, turned.axes)
    return replace(turned, centers=centers, sizes=wanted)
