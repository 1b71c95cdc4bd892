# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Reads KITTI's oxts files (GNSS and IMU in one unit) and turns them into messages.

The columns are those of `dataformat.txt`. The unit's axes are x forward, y left, z up.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.datasets.kitti_calibration import T_BASE_IMU
from mm_fusion_ros.bags.datasets.summary import load_text, Recording
from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.data_types import EgoPose, GnssFix, ImuSample, Twist
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.geometry.geodesy import LocalEnu
from mm_fusion_ros.geometry.transforms import from_euler, inverse, to_quaternion
from mm_fusion_ros.messages.convert_out import (
    from_ego_pose,
    from_gnss_fix,
    from_imu_sample,
    from_twist,
)
from mm_fusion_ros.messages.convert_out.navigation import FIX, GROUND_BASED_FIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_NUM_COLUMNS = 30
_SINGLE_POINT, _DIFFERENTIAL_MODE = 3, 4  # posmode of the oxts unit; higher ones are better


class Oxts(NamedTuple):
    """The columns of one file that are used, SI units."""

    geodetic: NDArray[np.float64]  # latitude deg, longitude deg, altitude m
    attitude_rad: NDArray[np.float64]  # roll, pitch, yaw (0 = east, anticlockwise)
    velocity_enu_mps: NDArray[np.float64]
    forward_mps: float
    acceleration_mps2: NDArray[np.float64]  # of the body, with gravity
    angular_radps: NDArray[np.float64]  # of the body
    accuracy_m: float
    position_mode: int


def read_oxts(file: Path) -> Oxts:
    """
    Read one file.

    Raises
    ------
    BagError
        If it is missing or is not a line of 30 numbers.

    """
    return _parse(load_text(file, 'an oxts file'), file)


def read_tracking_oxts(file: Path) -> list[Oxts]:
    """
    Read a file of the tracking benchmark: a line for each frame of a sequence.

    Raises
    ------
    BagError
        If it is missing or empty, or a line is not 30 numbers.

    """
    lines = load_text(file, 'an oxts file').splitlines()
    if not lines:
        raise BagError(f'oxts {file}', 'a line for each frame', 'none')
    return [_parse(line, file) for line in lines]


def _parse(text: str, file: Path) -> Oxts:
    try:
        v = np.array(text.split(), np.float64)
    except ValueError as err:
        raise BagError(f'oxts {file}', f'{_NUM_COLUMNS} numbers', repr(text[:40])) from err
    if len(v) != _NUM_COLUMNS or not np.isfinite(v).all():
        raise BagError(f'oxts {file}', f'{_NUM_COLUMNS} finite numbers', f'{len(v)} of them')
    return Oxts(
        geodetic=v[0:3],
        attitude_rad=v[3:6],
        velocity_enu_mps=v[[7, 6, 10]],
        forward_mps=float(v[8]),
        acceleration_mps2=v[11:14],
        angular_radps=v[17:20],
        accuracy_m=float(v[23]),
        position_mode=int(v[27]),
    )


def record_oxts(samples: Sequence[Oxts], stamps_ns: Sequence[int]) -> Iterator[Recording]:
    """Give Imu, fix, velocities and true odometry of each sample, logged at its stamp."""
    origin = LocalEnu(*samples[0].geodetic.tolist())
    for oxts, stamp_ns in zip(samples, stamps_ns, strict=True):
        for topic, builder in _builders(oxts, stamp_ns, origin).items():
            yield Recording(stamp_ns, topic, builder)


def _builders(oxts: Oxts, stamp_ns: int, origin: LocalEnu) -> dict[str, Callable[[], Any]]:
    ego = base_pose(oxts, stamp_ns, origin)
    return {
        names.IMU: partial(from_imu_sample, _imu(oxts, stamp_ns), BAG_TYPES),
        names.GNSS_FIX: partial(from_gnss_fix, _fix(oxts, stamp_ns), BAG_TYPES, _status(oxts)),
        names.GNSS_VELOCITY: partial(from_twist, _gnss_velocity(oxts, stamp_ns), BAG_TYPES),
        names.VEHICLE_TWIST: partial(from_twist, _wheels(oxts, stamp_ns), BAG_TYPES),
        names.TRUE_ODOMETRY: partial(from_ego_pose, ego, BAG_TYPES),
    }


def _imu(oxts: Oxts, stamp_ns: int) -> ImuSample:
    return ImuSample(
        stamp_ns=stamp_ns,
        frame_id=names.IMU_FRAME,
        angular_velocity_radps=oxts.angular_radps,
        linear_acceleration_mps2=oxts.acceleration_mps2,
        orientation=to_quaternion(from_euler((0.0, 0.0, 0.0), *oxts.attitude_rad)),
    )


def _fix(oxts: Oxts, stamp_ns: int) -> GnssFix:
    latitude_deg, longitude_deg, altitude_m = oxts.geodetic.tolist()
    return GnssFix(
        stamp_ns=stamp_ns,
        frame_id=names.GNSS_FRAME,
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        altitude_m=altitude_m,
        has_fix=oxts.position_mode >= _SINGLE_POINT,
        covariance_enu=np.eye(3) * oxts.accuracy_m**2,
    )


def _status(oxts: Oxts) -> int:
    return GROUND_BASED_FIX if oxts.position_mode >= _DIFFERENTIAL_MODE else FIX


def _gnss_velocity(oxts: Oxts, stamp_ns: int) -> Twist:
    return Twist(stamp_ns, names.GNSS_FRAME, oxts.velocity_enu_mps, np.zeros(3))


def _wheels(oxts: Oxts, stamp_ns: int) -> Twist:
    forward_mps = np.array((oxts.forward_mps, 0.0, 0.0))
    turn_radps = np.array((0.0, 0.0, oxts.angular_radps[2]))
    return Twist(stamp_ns, names.BASE_FRAME, forward_mps, turn_radps)


def base_pose(oxts: Oxts, stamp_ns: int, origin: LocalEnu) -> EgoPose:
    """Give the pose of `base_link` in `odom`: east, north, up from the first fix."""
    latitude, longitude, altitude = oxts.geodetic
    position = origin.to_enu(latitude, longitude, altitude)[0]
    T_odom_imu = from_euler(position, *oxts.attitude_rad)
    T_imu_base = inverse(T_BASE_IMU)
    velocity_imu = T_odom_imu[:3, :3].T @ oxts.velocity_enu_mps
    lever_arm = T_imu_base[:3, 3]
    return EgoPose(
        stamp_ns=stamp_ns,
        frame_id=names.ODOM_FRAME,
        child_frame_id=names.BASE_FRAME,
        T_frame_child=T_odom_imu @ T_imu_base,
        linear_mps=T_BASE_IMU[:3, :3] @ (velocity_imu + np.cross(oxts.angular_radps, lever_arm)),
        angular_radps=T_BASE_IMU[:3, :3] @ oxts.angular_radps,
    )
