# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Builds sensor_msgs/PointCloud2."""

from __future__ import annotations

import sys
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.messages.convert_out.common import header

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import LabelledPoints
    from mm_fusion_ros.messages.message_types import MessageTypes

# sensor_msgs/PointField
_DATATYPES = {'i1': 1, 'u1': 2, 'i2': 3, 'u2': 4, 'i4': 5, 'u4': 6, 'f4': 7, 'f8': 8}

# A color is the bytes b g r 0, called a float32: PCL's convention, which RViz knows.
_FUSED_DTYPE = np.dtype({
    'names': ['x', 'y', 'z', 'rgb', 'label'],
    'formats': ['<f4', '<f4', '<f4', '<f4', 'u1'],
    'offsets': [0, 4, 8, 12, 16],
    'itemsize': 20,
})


def from_structured_points(
    points: NDArray[np.void], stamp_ns: int, frame_id: str, types: MessageTypes
) -> Any:
    """Build an unorganised PointCloud2 from a structured array (N,): its dtype is the layout."""
    dtype = points.dtype
    fields = [
        types.PointField(
            name=name,
            offset=dtype.fields[name][1],  # type: ignore[index]
            datatype=_DATATYPES[dtype[name].str[1:]],
            count=1,
        )
        for name in dtype.names or ()
    ]
    return types.PointCloud2(
        header=header(stamp_ns, frame_id, types),
        height=1,
        width=len(points),
        fields=fields,
        is_bigendian=sys.byteorder == 'big',
        point_step=dtype.itemsize,
        row_step=dtype.itemsize * len(points),
        data=types.bytes_field(np.ascontiguousarray(points).view(np.uint8)),
        is_dense=True,
    )


def from_point_columns(
    columns: Mapping[str, NDArray[Any]], stamp_ns: int, frame_id: str, types: MessageTypes
) -> Any:
    """Build an unorganised PointCloud2 of columns (N,) by field name, packed in their order."""
    dtype = [(name, column.dtype) for name, column in columns.items()]
    points = np.rec.fromarrays(columns.values(), dtype=dtype)
    return from_structured_points(points, stamp_ns, frame_id, types)


def from_labelled_points(
    points: LabelledPoints,
    colors: NDArray[np.uint8],
    stamp_ns: int,
    frame_id: str,
    types: MessageTypes,
) -> Any:
    """
    Build the cloud x y z rgb label.

    Parameters
    ----------
    points : LabelledPoints
        N points; label is a value of `PointLabel`.
    colors : (N, 3) uint8
        RGB.
    stamp_ns, frame_id, types :
        As everywhere.

    """
    cloud = np.zeros(len(points), _FUSED_DTYPE)
    for column, axis in enumerate('xyz'):
        cloud[axis] = points.points[:, column]
    bgr0 = np.zeros((len(points), 4), np.uint8)
    bgr0[:, :3] = colors[:, ::-1]
    cloud['rgb'] = bgr0.view('<f4')[:, 0]
    cloud['label'] = points.labels
    return from_structured_points(cloud, stamp_ns, frame_id, types)
