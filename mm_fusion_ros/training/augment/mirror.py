# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Exchanges left and right of what a camera shows, and of how it shows it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast, TYPE_CHECKING, TypeVar

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.geometry.projection import CameraModel

_Pixels = TypeVar('_Pixels', bound='NDArray[Any]')

_P2 = 3  # place of the tangential coefficient that acts along x
_TANGENTIAL = ('plumb_bob', 'rational_polynomial')


def mirrored_image(pixels: _Pixels) -> _Pixels:
    """Mirror an image (H, W) or (H, W, C)."""
    return cast('_Pixels', cv2.flip(pixels, 1))


def mirrored_model(model: CameraModel) -> CameraModel:
    """
    Give the model by which points with mirrored x fall on the mirrored pixels.

    The focal lengths stay; the centre, the skew, the shift along x and the tangential
    distortion along x are mirrored.
    """
    projection = model.projection.copy()
    projection[0] = (model.width - 1) * projection[2] - projection[0]
    projection[:, 0] *= -1.0
    distortion = model.distortion
    if model.distortion_model in _TANGENTIAL:
        signs = np.ones(len(distortion))
        signs[_P2] = -1.0
        distortion = distortion * signs
    return replace(model, projection=projection, distortion=distortion)
