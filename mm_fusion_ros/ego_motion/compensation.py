# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Moves what was measured at other instants to the stamp of the frame, by ego poses.

What the sensors saw is taken to stand still: other vehicles keep the smear of their own motion.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.geometry.deskew import knots_around, move_points
from mm_fusion_ros.geometry.pose_buffer import PoseQuality
from mm_fusion_ros.stamps import NS_PER_MS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import LidarSweep
    from mm_fusion_ros.ego_motion.poses import EgoPoses
    from mm_fusion_ros.perception_config import PerceptionConfig
    from mm_fusion_ros.sync.match import Match, Sample

_LONGEST_SWEEP_NS = 100 * NS_PER_MS  # assumed until one was read


@dataclass(frozen=True, slots=True)
class MotionUse:
    """
    How ego motion was taken out of one sensor's data.

    Attributes
    ----------
    quality : str
        Name of the `PoseQuality` of the poses, in lower case; empty where none were used.
    warning : str
        What a user should know about it; empty if all is well.

    """

    quality: str = ''
    warning: str = ''


class MotionCompensation:
    """
    Takes ego motion out of sweeps and images.

    Parameters
    ----------
    config : PerceptionConfig
        Names the LiDARs, and says what to do.
    poses : EgoPoses
        Where the vehicle was.

    """

    def __init__(self, config: PerceptionConfig, poses: EgoPoses) -> None:
        settings = config.ego_motion
        self._deskews = settings.is_used and settings.deskew
        self._moves_cameras = settings.is_used and settings.camera_motion
        self._short_ms = settings.short_prediction_ms
        self._poses = poses
        self._lidars = frozenset(config.lidars)
        # Of each LiDAR's last sweep, relative to its stamp; None where points carry no times.
        self._ends_ns: dict[str, int | None] = {}
        self._told: set[tuple[str, str]] = set()

    def forget(self) -> None:
        """Say again what was said once, as after time began anew."""
        self._told = set()

    def deskew(
        self,
        name: str,
        sweep: LidarSweep,
        stamps_ns: tuple[int, int],
        T_base_lidar: NDArray[np.float64],
    ) -> tuple[LidarSweep, MotionUse]:
        """
        Move points to where they would have been seen from the LiDAR at the frame's stamp.

        Without times of its points a sweep is moved as a whole, from its own stamp.

        Parameters
        ----------
        name : str
            Of the LiDAR.
        sweep : LidarSweep
            As measured.
        stamps_ns : tuple of int
            Of the sweep, and of the frame.
        T_base_lidar : (4, 4) float64
            Where the LiDAR is mounted.

        Returns
        -------
        tuple
            The sweep with its points moved, and how good the poses were.

        """
        times_ns = sweep.time_offset_ns
        self._ends_ns[name] = None if times_ns is None else int(times_ns.max())
        stamp_ns, frame_ns = stamps_ns
        if not self._deskews:
            return sweep, MotionUse()
        if times_ns is None:
            return self._as_a_whole(name, sweep, stamps_ns, T_base_lidar)
        if not self._has_poses:
            return sweep, self._once(name, 'no ego pose: the sweep is not deskewed')
        knots_ns = knots_around(times_ns)
        T_frame_knots, use = self._motion(stamp_ns + knots_ns, frame_ns)
        T = transforms.inverse(T_base_lidar) @ T_frame_knots @ T_base_lidar
        points = move_points(sweep.points, times_ns, knots_ns, T)
        return replace(sweep, points=points), use

    def camera_at(
        self, name: str, stamps_ns: tuple[int, int], T_base_camera: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], MotionUse]:
        """
        Tell where a camera was when it took its image.

        Parameters
        ----------
        name : str
            Of the camera.
        stamps_ns : tuple of int
            Of the image, and of the frame.
        T_base_camera : (4, 4) float64
            Where the camera is mounted.

        Returns
        -------
        tuple
            The same as seen from the base frame at the frame's stamp, and how good the poses were.

        """
        stamp_ns, frame_ns = stamps_ns
        if not self._moves_cameras or stamp_ns == frame_ns:
            return T_base_camera, MotionUse()
        if not self._has_poses:
            return T_base_camera, self._once(name, 'no ego pose: the image is not moved in time')
        T_frame_image, use = self._motion(np.array([stamp_ns]), frame_ns)
        return T_frame_image[0] @ T_base_camera, use

    def needed_ns(self, match: Match[Any]) -> int | None:
        """Give the stamp that poses have to reach; None if nothing in a match is to be moved."""
        ends_ns = [
            end_ns
            for member in match.members
            for sample in member.samples
            if (end_ns := self._end_ns(member.name, sample, match.stamp_ns)) is not None
        ]
        if not ends_ns:
            return None
        return max(match.stamp_ns, *ends_ns) - round(self._short_ms * NS_PER_MS)

    @property
    def _has_poses(self) -> bool:
        return self._poses.newest_ns is not None

    def _end_ns(self, name: str, sample: Sample[Any], frame_ns: int) -> int | None:
        """Give the stamp at which a measurement ended; None if it is not to be moved."""
        is_lidar = name in self._lidars
        if not (self._deskews if is_lidar else self._moves_cameras):
            return None
        delay_ns = min(max(sample.arrival_ns - sample.stamp_ns, 0), _LONGEST_SWEEP_NS)
        end_ns = self._ends_ns.get(name, delay_ns) if is_lidar else None
        if end_ns is None:  # all of one instant
            return None if sample.stamp_ns == frame_ns else sample.stamp_ns
        return sample.stamp_ns + end_ns

    def _as_a_whole(
        self, name: str, sweep: LidarSweep, stamps_ns: tuple[int, int],
        T_base_lidar: NDArray[np.float64],
    ) -> tuple[LidarSweep, MotionUse]:
        stamp_ns, frame_ns = stamps_ns
        if not self._has_poses:
            is_elsewhere = stamp_ns != frame_ns
            return sweep, (self._once(name, 'no ego pose: the sweep is not moved in time')
                           if is_elsewhere else MotionUse())
        T_frame_sweep, use = self._motion(np.array([stamp_ns]), frame_ns)
        T = transforms.inverse(T_base_lidar) @ T_frame_sweep[0] @ T_base_lidar
        told = self._once(name, 'its points carry no times: the sweep is not deskewed')
        moved = replace(sweep, points=transforms.apply(T, sweep.points))
        return moved, replace(use, warning=use.warning or told.warning)

    def _motion(
        self, stamps_ns: NDArray[np.int64], frame_ns: int
    ) -> tuple[NDArray[np.float64], MotionUse]:
        """Give the base frame at stamps (N,) as seen from it at the frame's stamp: (N, 4, 4)."""
        wanted_ns = np.concatenate([np.array([frame_ns]), stamps_ns])
        last_ns = int(wanted_ns.max())
        beyond_ms = (last_ns - (self._poses.newest_ns or last_ns)) / NS_PER_MS
        found = self._poses.at(wanted_ns)  # afterwards: they can only reach farther
        quality = PoseQuality(int(found.quality.max()))
        use = MotionUse(quality.name.lower(), self._complaint(quality, beyond_ms))
        return transforms.inverse(found.T[0]) @ found.T[1:], use

    def _complaint(self, quality: PoseQuality, beyond_ms: float) -> str:
        if quality == PoseQuality.STATIC:
            since = f' for {beyond_ms:.0f} ms' if beyond_ms > 0.0 else ' of its time'
            return f'no ego pose{since}: the vehicle is taken to stand still'
        if quality == PoseQuality.INTERPOLATED or 0.0 < beyond_ms <= self._short_ms:
            return ''
        if beyond_ms > 0.0:
            return f'ego motion: predicted {beyond_ms:.0f} ms beyond the newest pose'
        return 'ego motion: predicted back from the oldest pose'

    def _once(self, name: str, text: str) -> MotionUse:
        is_new = (name, text) not in self._told
        self._told.add((name, text))
        return MotionUse(warning=text if is_new else '')
