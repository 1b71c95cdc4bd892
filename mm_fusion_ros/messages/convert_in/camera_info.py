# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Reads sensor_msgs/CameraInfo as the model of the images that are published beside it."""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.geometry.projection import CameraModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import CameraImage

_POLYNOMIALS = ('', 'plumb_bob', 'rational_polynomial')


def to_camera_model(message: Any, rectified: bool) -> CameraModel:
    """
    Read a CameraInfo, of ROS 2 or ROS 1.

    Parameters
    ----------
    message : sensor_msgs/CameraInfo
        K, P and the size are those of the full sensor; region of interest and binning say which
        part of it the images are. A rectified image is taken to be cut to the same region, as
        image_proc publishes it.
    rectified : bool
        The images are rectified: P is used without D, instead of K with D.

    Returns
    -------
    CameraModel
        Of the size of the images.

    Raises
    ------
    InvalidMessageError
        If a number is missing, zero or not finite, or the distortion model is unknown.

    """
    binning = max(int(message.binning_x), 1), max(int(message.binning_y), 1)
    (left, top), (width, height) = _region(message)
    if rectified:
        projection = _matrix(message, 'p', (3, 4))
        model, distortion = 'none', np.empty(0)
    else:
        projection = np.zeros((3, 4))
        projection[:, :3] = _matrix(message, 'k', (3, 3))
        model, distortion = _distortion(message)
    to_image = np.array([[1.0, 0.0, -left], [0.0, 1.0, -top], [0.0, 0.0, 1.0]])
    to_image[:2] /= np.array(binning)[:, np.newaxis]
    return CameraModel(
        width=width // binning[0],
        height=height // binning[1],
        projection=to_image @ projection,
        distortion_model=model,
        distortion=distortion,
    )


def check_image_fits(model: CameraModel, image: CameraImage) -> None:
    """
    Refuse an image of another size than its model's.

    Raises
    ------
    InvalidMessageError
        With both sizes.

    """
    height, width = image.pixels.shape[:2]
    if (width, height) != (model.width, model.height):
        expected = f'{model.width} x {model.height} as in camera_info'
        raise InvalidMessageError('image size', expected, f'{width} x {height}')


def _field(message: Any, name: str) -> NDArray[np.float64]:
    """Read an array that ROS 2 calls k and ROS 1 calls K."""
    values = getattr(message, name) if hasattr(message, name) else getattr(message, name.upper())
    return np.array(values, np.float64)


def _region(message: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    """Give offset and size of the part of the sensor that is published; all zero is all of it."""
    roi = message.roi
    left, top = int(roi.x_offset), int(roi.y_offset)
    width = int(roi.width) or int(message.width) - left
    height = int(roi.height) or int(message.height) - top
    if min(width, height) < 1 or left + width > message.width or top + height > message.height:
        raise InvalidMessageError(
            'camera_info roi',
            f'a part of {message.width} x {message.height} px',
            f'{width} x {height} px at {left}, {top}',
        )
    return (left, top), (width, height)


def _matrix(message: Any, name: str, shape: tuple[int, int]) -> NDArray[np.float64]:
    values = _field(message, name)
    is_usable = values.size == shape[0] * shape[1] and np.isfinite(values).all()
    matrix = values.reshape(shape) if is_usable else np.zeros(shape)
    if not (matrix[0, 0] > 0.0 and matrix[1, 1] > 0.0 and matrix[2, 2] == 1.0):
        raise InvalidMessageError(
            f'camera_info {name}',
            f'{shape[0]} x {shape[1]} finite numbers with focal lengths above 0 and a final 1'
            ' (an uncalibrated camera?)',
            values.tolist(),
        )
    return matrix


def _distortion(message: Any) -> tuple[str, NDArray[np.float64]]:
    model, coefficients = message.distortion_model, _field(message, 'd')
    if not np.isfinite(coefficients).all():
        raise InvalidMessageError('camera_info d', 'finite numbers', coefficients.tolist())
    if model in _POLYNOMIALS and not coefficients.any():
        return 'none', np.empty(0)
    return model, coefficients
