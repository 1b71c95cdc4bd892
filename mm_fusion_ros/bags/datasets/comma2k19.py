# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Converts one segment of comma2k19, a commuter's minute: IMU, u-blox receiver, wheels, true poses.

All is stamped and logged when it came: the receiver's answers are some 60 ms old by then.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple, TYPE_CHECKING

import numpy as np
from scipy.spatial.transform import Rotation

from mm_fusion_ros.bags.datasets import names
from mm_fusion_ros.bags.datasets.comma2k19_log import enu_axes, read_comma2k19, to_geodetic
from mm_fusion_ros.bags.datasets.summary import (
    ConversionSummary,
    Recording,
    summarise,
    write_recordings,
)
from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.data_types import EgoPose, GnssFix, ImuSample, Twist
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.geometry.geodesy import LocalEnu
from mm_fusion_ros.geometry.transforms import inverse
from mm_fusion_ros.messages.convert_out import (
    from_ego_pose,
    from_gnss_fix,
    from_imu_sample,
    from_transforms,
    from_twist,
    sure_twist_from_twist,
)
from mm_fusion_ros.stamps import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from mm_fusion_ros.bags.datasets.comma2k19_log import CommaLog, Samples

# Where a device behind a car's windscreen sits, from the middle of the rear axle on the ground.
# The data set does not say; 1.22 m is the height that its makers reckon with.
_DEVICE_POSITION_M = (1.5, 0.0, 1.22)
_TRACK_M = 1.57  # between the rear wheels
_MIN_SPEED_MPS = 5.0  # from which the velocity shows where ahead is

# The receiver's accuracy is not recorded. Its data sheet (u-blox M8) says 2.5 m CEP, that is 2.1 m
# on each horizontal axis, and 0.05 m/s for half of the velocities.
_FIX_DEVIATIONS_M = np.array((2.1, 2.1, 3.2))
_VELOCITY_DEVIATION_MPS = 0.1
_NOT_MEASURED = 1e6  # variance


class CommaStreams(NamedTuple):
    """
    A segment as what its sensors measured, and the truth.

    `truth` is `base_link` in a frame that is east, north, up at the first fix. `T_base_device`
    holds the device's turn against the direction of travel, learned from the true velocities.
    """

    imu: list[ImuSample]
    fixes: list[GnssFix]
    gnss_velocities: list[Twist]
    wheels: list[Twist]
    truth: list[EgoPose]
    T_base_device: NDArray[np.float64]


def convert_comma2k19(
    folder: Path, output: Path, progress: Callable[[int, int], None]
) -> ConversionSummary:
    """
    Write a segment as a bag.

    Parameters
    ----------
    folder : Path
        Holds `processed_log` and `global_pose`.
    output : Path
        Folder to make.
    progress : callable
        Called with messages done and messages in all.

    Raises
    ------
    BagError
        If something is missing or is not what it should be, or the output exists.

    """
    streams = read_streams(folder)
    recordings = [
        *_record(names.IMU, from_imu_sample, streams.imu),
        *_record(names.GNSS_FIX, from_gnss_fix, streams.fixes),
        *_record(names.GNSS_VELOCITY, sure_twist_from_twist, streams.gnss_velocities),
        *_record(names.VEHICLE_TWIST, from_twist, streams.wheels),
        *_record(names.TRUE_ODOMETRY, from_ego_pose, streams.truth),
    ]
    first_ns = min(recording.log_time_ns for recording in recordings)
    T_base_antenna = np.eye(4)  # not said where; taken to be at the device
    T_base_antenna[:3, 3] = streams.T_base_device[:3, 3]
    frames = {names.IMU_FRAME: streams.T_base_device, names.GNSS_FRAME: T_base_antenna}
    static = partial(from_transforms, frames, first_ns, names.BASE_FRAME, BAG_TYPES)
    recordings.insert(0, Recording(first_ns, names.TF_STATIC, static, transient_local=True))
    write_recordings(recordings, output, progress)
    return summarise(output, 0)


def _record(
    topic: str, build: Callable[..., Any], samples: Sequence[Any]
) -> Iterator[Recording]:
    for sample in samples:
        yield Recording(sample.stamp_ns, topic, partial(build, sample, BAG_TYPES))


def read_streams(folder: Path) -> CommaStreams:
    """
    Read a segment.

    Raises
    ------
    BagError
        If something is missing or is not what it should be.

    """
    log = read_comma2k19(folder)
    T_base_device = np.eye(4)
    T_base_device[:3, :3] = _mounting(log)
    T_base_device[:3, 3] = _DEVICE_POSITION_M
    return CommaStreams(
        imu=[
            ImuSample(int(stamp_ns), names.IMU_FRAME, row[:3], row[3:])
            for stamp_ns, row in zip(*log.imu, strict=True)
        ],
        fixes=_fixes(log.gnss),
        gnss_velocities=_gnss_velocities(log.gnss),
        wheels=_wheels(log.wheels),
        truth=_truth(log, T_base_device),
        T_base_device=T_base_device,
    )


def _mounting(log: CommaLog) -> NDArray[np.float64]:
    """
    Give the rotation (3, 3) from the device to `base_link`, whose x axis is where the car goes.

    What a velocity cannot show, a roll of the device, is taken to be none.
    """
    velocities = log.reference.values[:, 3:]
    drives = np.linalg.norm(velocities, axis=1) > _MIN_SPEED_MPS
    if not drives.any():
        raise BagError('comma2k19 velocities', f'some above {_MIN_SPEED_MPS:g} m/s', 'none')
    ahead = np.median(log.device[drives].inv().apply(velocities[drives]), axis=0)
    ahead /= np.linalg.norm(ahead)
    left = np.cross((0.0, 0.0, -1.0), ahead)  # the device's z axis is down
    left /= np.linalg.norm(left)
    return np.stack([ahead, left, np.cross(ahead, left)])


def _fixes(gnss: Samples) -> list[GnssFix]:
    covariance = np.diag(_FIX_DEVIATIONS_M**2)
    return [
        GnssFix(int(stamp_ns), names.GNSS_FRAME, latitude_deg, longitude_deg, altitude_m,
                has_fix=True, covariance_enu=covariance)
        for stamp_ns, (latitude_deg, longitude_deg, altitude_m) in zip(
            gnss.stamps_ns, gnss.values[:, [0, 1, 4]].tolist(), strict=True)
    ]


def _gnss_velocities(gnss: Samples) -> list[Twist]:
    """Give velocities east, north, up, of which the last is not measured."""
    speeds, courses = gnss.values[:, 2], np.radians(gnss.values[:, 5])
    velocities = np.stack(
        [speeds * np.sin(courses), speeds * np.cos(courses), np.zeros(len(speeds))], axis=-1)
    covariance = np.diag([_VELOCITY_DEVIATION_MPS**2] * 2 + [_NOT_MEASURED] * 4)
    return [
        Twist(int(stamp_ns), names.GNSS_FRAME, velocity, np.zeros(3), covariance)
        for stamp_ns, velocity in zip(gnss.stamps_ns, velocities, strict=True)
    ]


def _wheels(wheels: Samples) -> list[Twist]:
    """Give speed and turn of the rear axle."""
    rear_left, rear_right = wheels.values[:, 2], wheels.values[:, 3]
    forward, turn = (rear_left + rear_right) / 2.0, (rear_right - rear_left) / _TRACK_M
    zeros = np.zeros(len(forward))
    return [
        Twist(int(stamp_ns), names.BASE_FRAME, linear, angular)
        for stamp_ns, linear, angular in zip(
            wheels.stamps_ns,
            np.stack([forward, zeros, zeros], axis=-1),
            np.stack([zeros, zeros, turn], axis=-1),
            strict=True,
        )
    ]


def _truth(log: CommaLog, T_base_device: NDArray[np.float64]) -> list[EgoPose]:
    """Give the pose of `base_link` in `odom`: east, north, up from the first fix."""
    latitude, longitude, altitude = log.gnss.values[0, [0, 1, 4]].tolist()
    axes = enu_axes(latitude, longitude)
    stamps_ns, reference = log.reference
    T_odom_device = np.tile(np.eye(4), (len(stamps_ns), 1, 1))
    T_odom_device[:, :3, :3] = axes @ log.device.as_matrix()
    T_odom_device[:, :3, 3] = LocalEnu(latitude, longitude, altitude).to_enu(
        *to_geodetic(reference[:, :3]).T)
    T_odom_base = T_odom_device @ inverse(T_base_device)
    R_base_odom = T_odom_base[:, :3, :3].swapaxes(1, 2)
    angular = _turn_rates(T_odom_base[:, :3, :3], stamps_ns)
    of_device = np.einsum('nij,nj->ni', R_base_odom @ axes, reference[:, 3:])
    linear = of_device - np.cross(angular, T_base_device[:3, 3])
    return [
        EgoPose(int(stamps_ns[row]), names.ODOM_FRAME, names.BASE_FRAME, T_odom_base[row],
                linear[row], angular[row])
        for row in range(len(stamps_ns))
    ]


def _turn_rates(
    R: NDArray[np.float64], stamps_ns: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Give rates (N, 3) about the body's axes, rad/s, from the attitudes before and after."""
    rows = np.arange(len(R))
    before, after = np.maximum(rows - 1, 0), np.minimum(rows + 1, len(R) - 1)
    turns = Rotation.from_matrix(R[before].swapaxes(1, 2) @ R[after]).as_rotvec()
    durations_s = (stamps_ns[after] - stamps_ns[before]) / NS_PER_S
    rates: NDArray[np.float64] = turns / durations_s[:, None]
    return rates
