# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Finds the fields of a PointCloud2 in its bytes, whatever their order, offsets and padding.

Views the bytes, copies nothing. What the fields mean is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.messages.convert_in.fields import view_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

# sensor_msgs/PointField; 9 and 10 came after ROS 2 Jazzy.
_FORMATS = {
    1: 'i1', 2: 'u1', 3: 'i2', 4: 'u2', 5: 'i4', 6: 'u4', 7: 'f4', 8: 'f8', 9: 'i8', 10: 'u8',
}


@dataclass(frozen=True, slots=True)
class PointLayout:
    """
    The bytes of a cloud whose sizes agree, and where each field of a point is.

    Attributes
    ----------
    fields : tuple of PointField
        As in the message.
    byte_order : str
        '<' or '>'.
    data : (height * row_step,) uint8
        View on the message.
    shape : tuple of int
        Rows of the cloud, points in a row.
    strides : tuple of int
        Bytes from one row to the next (row_step), and from one point to the next (point_step).

    """

    fields: tuple[Any, ...]
    byte_order: str
    data: NDArray[np.uint8]
    shape: tuple[int, int]
    strides: tuple[int, int]

    def __len__(self) -> int:
        """Count the points."""
        return self.shape[0] * self.shape[1]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the fields, in the order of the message."""
        return tuple(field.name for field in self.fields)

    def select(self, names: Iterable[str]) -> NDArray[np.void]:
        """
        View the named fields of all points as a structured array (N,) in the data's byte order.

        Raises
        ------
        InvalidMessageError
            If one is not there exactly once, is no single number of a known type, reaches beyond
            the point or overlaps another.

        """
        picked = [self._find(name) for name in names]
        formats = [np.dtype(self.byte_order + _FORMATS[field.datatype]) for field in picked]
        extents = sorted(
            (field.offset, field.offset + dtype.itemsize)
            for field, dtype in zip(picked, formats, strict=True)
        )
        if any(end > start for (_, end), (start, _) in pairwise(extents)):
            raise InvalidMessageError('point fields', 'fields that do not overlap', extents)
        point_step = self.strides[1]
        if extents and extents[-1][1] > point_step:
            raise InvalidMessageError(
                'point fields', f'offsets within point_step {point_step}', extents
            )
        dtype = np.dtype({
            'names': [field.name for field in picked],
            'formats': formats,
            'offsets': [field.offset for field in picked],
            'itemsize': point_step,
        })
        cloud: NDArray[np.void] = np.ndarray(
            self.shape, dtype, self.data, strides=self.strides
        ).reshape(-1)
        return cloud

    def _find(self, name: str) -> Any:
        found = [field for field in self.fields if field.name == name]
        if len(found) != 1:
            raise InvalidMessageError(
                f'point field {name!r}', f'one among {", ".join(self.names)}', len(found)
            )
        if found[0].datatype not in _FORMATS or found[0].count != 1:
            raise InvalidMessageError(
                f'point field {name!r}',
                'one number of a PointField datatype',
                f'{found[0].count} of datatype {found[0].datatype}',
            )
        return found[0]


def read_layout(message: Any) -> PointLayout:
    """
    Check the sizes of a PointCloud2 against each other and its data.

    Raises
    ------
    InvalidMessageError
        If the data is shorter or longer than the header says, or a row than its points.

    """
    width, height = int(message.width), int(message.height)
    point_step, row_step = int(message.point_step), int(message.row_step)
    data = view_bytes('point cloud data', message.data)
    if len(data) != height * row_step:
        raise InvalidMessageError(
            'point cloud data', f'{height} rows of {row_step} bytes', f'{len(data)} bytes'
        )
    if row_step < width * point_step:
        raise InvalidMessageError(
            'point cloud row_step', f'at least {width} points of {point_step} bytes', row_step
        )
    if width and height and point_step < 1:
        raise InvalidMessageError('point cloud point_step', 'at least 1 byte', point_step)
    byte_order = '>' if message.is_bigendian else '<'
    return PointLayout(
        tuple(message.fields), byte_order, data, (height, width), (row_step, point_step)
    )
