# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Rigid transforms as 4x4 float64 matrices: `p_target = T_target_source @ p_source`.

Quaternions are x y z w, as in ROS messages.
"""

from __future__ import annotations

import math
from typing import Any, cast, TYPE_CHECKING, TypeVar

import cv2
import numpy as np
from scipy.spatial.transform import Rotation

from mm_fusion_ros.errors import InvalidMessageError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_Float = TypeVar('_Float', bound=np.floating[Any])

_NORM_TOLERANCE = 1e-2


def from_quaternion(translation: ArrayLike, quaternion_xyzw: ArrayLike) -> NDArray[np.float64]:
    """
    Build a transform from a translation (3,), m, and a quaternion (4,), x y z w.

    Raises
    ------
    InvalidMessageError
        If a number is not finite, or the quaternion's norm is off 1 by more than 1e-2.
        Smaller deviations are rounding and are normalised away.

    """
    quaternion = np.asarray(quaternion_xyzw, np.float64)
    norm = float(np.linalg.norm(quaternion))
    if not abs(norm - 1.0) <= _NORM_TOLERANCE:
        raise InvalidMessageError('quaternion', 'norm 1', f'norm {norm:.6g} of {quaternion}')
    return _assemble(translation, Rotation.from_quat(quaternion))


def from_euler(
    translation: ArrayLike, roll_rad: float, pitch_rad: float, yaw_rad: float
) -> NDArray[np.float64]:
    """
    Build a transform from a translation (3,), m, and turns about the fixed axes x, then y, then z.

    Raises
    ------
    InvalidMessageError
        If a number is not finite.

    """
    angles = (roll_rad, pitch_rad, yaw_rad)
    if not np.isfinite(angles).all():
        raise InvalidMessageError('roll, pitch and yaw', 'finite angles', angles)
    return _assemble(translation, Rotation.from_euler('xyz', angles))


def _assemble(translation: ArrayLike, rotation: Rotation) -> NDArray[np.float64]:
    offset = np.asarray(translation, np.float64)
    if not np.isfinite(offset).all():
        raise InvalidMessageError('translation', 'finite numbers', offset)
    T = np.eye(4)
    T[:3, :3] = rotation.as_matrix()
    T[:3, 3] = offset
    return T


def check_transform(what: str, T: ArrayLike) -> NDArray[np.float64]:
    """
    Give `T` as a (4, 4) float64 array of its own, if it is a finite rigid transform.

    Raises
    ------
    InvalidMessageError
        Naming `what`, if it is not.

    """
    matrix = np.array(T, np.float64)
    if matrix.shape != (4, 4) or not np.isfinite(matrix).all():
        raise InvalidMessageError(what, 'a finite (4, 4) matrix', matrix.tolist())
    R = matrix[:3, :3]
    is_rotation = np.abs(R @ R.T - np.eye(3)).max() < _NORM_TOLERANCE and np.linalg.det(R) > 0
    if not is_rotation or not np.allclose(matrix[3], (0.0, 0.0, 0.0, 1.0), atol=1e-9):
        raise InvalidMessageError(what, 'a rigid transform', matrix.tolist())
    return matrix


def to_quaternion(T: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the rotation of a transform as a unit quaternion (4,), x y z w, with w >= 0."""
    quaternion: NDArray[np.float64] = Rotation.from_matrix(T[:3, :3]).as_quat()
    return quaternion if quaternion[3] >= 0.0 else -quaternion


def yaw_of(T: NDArray[np.float64]) -> float:
    """Give the heading of the rotated x axis about +z, rad."""
    return math.atan2(T[1, 0], T[0, 0])


def inverse(T: NDArray[np.float64]) -> NDArray[np.float64]:
    """Invert one rigid transform (4, 4) or a stack of them (..., 4, 4)."""
    inverted = np.zeros_like(T)
    inverted[..., :3, :3] = np.swapaxes(T[..., :3, :3], -1, -2)
    inverted[..., :3, 3:] = -inverted[..., :3, :3] @ T[..., :3, 3:]
    inverted[..., 3, 3] = 1.0
    return inverted


def apply(T: NDArray[np.float64], points: NDArray[_Float]) -> NDArray[_Float]:
    """Transform points (N, 3), in and to the precision of their own dtype."""
    # One pass over the points: a matrix product this thin is forty times slower.
    moved = cv2.transform(points[:, None, :], T[:3])[:, 0, :] if len(points) else points.copy()
    return cast('NDArray[_Float]', moved)


def interpolate(
    T_a: NDArray[np.float64], T_b: NDArray[np.float64], fraction: float
) -> NDArray[np.float64]:
    """
    Go `fraction` of the way from one transform to another.

    The translation goes straight and the rotation at a constant rate about a fixed axis (slerp);
    a fraction outside 0 to 1 extrapolates.
    """
    turn = Rotation.from_matrix(T_a[:3, :3].T @ T_b[:3, :3]).as_rotvec()
    T = np.eye(4)
    T[:3, :3] = T_a[:3, :3] @ Rotation.from_rotvec(fraction * turn).as_matrix()
    T[:3, 3] = T_a[:3, 3] + fraction * (T_b[:3, 3] - T_a[:3, 3])
    return T


def wrap_angle(angle_rad: ArrayLike) -> NDArray[np.float64]:
    """Bring angles into [-pi, pi); those already there are returned to the bit."""
    turn = 2.0 * np.pi
    angle = np.fmod(np.asarray(angle_rad, np.float64), turn)
    wrapped: NDArray[np.float64] = angle - turn * (angle >= np.pi) + turn * (angle < -np.pi)
    return wrapped
