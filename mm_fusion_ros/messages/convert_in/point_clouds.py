# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Reads sensor_msgs/PointCloud2 as a sweep of points that are all usable."""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import LidarSweep
from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.messages.convert_in.fields import read_header
from mm_fusion_ros.messages.convert_in.point_layout import read_layout
from mm_fusion_ros.messages.convert_in.point_times import (
    find_time_field,
    PointTimeSettings,
    to_time_offsets,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

_AXES = ('x', 'y', 'z')
_INTENSITY_NAMES = ('intensity', 'i', 'reflectivity')
_RING_NAMES = ('ring', 'channel', 'line')
_MAX_RING = np.iinfo(np.uint16).max


def to_lidar_sweep(message: Any, times: PointTimeSettings | None = None) -> LidarSweep:
    """
    Read a PointCloud2.

    Parameters
    ----------
    message : sensor_msgs/PointCloud2
        x, y and z are needed, float32 or float64. Intensity (also i, reflectivity), ring (also
        channel, line) and a time per point (see `point_times`) are used where present.
    times : PointTimeSettings, optional
        What is known about the times; detected by default.

    Returns
    -------
    LidarSweep
        Without the points that are NaN, infinite or at range zero; arrays are its own.

    Raises
    ------
    InvalidMessageError
        If header, fields and data contradict each other, or the meaning of the times is open.

    """
    stamp_ns, frame_id = read_header(message)
    layout = read_layout(message)
    if len(layout) == 0:
        return LidarSweep(stamp_ns, frame_id, np.empty((0, 3), np.float32))
    settings = times or PointTimeSettings()
    intensity_name = _first_of(_INTENSITY_NAMES, layout.names)
    ring_name = _first_of(_RING_NAMES, layout.names)
    time_name = find_time_field(layout.names, settings)
    extras = [name for name in (intensity_name, ring_name, time_name) if name]
    cloud = layout.select([*_AXES, *extras])
    points, kept = _gather_points(cloud)
    return LidarSweep(
        stamp_ns=stamp_ns,
        frame_id=frame_id,
        points=points,
        intensity=_to_intensity(_pick(cloud[intensity_name], kept)) if intensity_name else None,
        ring=_to_ring(_pick(cloud[ring_name], kept)) if ring_name else None,
        time_offset_ns=(
            to_time_offsets(_pick(cloud[time_name], kept), stamp_ns, settings)
            if time_name
            else None
        ),
        num_dropped=len(cloud) - len(points),
    )


def _first_of(wanted: tuple[str, ...], names: tuple[str, ...]) -> str | None:
    return next((name for name in wanted if name in names), None)


def _gather_points(
    cloud: NDArray[np.void],
) -> tuple[NDArray[np.float32], NDArray[np.intp] | None]:
    """Copy the usable points into (N, 3), and give their indices, or None if all are usable."""
    points = np.empty((len(cloud), 3), np.float32)
    with np.errstate(over='ignore', invalid='ignore'):  # float64 beyond float32: not usable
        for column, axis in enumerate(_AXES):
            if cloud.dtype[axis].kind != 'f':
                raise InvalidMessageError(
                    f'point field {axis!r}', 'float32 or float64', cloud.dtype[axis].name
                )
            points[:, column] = cloud[axis]
        reach = np.abs(points[:, 0])
        for column in (1, 2):
            np.maximum(reach, np.abs(points[:, column]), out=reach)  # NaN stays NaN
    is_usable = (reach > 0.0) & (reach < np.inf)
    if is_usable.all():
        return points, None
    kept = np.flatnonzero(is_usable)
    return points.take(kept, axis=0), kept


def _pick(column: NDArray[Any], kept: NDArray[np.intp] | None) -> NDArray[Any]:
    # Twice as fast as indexing the strided column at once.
    return column if kept is None else np.ascontiguousarray(column).take(kept)


def _to_intensity(values: NDArray[Any]) -> NDArray[np.float32]:
    with np.errstate(over='ignore', invalid='ignore'):
        return values.astype(np.float32)


def _to_ring(values: NDArray[Any]) -> NDArray[np.uint16]:
    if len(values) and not (values.min() >= 0 and values.max() <= _MAX_RING):
        raise InvalidMessageError(
            'point rings', f'0 to {_MAX_RING}', f'{values.min()} to {values.max()}'
        )
    return values.astype(np.uint16)
