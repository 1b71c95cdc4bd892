# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Reads the arrays of a comma2k19 segment: NumPy files without a suffix, times in seconds.

The device behind the windscreen has the axes forward, right, down. Its log has one clock, of which
the reference poses know the GPS time; with it all stamps become UTC.
"""

from __future__ import annotations

from typing import NamedTuple, TYPE_CHECKING

import numpy as np
from pyproj import Transformer
from scipy.spatial.transform import Rotation

from mm_fusion_ros.bags.datasets.summary import require
from mm_fusion_ros.errors import BagError
from mm_fusion_ros.stamps import from_seconds, GPS_EPOCH_S, GPS_LEAP_S, NS_PER_S

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_WEEK_S = 604_800


class Samples(NamedTuple):
    """N measurements: stamps (N,) int64, ns, and values (N, K) float64."""

    stamps_ns: NDArray[np.int64]
    values: NDArray[np.float64]


class CommaLog(NamedTuple):
    """
    What is taken from a segment.

    The columns: `imu` gyro (rad/s), then accelerometer (m/s^2), in the device's axes; `gnss`
    latitude, longitude (deg), speed (m/s), UTC (ms), altitude (m), course (deg, 0 = north,
    clockwise); `wheels` front left, front right, rear left, rear right (m/s); `reference`
    position, m, then velocity, m/s, both earth-centred. `device` turns the device's axes into
    earth-centred ones, one turn for each reference.
    """

    imu: Samples
    gnss: Samples
    wheels: Samples
    reference: Samples
    device: Rotation


def read_comma2k19(folder: Path) -> CommaLog:
    """
    Read a segment.

    Raises
    ------
    BagError
        If a file is missing or does not hold what it should.

    """
    sensors, poses = folder / 'processed_log', folder / 'global_pose'
    frame_s = _load(poses / 'frame_times')
    week, second = _load(poses / 'frame_gps_times', 2).T
    utc_s = week * _WEEK_S + second + GPS_EPOCH_S - GPS_LEAP_S
    if len(frame_s) != len(utc_s) or len(frame_s) < 2:
        raise BagError(f'comma2k19 segment {folder}', 'two frames or more, each with its GPS time',
                       f'{len(frame_s)} and {len(utc_s)}')
    clock_ns = from_seconds(float(np.median(utc_s - frame_s)))
    gyro = _samples(sensors / 'IMU' / 'gyro', 3, clock_ns)
    accelerometer = _samples(sensors / 'IMU' / 'accelerometer', 3, clock_ns)
    forces = [np.interp(gyro.stamps_ns, accelerometer.stamps_ns, axis)
              for axis in accelerometer.values.T]
    reference = [_load(poses / f'frame_{name}', 3) for name in ('positions', 'velocities')]
    wxyz = _load(poses / 'frame_orientations', 4)
    if any(len(each) != len(frame_s) for each in (*reference, wxyz)):
        raise BagError(f'poses {poses}', f'{len(frame_s)} of everything',
                       [len(each) for each in (*reference, wxyz)])
    return CommaLog(
        imu=Samples(gyro.stamps_ns, np.column_stack([gyro.values, *forces])),
        gnss=_samples(sensors / 'GNSS' / 'live_gnss_ublox', 6, clock_ns),
        wheels=_samples(sensors / 'CAN' / 'wheel_speed', 4, clock_ns),
        reference=Samples(_stamps(frame_s, clock_ns), np.hstack(reference)),
        device=Rotation.from_quat(wxyz[:, [1, 2, 3, 0]]),
    )


def _samples(folder: Path, columns: int, clock_ns: int) -> Samples:
    times_s, values = _load(folder / 't'), _load(folder / 'value', columns)
    if len(times_s) != len(values) or not len(values):
        raise BagError(f'samples {folder}', 'a time for each, one or more',
                       f'{len(times_s)} times, {len(values)} samples')
    if (np.diff(times_s) <= 0.0).any():
        raise BagError(f'times {folder}', 'each later than the one before', 'others')
    return Samples(_stamps(times_s, clock_ns), values)


def _stamps(times_s: NDArray[np.float64], clock_ns: int) -> NDArray[np.int64]:
    return np.rint(times_s * NS_PER_S).astype(np.int64) + clock_ns


def _load(file: Path, columns: int | None = None) -> NDArray[np.float64]:
    """Read an array (N,), or (N, columns)."""
    try:
        array = np.load(require(file, 'a NumPy array'), allow_pickle=False)
        numbers = np.asarray(array, np.float64)
    except (OSError, ValueError, EOFError) as err:
        raise BagError(f'data set file {file}', 'a NumPy array of numbers', err) from err
    if numbers.shape[1:] != (() if columns is None else (columns,)) or numbers.ndim == 0:
        raise BagError(f'array {file}', f'{columns or "no"} columns', f'shape {numbers.shape}')
    if not np.isfinite(numbers).all():
        raise BagError(f'array {file}', 'finite numbers', 'others')
    return numbers


def to_geodetic(positions_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give latitude, longitude, degrees, and altitude, m, of earth-centred positions (N, 3)."""
    transformer = Transformer.from_pipeline(
        '+proj=pipeline +step +inv +proj=cart +ellps=WGS84 '
        '+step +proj=unitconvert +xy_in=rad +xy_out=deg')
    longitude, latitude, altitude = transformer.transform(*positions_m.T)
    return np.stack([latitude, longitude, altitude], axis=-1)


def enu_axes(latitude_deg: float, longitude_deg: float) -> NDArray[np.float64]:
    """Give the rotation (3, 3) of earth-centred vectors into east, north, up at a place."""
    latitude, longitude = np.radians((latitude_deg, longitude_deg))
    east = np.array((-np.sin(longitude), np.cos(longitude), 0.0))
    up = np.append(
        np.cos(latitude) * np.array((np.cos(longitude), np.sin(longitude))), np.sin(latitude))
    return np.stack([east, np.cross(up, east), up])
