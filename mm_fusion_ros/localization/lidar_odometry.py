# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Tells from sweep to sweep how a LiDAR moves, by kiss-icp, which has to be installed for it.

A tenth of a second of computing for each sweep: for bags, or where cores allow.
"""

from __future__ import annotations

from functools import partial
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import EgoPose, Twist
from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.geometry.deskew import knots_around, move_points
from mm_fusion_ros.geometry.pose_buffer import motions_between, PoseBuffer
from mm_fusion_ros.stamps import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import LidarSweep

_VOXEL_M = 1.0
_NEAR_M, _FAR_M = 3.0, 100.0  # the own vehicle is nearer
_FEWEST_POINTS = 1000
_FIRST_SWEEPS = 15  # rings of so few on flat ground look as if the vehicle stood
_LONGEST_GAP_NS = NS_PER_S
_LONGEST_SWEEP_S = 0.5
# Of one pose to the next, measured on simulated drives (32 beams, 10 Hz, 3 to 12 m/s): 0.013 m,
# 0.0004 rad, and 0.1 % of the way too short.
_PLACE_M, _TURN_RAD, _SHARE = 0.013, 0.0004, 0.003


class LidarOdometry:
    """
    Velocity and turn rate of a LiDAR, of one sweep after the other.

    Each sweep is deskewed by the motion seen before, to its middle: so what is wrong with that
    motion hardly shifts the sweep as a whole, and does not come back as an oscillation.

    Raises
    ------
    ConfigError
        If kiss-icp is not installed.

    Source: Vizzo et al., KISS-ICP: In Defense of Point-to-Point ICP (RA-L 2023).
    """

    def __init__(self) -> None:
        try:
            from kiss_icp.config import KISSConfig
            from kiss_icp.kiss_icp import KissICP
        except ImportError as err:
            raise ConfigError('LiDAR odometry', 'kiss-icp (the extra lidar_odometry)',
                              f'{err}') from err
        config = KISSConfig()
        config.data.min_range, config.data.max_range = _NEAR_M, _FAR_M
        config.data.deskew = False
        config.mapping.voxel_size = _VOXEL_M
        config.registration.max_num_threads = 1  # sums in the same order: the same bytes twice
        self._new_icp: Callable[[], Any] = partial(KissICP, config)
        self.reset()

    def reset(self) -> None:
        """Begin anew, as after a step in time."""
        self._icp: Any = self._new_icp()
        self._stamp_ns: int | None = None
        self._twist = np.zeros(6)
        self._sweeps = 0

    def add(self, sweep: LidarSweep) -> Twist | None:
        """
        Take in a sweep.

        Parameters
        ----------
        sweep : LidarSweep
            As measured, not deskewed.

        Returns
        -------
        Twist, optional
            Mean motion since the sweep before, along the LiDAR's axes, stamped in the middle of
            that time; None after a gap and for the first sweeps.

        """
        if len(sweep) < _FEWEST_POINTS:
            return None
        stamp_ns = sweep.stamp_ns + _middle_ns(sweep)
        step_ns = 0 if self._stamp_ns is None else stamp_ns - self._stamp_ns
        if self._stamp_ns is not None and not 0 < step_ns < _LONGEST_GAP_NS:
            self.reset()
        before: NDArray[np.float64] = self._icp.last_pose
        self._icp.register_frame(self._deskewed(sweep), np.empty(0))
        self._stamp_ns = stamp_ns
        self._sweeps += 1
        if self._sweeps == 1:
            return None
        step_s = step_ns / NS_PER_S
        self._twist = motions_between(before[None], self._icp.last_pose[None])[0] / step_s
        if self._sweeps <= _FIRST_SWEEPS:
            return None
        return Twist(stamp_ns - step_ns // 2, sweep.frame_id, self._twist[:3], self._twist[3:],
                     _covariance(self._twist, step_s))

    def _deskewed(self, sweep: LidarSweep) -> NDArray[np.float64]:
        times_ns = sweep.time_offset_ns
        if times_ns is None or not self._twist.any():
            return sweep.points.astype(np.float64)
        poses = PoseBuffer(max_prediction_s=_LONGEST_SWEEP_S)
        poses.add(EgoPose(
            _middle_ns(sweep), '', '', np.eye(4), self._twist[:3], self._twist[3:]))
        knots_ns = knots_around(times_ns)
        moved = move_points(sweep.points, times_ns, knots_ns, poses.poses_at(knots_ns).T)
        return moved.astype(np.float64)


def _middle_ns(sweep: LidarSweep) -> int:
    times_ns = sweep.time_offset_ns
    return 0 if times_ns is None else (int(times_ns.min()) + int(times_ns.max())) // 2


def _covariance(twist: NDArray[np.float64], step_s: float) -> NDArray[np.float64]:
    """Give the covariance (6, 6) of a mean motion over a step."""
    speed_mps = float(np.linalg.norm(twist[:3]))
    variance = np.repeat((_PLACE_M / step_s, _TURN_RAD / step_s), 3) ** 2
    variance[:3] += (_SHARE * speed_mps) ** 2
    return np.diag(variance)
