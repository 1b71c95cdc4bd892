# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What the images and the calibration of one camera are like.
"""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.messages.convert_in import to_camera_image, to_camera_model

if TYPE_CHECKING:
    from mm_fusion_ros.geometry.projection import CameraModel


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
    has_distortion : bool
        D is not zero.
    moves_rectified : bool
        P differs from K: a rectified image is not projected as a raw one.

    """

    def __init__(self) -> None:
        self.layout = ''
        self.raw: CameraModel | InvalidMessageError | None = None
        self.rectified: CameraModel | InvalidMessageError | None = None
        self.has_distortion = False
        self.moves_rectified = False

    def add(self, message: Any) -> None:
        """
        Look at one message.
        """
        model = message.distortion_model or 'no distortion model'
        self.layout = f'{model} {message.width}x{message.height}'
        self.raw = _model(message, rectified=False)
        self.rectified = _model(message, rectified=True)
        self.has_distortion = bool(np.any(message.d))
        P = np.reshape(message.p, (3, 4))
        self.moves_rectified = bool(P.any()) and not np.array_equal(
            P, np.c_[np.reshape(message.k, (3, 3)), np.zeros(3)]
        )


def _model(message: Any, *, rectified: bool) -> CameraModel | InvalidMessageError:
    try:
        return to_camera_model(message, rectified)
    except InvalidMessageError as err:
        return err
