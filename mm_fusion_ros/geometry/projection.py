# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Camera models of sensor_msgs/CameraInfo: points in an optical frame to pixels.

Pixel centres are at whole numbers, as in OpenCV. No undistortion and no images here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, TYPE_CHECKING

import numpy as np
from numpy.polynomial.polynomial import polyval

from mm_fusion_ros.errors import InvalidMessageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NUM_COEFFICIENTS = {'none': 0, 'plumb_bob': 5, 'rational_polynomial': 8, 'equidistant': 4}
_MIN_DEPTH_M = 0.1
_ANGLES_RAD = np.linspace(0.0, np.pi / 2, 4096, endpoint=False)[1:]  # from the optical axis


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """
    Where N points fall in an image.

    Attributes
    ----------
    pixels : (N, 2) float64
        u to the right, v down, px; NaN for a point that has no image (behind the camera, or
        beyond the angle where the distortion polynomial folds back).
    depths : (N,) float64
        Distance from the camera along its optical axis, m.
    visible : (N,) bool
        More than 0.1 m in front, and within the image: `np.rint(pixels)` indexes it.

    """

    pixels: NDArray[np.float64]
    depths: NDArray[np.float64]
    visible: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class CameraModel:
    """
    Size, projection and distortion of one camera.

    Attributes
    ----------
    width, height : int
        Image size, px.
    projection : (3, 4) float64
        CameraInfo's P for rectified images, [K|0] for raw ones; the fourth column moves the
        projection centre (in KITTI by 6 cm).
    distortion_model : str
        'none', 'plumb_bob', 'rational_polynomial' or 'equidistant'.
    distortion : (K,) float64
        Coefficients in OpenCV's order; missing ones are zero.

    Raises
    ------
    InvalidMessageError
        If the sizes or focal lengths are not positive, a number is not finite, or the
        coefficients are not those of the model.

    Source: OpenCV, calib3d, "pinhole camera model" and "fisheye camera model".

    """

    width: int
    height: int
    projection: NDArray[np.float64]
    distortion_model: str = 'none'
    distortion: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    _max_slope: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Check all parts, and find how far out the distortion can be believed."""
        if self.width <= 0 or self.height <= 0:
            size = f'{self.width} x {self.height}'
            raise InvalidMessageError('image size', 'positive width and height', size)
        distortion = _checked_distortion(self.distortion_model, self.distortion)
        object.__setattr__(self, 'distortion', distortion)
        object.__setattr__(self, 'projection', _checked_projection(self.projection))
        object.__setattr__(self, '_max_slope', self._find_max_slope())

    @property
    def matrix(self) -> NDArray[np.float64]:
        """The (3, 3) camera matrix K."""
        return self.projection[:, :3]

    def project(self, points: NDArray[Any]) -> Projection:
        """Project points (N, 3), in the camera's optical frame, m."""
        shift = np.linalg.solve(self.matrix, self.projection[:, 3])
        x, y, z = (points[:, axis] + shift[axis] for axis in range(3))
        with np.errstate(all='ignore'):  # points on the camera plane; they are masked below
            x /= z
            y /= z
            has_image = z > 0.0
            if self.distortion_model != 'none':
                has_image &= np.hypot(x, y) <= self._max_slope
                x, y = self._distort(x, y)
            pixels = np.empty((len(points), 2))
            (fx, skew, cx), (_, fy, cy) = self.matrix[:2]
            pixels[:, 0] = fx * x + skew * y + cx
            pixels[:, 1] = fy * y + cy
        pixels[~has_image] = np.nan
        u, v = pixels.T
        visible = (z > _MIN_DEPTH_M) & (u >= -0.5) & (u < self.width - 0.5)
        visible &= (v >= -0.5) & (v < self.height - 0.5)
        return Projection(pixels, z, visible)

    def scaled(self, width: int, height: int) -> CameraModel:
        """Give the model of the same image resized (as by cv2.resize) to width x height."""
        sx, sy = width / self.width, height / self.height
        resize = np.array([[sx, 0, (sx - 1) / 2], [0, sy, (sy - 1) / 2], [0, 0, 1]])
        return replace(self, width=width, height=height, projection=resize @ self.projection)

    def _distort(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Move points of the plane z = 1 to where the lens shows them."""
        stretch = self._stretch(np.hypot(x, y))
        if self.distortion_model == 'equidistant':
            return x * stretch, y * stretch
        p1, p2 = self.distortion[2:4]
        xx, yy, xy = x * x, y * y, x * y
        return (
            x * stretch + 2.0 * p1 * xy + p2 * (3.0 * xx + yy),
            y * stretch + p1 * (xx + 3.0 * yy) + 2.0 * p2 * xy,
        )

    def _stretch(self, slope: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the factor by which the lens moves points at tan(angle from the axis) outwards."""
        if self.distortion_model == 'equidistant':
            angle = np.arctan(slope)
            stretch: NDArray[np.float64] = polyval(angle * angle, (1.0, *self.distortion))
            stretch *= np.divide(angle, slope, out=np.ones_like(slope), where=slope > 0.0)
            return stretch
        k1, k2, _, _, k3, *k456 = self.distortion
        r2 = slope * slope
        stretch = polyval(r2, (1.0, k1, k2, k3))
        if k456:
            stretch /= polyval(r2, (1.0, *k456))
        return stretch

    def _find_max_slope(self) -> float:
        """Find up to where the lens's radial curve rises, at the steps of `_ANGLES_RAD`."""
        if self.distortion_model == 'none':
            return np.inf
        slopes = np.tan(_ANGLES_RAD)
        with np.errstate(all='ignore'):  # poles of the rational model
            falls = ~(np.diff(slopes * self._stretch(slopes)) > 0.0)
        # The top lies within a step of the last sample that rose: stop one step earlier.
        return float(slopes[max(falls.argmax() - 1, 0)]) if falls.any() else np.inf


def _checked_projection(projection: NDArray[np.float64]) -> NDArray[np.float64]:
    matrix = np.array(projection, np.float64)
    if matrix.shape != (3, 4) or not np.isfinite(matrix).all():
        raise InvalidMessageError(
            'camera projection', 'a finite (3, 4) matrix', matrix.tolist()
        )
    if not (matrix[0, 0] > 0.0 and matrix[1, 1] > 0.0):
        focal = f'{matrix[0, 0]:.6g} and {matrix[1, 1]:.6g}'
        raise InvalidMessageError('camera focal lengths', 'positive values', focal)
    if not np.array_equal(matrix[1:, :3][[0, 1, 1, 1], [0, 0, 1, 2]], (0.0, 0.0, 0.0, 1.0)):
        raise InvalidMessageError(
            'camera projection', 'rows fx s cx, 0 fy cy, 0 0 1', matrix.tolist()
        )
    return matrix


def _checked_distortion(model: str, distortion: NDArray[np.float64]) -> NDArray[np.float64]:
    if model not in _NUM_COEFFICIENTS:
        raise InvalidMessageError(
            'distortion model', f'one of {", ".join(_NUM_COEFFICIENTS)}', repr(model)
        )
    given = np.asarray(distortion, np.float64)
    if given.ndim != 1 or not np.isfinite(given).all():
        raise InvalidMessageError('distortion coefficients', 'finite numbers', given.tolist())
    count = _NUM_COEFFICIENTS[model]
    if given[count:].any():
        raise InvalidMessageError(
            f'distortion coefficients of {model}', f'at most {count}', given.tolist()
        )
    used = given[:count]
    return np.concatenate([used, np.zeros(count - len(used))])
