# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
One frame as arrays: what a batch of the network's input is put together from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.preprocess.camera_view import CameraView

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import CameraInput, EgoMotion, LidarInput, SensorFrame
    from mm_fusion_ros.geometry.projection import CameraModel

_BRIGHT_SHARE = 0.95  # of the points are darker than what counts as intensity 1
_SAMPLED = 8  # every so many points tell it


@dataclass(frozen=True, slots=True, eq=False)
class FrameArrays:
    """
    One frame.

    Attributes
    ----------
    points : (P, 5) float32
        x, y, z in `base_link`, m; intensity, 0 to 1; whether that is known, 0 or 1.
    has_lidar : bool
        Whether there was a sweep, be it without points.
    images : (C, H, W, 3) uint8
        RGB.
    projections : (C, 3, 4) float32
        From `base_link`, m, to px of the images.
    ego : (4,) float32
        Speed ahead, m/s; yaw rate, rad/s; acceleration, m/s^2; whether these are known, 0 or 1.

    """

    points: NDArray[np.float32]
    has_lidar: bool
    images: NDArray[np.uint8]
    projections: NDArray[np.float32]
    ego: NDArray[np.float32]


class FramePreparation:
    """
    Makes arrays of frames; remembers the view of each camera until its calibration changes.

    Parameters
    ----------
    width, height : int
        Of the images the network takes, px.

    """

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._views: dict[str, tuple[CameraModel, CameraView]] = {}

    def arrays(self, frame: SensorFrame) -> FrameArrays:
        """Make the arrays of a frame."""
        width, height = self._size
        count = len(frame.cameras)
        images = np.empty((count, height, width, 3), np.uint8)
        projections = np.empty((count, 3, 4), np.float32)
        for index, camera in enumerate(frame.cameras):
            view = self.view(camera)
            images[index] = view.picture(camera.image.pixels)
            projections[index] = view.projection @ transforms.inverse(camera.T_base_camera)
        return FrameArrays(
            points_of(frame.lidars), bool(frame.lidars), images, projections, _ego(frame.ego))

    def view(self, camera: CameraInput) -> CameraView:
        """Give how the network sees through a camera."""
        model, view = self._views.get(camera.name, (None, None))
        if view is None or model is not camera.model:
            view = CameraView(camera.model, *self._size)
            self._views[camera.name] = camera.model, view
        return view


def points_of(lidars: tuple[LidarInput, ...]) -> NDArray[np.float32]:
    """Give the points of all LiDARs as rows of `FrameArrays.points`."""
    rows = np.zeros((sum(len(lidar.sweep) for lidar in lidars), 5), np.float32)
    first = 0
    for lidar in lidars:
        own = rows[first:first + len(lidar.sweep)]
        own[:, :3] = transforms.apply(lidar.T_base_lidar, lidar.sweep.points)
        intensity = lidar.sweep.intensity
        if intensity is not None and len(intensity):
            sampled = intensity[::_SAMPLED]
            bright = _brightness(sampled[np.isfinite(sampled)])
            if bright > 0.0:
                known = np.isfinite(intensity)
                shares = np.clip(intensity / np.float32(bright), 0.0, 1.0)
                own[:, 3] = np.where(known, shares, 0.0)
                own[:, 4] = known
        first += len(own)
    return rows


def _brightness(intensity: NDArray[np.float32]) -> float:
    """Give what is brighter than most of the points are."""
    if not len(intensity):
        return 0.0
    place = int(_BRIGHT_SHARE * (len(intensity) - 1))
    return float(np.partition(intensity, place)[place])


def _ego(ego: EgoMotion | None) -> NDArray[np.float32]:
    if ego is None or not np.isfinite(ego.twist).all():
        return np.zeros(4, np.float32)
    return np.array([ego.twist[0], ego.twist[5], ego.acceleration_mps2, 1.0], np.float32)
