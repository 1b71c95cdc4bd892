# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Makes another camera of one: other colours, noise, blur and compression.
"""

from __future__ import annotations

from typing import cast, TYPE_CHECKING

import cv2
import numpy as np
from scipy.special import ndtri

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.faults.pixels import Pixels

_GREY = np.array((0.299, 0.587, 0.114))  # of red, green, blue; source: ITU-R BT.601
# Normally distributed numbers that are equally likely: one for each value of a random byte.
_QUANTILES = ndtri((np.arange(256) + 0.5) / 256.0)


def with_tones(
    pixels: Pixels, gains: NDArray[np.float64], contrast: float, gamma: float
) -> Pixels:
    """
    Change brightness and contrast.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        RGB.
    gains : (3,) float64
        What red, green and blue are multiplied by.
    contrast : float
        What the distance from middle grey is multiplied by.
    gamma : float
        What power the share of white is raised to.

    """
    shares = (np.arange(256) / 255.0) ** gamma
    values = ((shares - 0.5) * contrast + 0.5)[:, None] * gains * 255.0
    table = np.clip(np.rint(values), 0.0, 255.0).astype(np.uint8)[:, None]  # (256, 1, 3)
    return cast('Pixels', cv2.LUT(pixels, table))


def with_saturation(pixels: Pixels, factor: float) -> Pixels:
    """Multiply the distance of each colour from its grey."""
    mixing = factor * np.eye(3) + (1.0 - factor) * _GREY
    return cast('Pixels', cv2.transform(pixels, mixing))


def noisy(pixels: Pixels, deviation: float, rng: np.random.Generator) -> Pixels:
    """Add normally distributed noise to each value, of 256."""
    table = np.rint(_QUANTILES * deviation).astype(np.int16)
    steps = np.frombuffer(rng.bytes(pixels.size), np.uint8).reshape(pixels.shape)
    return cast('Pixels', cv2.add(pixels, cv2.LUT(steps, table), dtype=cv2.CV_8U))


def blurred(pixels: Pixels, deviation_px: float) -> Pixels:
    """Blur by a Gaussian."""
    return cast('Pixels', cv2.GaussianBlur(pixels, (0, 0), deviation_px))


def compressed(pixels: Pixels, quality: int) -> Pixels:
    """Compress as JPEG, of a quality from 1 to 100."""
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode('.jpg', bgr, (cv2.IMWRITE_JPEG_QUALITY, quality))
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return cast('Pixels', cv2.cvtColor(cast('Pixels', decoded), cv2.COLOR_BGR2RGB))
