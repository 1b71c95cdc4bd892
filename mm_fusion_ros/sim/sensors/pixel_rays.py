# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The ray of each pixel of a camera: its projection backwards.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple, TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.geometry.projection import CameraModel

MAX_ERROR_PX = 0.02
_STEPS = 30
_ANGLES_RAD = np.linspace(0.0, np.radians(89.9), 20_000)  # from the optical axis


class PixelRays(NamedTuple):
    """
    Where the pixels of an image look.

    Attributes
    ----------
    directions : (N, 3) float32
        Unit vectors in the optical frame.
    pixels : (N,) intp
        Indices into the flattened image; a lens may not fill all of it.

    """

    directions: NDArray[np.float32]
    pixels: NDArray[np.intp]


def pixel_rays(model: CameraModel) -> PixelRays:
    """Find the rays whose projections are the middles of pixels."""
    v, u = np.indices((model.height, model.width), np.float64)
    targets = np.stack([u.ravel(), v.ravel()], axis=1)
    wanted = (np.column_stack([targets, np.ones(len(targets))])
              @ np.linalg.inv(model.matrix).T)[:, :2]
    if model.distortion_model == 'none':
        return _unit(wanted, np.arange(len(wanted)))
    radii, slopes = _radial_curve(model)
    places = np.full_like(wanted, np.nan)
    aim = wanted.copy()
    open_rows = np.arange(len(wanted))
    for _ in range(_STEPS):  # lenses that are not quite centred: aim off by what it missed
        guess = _inverted(aim[open_rows], radii, slopes)
        shown = model.project(np.column_stack([guess, np.ones(len(guess))])).pixels
        missed_px = targets[open_rows] - shown
        is_good = np.hypot(*missed_px.T) < MAX_ERROR_PX / 4.0
        places[open_rows[is_good]] = guess[is_good]
        goes_on = ~is_good & np.isfinite(missed_px[:, 0])
        open_rows = open_rows[goes_on]
        if not len(open_rows):
            break
        aim[open_rows] += missed_px[goes_on] / model.matrix.diagonal()[:2]
    return _unit(places, np.flatnonzero(np.isfinite(places[:, 0])))


def _radial_curve(model: CameraModel) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the distance from the middle, by slope against the axis, of a well centred lens."""
    distortion = model.distortion.copy()
    if model.distortion_model != 'equidistant':
        distortion[2:4] = 0.0
    plain = np.eye(3, 4)
    centred = replace(model, projection=plain, distortion=distortion)
    slopes = np.tan(_ANGLES_RAD)
    points = np.column_stack([slopes, np.zeros_like(slopes), np.ones_like(slopes)])
    radii = centred.project(points).pixels[:, 0]
    has_image = np.isfinite(radii)
    return radii[has_image], slopes[has_image]


def _inverted(
    aim: NDArray[np.float64], radii: NDArray[np.float64], slopes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Move places (N, 2) back to where they are without the lens; NaN beyond its end."""
    radius = np.hypot(*aim.T)
    slope = np.interp(radius, radii, slopes, right=np.nan)
    shrink = np.divide(slope, radius, out=np.ones_like(slope), where=radius > 0.0)
    return np.asarray(aim * shrink[:, None])


def _unit(places: NDArray[np.float64], rows: NDArray[np.intp]) -> PixelRays:
    rays = np.column_stack([places[rows], np.ones(len(rows))])
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    return PixelRays(rays.astype(np.float32), rows)
