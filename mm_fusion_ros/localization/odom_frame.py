# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The frame that never jumps: what the vehicle moved between two answers, added up.

Roll and pitch are the filter's; what corrects place and direction goes into map to odom instead.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.geometry.transforms import wrap_angle, yaw_of
from mm_fusion_ros.localization.nominal import rotation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.localization.ego_state import EgoState

# How long errors of motion linger: by the wheels' scale, by the gyro's bias, by directions that
# are far off, and of velocity forward, left and up.
_LINGER_S = np.array((1000.0, 100.0, 1000.0, 2.0, 2.0, 2.0))
_SCALE, _BIAS, _ASTRAY, _OTHERS = 0, 1, 2, slice(3, 6)
_PLACE, _YAW = slice(0, 3), 3
_OF_PLACE_AND_YAW = np.ix_((0, 1, 2, 5), (0, 1, 2, 5))


class OdomFrame:
    """
    Adds up motion.

    Attributes
    ----------
    T_odom_base : (4, 4) float64
        Pose of the base frame at the last answer.
    covariance : (6, 6) float64
        Of position, m^2, and rotation about the axes of odom, rad^2, since the beginning.

    Source: covariances as of a filter that only predicts, its errors of velocity and turn rate
    of first order (Gauss-Markov; Groves 2013, section 14.2) and as large as the state's.

    """

    def __init__(self) -> None:
        self.T_odom_base = np.eye(4)
        self.covariance = np.zeros((6, 6))
        self._P = np.zeros((4, 4))  # of x, y, z, yaw
        # Of these with the errors of motion, each over its deviation.
        self._with_motion = np.zeros((4, len(_LINGER_S)))
        self._turn_bias_deviation = 0.0
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
            step = _about_up(self._yaw_rad + 0.5 * turned - middle) @ moved
            self.T_odom_base[:3, 3] += step
            self._yaw_rad += turned
            self._grow(now, step, (now.stamp_ns - self._stamp_ns) * 1e-9)
        self._stamp_ns = now.stamp_ns
        turn = _about_up(self._yaw_rad - yaw_now)
        self.T_odom_base[:3, :3] = turn @ now.T_map_base[:3, :3]
        self.covariance[3:5, 3:5] = turn[:2, :2] @ now.covariance[3:5, 3:5] @ turn[:2, :2].T

    def _grow(self, now: EgoState, step: NDArray[np.float64], dt_s: float) -> None:
        """Go on by a step (3,), m: what the direction errs by moves it sideways."""
        F = np.eye(4)
        F[0, _YAW], F[1, _YAW] = -step[1], step[0]
        deviation = math.sqrt(now.turn_bias_variance)
        if deviation < self._turn_bias_deviation:
            # What is left of an error that was measured has that much to do with what it was.
            self._with_motion[:, _BIAS] *= deviation / self._turn_bias_deviation
        self._turn_bias_deviation = deviation
        G = self._motion_deviations(now) * dt_s
        moved = F @ self._with_motion
        shared = moved @ G.T
        self._P = F @ self._P @ F.T + shared + shared.T + G @ G.T
        self._P[_YAW, _YAW] += now.turn_walk**2 * dt_s
        self._with_motion = (moved + G) * np.exp(-dt_s / _LINGER_S)
        self.covariance[_OF_PLACE_AND_YAW] = self._P

    def _motion_deviations(self, now: EgoState) -> NDArray[np.float64]:
        """Give how each error of motion, over its deviation, moves and turns (4, 6), a second."""
        turn = _about_up(self._yaw_rad)
        H = _ahead(now)
        by_scale = H @ now.by_wheel_scale
        variances = np.diag(H @ now.reckoned_covariance @ H.T) - by_scale**2
        G = np.zeros((4, len(_LINGER_S)))
        G[_PLACE, _SCALE] = turn @ by_scale
        G[_YAW, _BIAS] = self._turn_bias_deviation
        # The way along directions that scatter is shorter than each.
        speed_mps = float(np.linalg.norm(now.velocity_mps))
        G[_PLACE, _ASTRAY] = turn[:, 0] * speed_mps * (1.0 - np.exp(-0.5 * self._P[_YAW, _YAW]))
        G[_PLACE, _OTHERS] = turn * np.sqrt(np.maximum(variances, 0.0))
        return G


def _ahead(now: EgoState) -> NDArray[np.float64]:
    """
    Give how a state's errors (9,) show in the velocity forward, left and up (3,).

    What the direction errs by is none of the velocity's relative to it.
    """
    H = np.zeros((3, 9))
    H[:, 6:] = np.eye(3)
    H[:2, 5] = now.velocity_mps[1], -now.velocity_mps[0]
    ahead: NDArray[np.float64] = _about_up(-yaw_of(now.T_map_base)) @ H
    return ahead


def _about_up(angle_rad: float) -> NDArray[np.float64]:
    return rotation(np.array((0.0, 0.0, angle_rad)))
