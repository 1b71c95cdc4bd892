# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Reads single fields of a message by name, checked. Knows no particular message type."""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros import stamps
from mm_fusion_ros.errors import InvalidMessageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_NORM_TOLERANCE = 1e-2


def read_header(message: Any) -> tuple[int, str]:
    """Give the stamp, ns, and the frame of a message, without the leading slash of ROS 1 names."""
    header = message.header
    return stamps.join(header.stamp.sec, header.stamp.nanosec), header.frame_id.lstrip('/')


def view_bytes(what: str, data: Any) -> NDArray[np.uint8]:
    """
    View a uint8[] field, whatever its class, as a read-only array without copying it.

    Raises
    ------
    InvalidMessageError
        If it is not a contiguous buffer.

    """
    try:
        view = np.frombuffer(data, np.uint8)
    except (TypeError, ValueError) as err:
        raise InvalidMessageError(what, 'a buffer of bytes', type(data).__name__) from err
    view.flags.writeable = False
    return view


def read_vector(what: str, vector: Any) -> NDArray[np.float64]:
    """
    Read a Vector3 or Point as a finite (3,) array.

    Raises
    ------
    InvalidMessageError
        If a number is not finite.

    """
    return check_finite(what, np.array((vector.x, vector.y, vector.z), np.float64))


def read_quaternion(what: str, quaternion: Any) -> NDArray[np.float64]:
    """
    Read a Quaternion as a unit (4,) array, x y z w.

    Raises
    ------
    InvalidMessageError
        If its norm is off 1 by more than 1e-2; smaller deviations are normalised away.

    """
    xyzw = np.array((quaternion.x, quaternion.y, quaternion.z, quaternion.w), np.float64)
    with np.errstate(over='ignore', invalid='ignore'):
        norm = float(np.sqrt(xyzw @ xyzw))
    if not abs(norm - 1.0) <= _NORM_TOLERANCE:
        raise InvalidMessageError(what, 'a quaternion of norm 1', f'norm {norm:.6g} of {xyzw}')
    return xyzw / norm


def read_covariance(what: str, values: Sequence[float], size: int) -> NDArray[np.float64] | None:
    """
    Read a row-major covariance as (size, size), or None where it is all zero: unknown.

    Raises
    ------
    InvalidMessageError
        If it has another size, a number is not finite or a variance is negative.

    """
    flat = np.array(values, np.float64)
    if flat.shape != (size * size,):
        raise InvalidMessageError(what, f'{size * size} numbers', f'shape {flat.shape}')
    matrix = check_finite(what, flat).reshape(size, size)
    if (matrix.diagonal() < 0.0).any():
        raise InvalidMessageError(what, 'variances of at least 0', matrix.diagonal().tolist())
    return matrix if matrix.any() else None


def check_finite(what: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Give the values back if all of them are finite.

    Raises
    ------
    InvalidMessageError
        If one is not.

    """
    if not np.isfinite(values).all():
        raise InvalidMessageError(what, 'finite numbers', values.tolist())
    return values
