# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Images of any camera as those of one kind: of one size, without distortion, level parts cut out.
"""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.geometry.projection import CameraModel

_NOWHERE = -1e4


class CameraView:
    """
    How the network sees through one camera: as wide, with the focal length of the image's middle.

    The image is scaled to the width of the view; of its height the rows around the optical axis
    are taken, and black ones added if there are too few.

    Parameters
    ----------
    model : CameraModel
        Of the camera.
    width, height : int
        Of the view, px.

    Attributes
    ----------
    projection : (3, 4) float64
        From the camera's optical frame, m, to px of the view.

    """

    def __init__(self, model: CameraModel, width: int, height: int) -> None:
        scaled = model.scaled(width, max(round(model.height * width / model.width), 1))
        center = scaled.projection[1, 2]
        spare = scaled.height - height
        top = round(min(max(center - (height - 1) / 2.0, 0.0), spare)) if spare > 0 else (
            -(-spare // 2))
        self._size = (width, height)
        self._scaled_size = (scaled.width, scaled.height)
        self._top = top
        shift = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, -top], [0.0, 0.0, 1.0]])
        self.projection: NDArray[np.float64] = shift @ scaled.projection
        self._maps = None if model.distortion_model == 'none' else self._undistortion(scaled)

    def picture(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Give the view (height, width, 3) of an image (H, W, 3)."""
        return self._seen(pixels, cv2.INTER_AREA, cv2.INTER_LINEAR)

    def depth(self, depth_m: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give the depth (height, width) of the view; 0 where the image (H, W) does not reach."""
        return self._seen(depth_m, cv2.INTER_NEAREST_EXACT, cv2.INTER_NEAREST)

    def _seen(self, pixels: NDArray[Any], resizing: int, remapping: int) -> NDArray[Any]:
        small = pixels
        if pixels.shape[1::-1] != self._scaled_size:
            small = cv2.resize(pixels, self._scaled_size, interpolation=resizing)
        if self._maps is not None:
            return cv2.remap(small, *self._maps, remapping)
        height = self._size[1]
        if 0 <= self._top <= len(small) - height:
            return small[self._top:self._top + height]
        view = np.zeros((height, *small.shape[1:]), small.dtype)
        view[-self._top:len(small) - self._top] = small
        return view

    def _undistortion(self, scaled: CameraModel) -> tuple[Any, Any]:
        """Give where in the scaled image each pixel of the view is to be read."""
        width, height = self._size
        v, u = np.mgrid[:height, :width]
        pixels = np.stack([u.ravel(), v.ravel(), np.ones(u.size)])
        rays = np.linalg.solve(self.projection[:, :3], pixels)
        offset = np.linalg.solve(scaled.matrix, scaled.projection[:, 3])
        seen = scaled.project((rays - offset[:, None]).T)
        places = np.where(np.isnan(seen.pixels), _NOWHERE, seen.pixels)
        grid = places.reshape(height, width, 2).astype(np.float32)
        return cv2.convertMaps(grid[..., 0], grid[..., 1], cv2.CV_16SC2)
