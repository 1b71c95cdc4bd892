# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What the images and the calibration of one camera are like.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.geometry.projection import CameraModel
from mm_fusion_ros.messages.convert_in import to_camera_image, to_camera_model


class ImageContents:
    """
    Learns from sampled images of one topic.

    Attributes
    ----------
    encoding : str
        Of the first image.
    sizes : dict
        (width, height), px, an ordered set.

    """

    def __init__(self) -> None:
        self.encoding = ''
        self.sizes: dict[tuple[int, int], None] = {}

    @property
    def layout(self) -> str:
        """
        Encoding and size in one short line.
        """
        return ' '.join([self.encoding, *(f'{width}x{height}' for width, height in self.sizes)])

    def add(self, message: Any) -> None:
        """
        Look at one image; InvalidMessageError if it cannot be used.
        """
        is_compressed = hasattr(message, 'format')
        self.encoding = self.encoding or (message.format if is_compressed else message.encoding)
        height, width = to_camera_image(message).pixels.shape[:2]
        self.sizes[width, height] = None


class CameraInfoContents:
    """
    Learns from sampled CameraInfo messages of one topic.

    Attributes
    ----------
    layout : str
        Distortion model and size in one short line.
    raw, rectified : CameraModel or InvalidMessageError, optional
        What comes of the newest message, read for raw and for rectified images.
    """

    def __init__(self) -> None:
        self.layout = ''
        self.raw: CameraModel | InvalidMessageError | None = None
        self.rectified: CameraModel | InvalidMessageError | None = None

    @property
    def has_distortion(self) -> bool:
        """
        Whether D is not zero.
        """
        return isinstance(self.raw, CameraModel) and self.raw.distortion_model != 'none'

    @property
    def moves_rectified(self) -> bool:
        """
        Whether P is usable and differs from K: a rectified image is projected otherwise.
        """
        if not isinstance(self.rectified, CameraModel):
            return False
        return not isinstance(self.raw, CameraModel) or not np.array_equal(
            self.rectified.projection, self.raw.projection
        )

    def add(self, message: Any) -> None:
        """
        Look at one message.
        """
        model = message.distortion_model or 'no distortion model'
        self.layout = f'{model} {message.width}x{message.height}'
        self.raw = _model(message, rectified=False)
        self.rectified = _model(message, rectified=True)


def _model(message: Any, *, rectified: bool) -> CameraModel | InvalidMessageError:
    try:
        return to_camera_model(message, rectified)
    except InvalidMessageError as err:
        return err
