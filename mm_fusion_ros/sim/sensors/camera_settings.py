# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What a rig file says about one camera.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mm_fusion_ros.config import parameter
from mm_fusion_ros.errors import ConfigError, InvalidMessageError
from mm_fusion_ros.geometry.projection import CameraModel
from mm_fusion_ros.sim.sensors.mount import Mount, POSITION

# An optical frame (x right, y down, z forward) in a mount that looks along x, z up.
_T_MOUNT_OPTICAL = np.array(
    [(0.0, 0.0, 1.0, 0.0), (-1.0, 0.0, 0.0, 0.0), (0.0, -1.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0)])


@dataclass(frozen=True, slots=True)
class CameraSettings(Mount):
    """A camera: where it is, how its lens projects, how well it sees."""

    x_m: float = parameter(1.2, POSITION, 'm')
    z_m: float = parameter(1.5, POSITION, 'm')

    width: int = parameter(640, 'Of the image.', 'px', minimum=16, maximum=8192)
    height: int = parameter(192, 'Of the image.', 'px', minimum=16, maximum=8192)
    hfov_deg: float = parameter(
        90.0, 'Horizontal field of view before distortion, where fx_px is 0.', 'deg',
        minimum=1.0, maximum=170.0)
    fx_px: float = parameter(0.0, 'Focal length; 0 takes it from hfov_deg.', 'px', minimum=0.0)
    fy_px: float = parameter(0.0, 'Focal length; 0 takes that of x.', 'px', minimum=0.0)
    cx_px: float = parameter(-1.0, 'Principal point; -1 is the middle.', 'px', minimum=-1.0)
    cy_px: float = parameter(-1.0, 'Principal point; -1 is the middle.', 'px', minimum=-1.0)
    distortion_model: str = parameter(
        'none', 'Of CameraInfo; none is a rectified image.',
        choices=('none', 'plumb_bob', 'rational_polynomial', 'equidistant'))
    distortion: tuple[float, ...] = parameter((), 'Coefficients in the order of CameraInfo.')

    rate_hz: float = parameter(10.0, 'Images.', 'Hz', minimum=0.1, maximum=200.0)
    phase_ms: float = parameter(0.0, 'When the first image is taken.', 'ms', minimum=0.0)
    range_m: float = parameter(
        160.0, 'Farther surfaces are lost in the horizon.', 'm', minimum=10.0, maximum=500.0)

    exposure_ev: float = parameter(
        0.0, 'Longer than metered, in powers of two.', minimum=-5.0, maximum=5.0)
    noise: float = parameter(
        1.0, 'Multiple of the noise of a usual sensor.', minimum=0.0, maximum=20.0)
    blur_px: float = parameter(
        0.5, "Deviation of a point's image.", 'px', minimum=0.0, maximum=20.0)
    vignetting: float = parameter(
        0.2, 'Share of the light lost in the corners.', minimum=0.0, maximum=1.0)
    chromatic_px: float = parameter(
        0.0, 'How much farther out red lies than blue, in the corners.', 'px', minimum=0.0,
        maximum=10.0)
    jpeg: bool = parameter(False, 'Whether images are published compressed.')

    def __post_init__(self) -> None:
        """Check that there is such a lens."""
        try:
            self.model()
        except InvalidMessageError as err:
            raise ConfigError('camera', 'a lens that can be', str(err)) from err

    def model(self) -> CameraModel:
        """Give what CameraInfo says of it."""
        half = np.radians(self.hfov_deg) / 2.0
        spread = half if self.distortion_model == 'equidistant' else np.tan(half)
        fx = self.fx_px or self.width / 2.0 / spread
        projection = np.zeros((3, 4))
        projection[0, 0], projection[1, 1], projection[2, 2] = fx, self.fy_px or fx, 1.0
        projection[0, 2] = (self.width - 1) / 2.0 if self.cx_px < 0.0 else self.cx_px
        projection[1, 2] = (self.height - 1) / 2.0 if self.cy_px < 0.0 else self.cy_px
        return CameraModel(
            self.width, self.height, projection, self.distortion_model,
            np.array(self.distortion, np.float64))

    def T_base_camera(self) -> NDArray[np.float64]:
        """Give the pose of the optical frame (z forward) in base_link."""
        return np.asarray(self.T_base_mount @ _T_MOUNT_OPTICAL)
