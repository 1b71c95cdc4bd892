# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Turns, mirrors and scales the true map around the vehicle.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.sim.truth import MapTruth

_FULL = 255


def changed_ground(
    ground: MapTruth, is_known: NDArray[np.bool_] | None, linear: NDArray[np.float64]
) -> tuple[MapTruth, NDArray[np.bool_] | None]:
    """
    Give the map of the same size and reach; what comes from beyond its edges is unknown.

    Parameters
    ----------
    ground : MapTruth
        Before.
    is_known : (H, W) bool, optional
        Which of its cells are told; None for all.
    linear : (2, 2) float64
        What x and y are multiplied by.

    Returns
    -------
    MapTruth
        After.
    (H, W) bool, optional
        Which of its cells are told; None for all.

    """
    height, width = ground.is_drivable.shape
    back = np.linalg.inv(linear)
    middle = (np.array((width, height)) - 1.0) / 2.0  # the vehicle, in columns and rows
    to_before = np.column_stack([back, middle - back @ middle])

    def changed(layer: NDArray[np.bool_], share: float) -> NDArray[np.bool_]:
        moved = cv2.warpAffine(
            layer.astype(np.uint8) * _FULL, to_before, (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        marked: NDArray[np.bool_] = moved >= share * _FULL
        return marked

    known = changed(np.ones((height, width), np.bool_) if is_known is None else is_known, 0.99)
    layers = (ground.is_drivable, ground.is_lane_line, ground.is_crosswalk)
    drivable, lane_line, crosswalk = (changed(layer, 0.5) for layer in layers)
    after = replace(
        ground, is_drivable=drivable, is_lane_line=lane_line, is_crosswalk=crosswalk)
    return after, None if known.all() else known
