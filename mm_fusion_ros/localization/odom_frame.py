# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The frame that never jumps: what the vehicle moved between two answers, added up.

Roll and pitch are the filter's; what corrects place and direction goes into map to odom instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.geometry.transforms import wrap_angle, yaw_of
from mm_fusion_ros.localization.nominal import rotation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.localization.ego_state import EgoState

_LINGERS_S = 1.0  # errors of velocity and turn rate


class OdomFrame:
    """
    Adds up motion.

    Attributes
    ----------
    T_odom_base : (4, 4) float64
        Pose of the base frame at the last answer.
    covariance : (6, 6) float64
        Of position, m^2, and rotation about the axes of odom, rad^2, since the beginning.

    """

    def __init__(self) -> None:
        self.T_odom_base = np.eye(4)
        self.covariance = np.zeros((6, 6))
        self._stamp_ns: int | None = None
        self._yaw_rad = 0.0

    @property
    def stamp_ns(self) -> int | None:
        """Stamp of the last answer; None before the first."""
        return self._stamp_ns

    def advance(self, before: EgoState, now: EgoState) -> None:
        """
        Go on by what lies between two states of one history.

        Parameters
        ----------
        before : EgoState
            At the last answer, or, where that is forgotten, as near to it as is remembered.
        now : EgoState
            At this answer.

        """
        yaw_before, yaw_now = yaw_of(before.T_map_base), yaw_of(now.T_map_base)
        if self._stamp_ns is not None:
            # What is forgotten is taken to have been like what follows.
            gap_s = (before.stamp_ns - self._stamp_ns) * 1e-9
            rate = float((before.T_map_base[:3, :3] @ before.rates_radps)[2])
            moved = now.T_map_base[:3, 3] - before.T_map_base[:3, 3] + before.velocity_mps * gap_s
            moved -= now.corrected[:3] - before.corrected[:3]
            turned = float(wrap_angle(yaw_now - yaw_before)) + rate * gap_s
            turned -= float(now.corrected[3] - before.corrected[3])
            middle = yaw_before + 0.5 * float(wrap_angle(yaw_now - yaw_before))
            self.T_odom_base[:3, 3] += _about_up(self._yaw_rad + 0.5 * turned - middle) @ moved
            self._yaw_rad += turned
            self._grow(now, (now.stamp_ns - self._stamp_ns) * 1e-9)
        self._stamp_ns = now.stamp_ns
        self.T_odom_base[:3, :3] = (
            _about_up(self._yaw_rad - yaw_now) @ now.T_map_base[:3, :3])
        self.covariance[3:5, 3:5] = now.covariance[3:5, 3:5]

    def _grow(self, now: EgoState, dt_s: float) -> None:
        forward = self.T_odom_base[:2, 0]
        velocity = now.covariance[6:9, 6:9]
        self.covariance[:3, :3] += velocity * (dt_s * _LINGERS_S)
        self.covariance[5, 5] += now.rates_variance * dt_s * 0.01 * _LINGERS_S
        step_m = float(np.linalg.norm(now.velocity_mps)) * dt_s
        sideways = np.array((-forward[1], forward[0]))
        self.covariance[:2, :2] += (
            np.outer(sideways, sideways) * self.covariance[5, 5] * step_m**2)


def _about_up(angle_rad: float) -> NDArray[np.float64]:
    return rotation(np.array((0.0, 0.0, angle_rad)))
