# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""How far boxes are from the true ones they hit, in the four ways that nuScenes measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D

ERROR_NAMES = ('translation_m', 'scale', 'orientation_rad', 'velocity_mps')


def pair_errors(
    truth: Boxes3D, answers: Boxes3D, yaw_period_rad: float
) -> NDArray[np.float64]:
    """
    Compare pairs of boxes, row by row.

    Parameters
    ----------
    truth, answers : Boxes3D
        P boxes each.
    yaw_period_rad : float
        Angle after which a heading is the same again.

    Returns
    -------
    (P, 4) float64
        Distance of centres in the plane, m; 1 - IoU of the boxes laid into each other along
        their axes; angle between headings, rad; distance of velocities in the plane, m/s, NaN
        where one is unknown.

    """
    common = np.minimum(truth.sizes, answers.sizes).prod(axis=1)
    union = truth.sizes.prod(axis=1) + answers.sizes.prod(axis=1) - common
    half = yaw_period_rad / 2.0
    turns = (truth.yaws - answers.yaws + half) % yaw_period_rad - half
    return np.stack([
        np.linalg.norm(truth.centers[:, :2] - answers.centers[:, :2], axis=1),
        1.0 - common / union,
        np.abs(turns),
        np.linalg.norm(_velocities(truth) - _velocities(answers), axis=1),
    ], axis=1)


def _velocities(boxes: Boxes3D) -> NDArray[np.float64]:
    if boxes.velocities is None:
        return np.full((len(boxes), 2), np.nan)
    return boxes.velocities[:, :2].astype(np.float64)
