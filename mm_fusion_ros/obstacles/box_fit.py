# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Fits an upright oriented box to each group of points, for all groups at once.

A LiDAR sees the near sides of an object as an L; the box is turned so that the points lie close
to its sides. Source: Zhang et al., Efficient L-shape fitting for vehicle detection using laser
scanners, IEEE IV 2017 (closeness criterion).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.obstacles.clustering import Groups

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ANGLES = np.deg2rad(np.arange(90)).astype(np.float32)
_CLOSE_M = 0.1  # points nearer than this to a side are on it
_ON_SIDE_M = 0.2  # for the solidity, which has to bear mirrors and bent corners
_CONTOUR_STEP_RAD = np.deg2rad(0.3)  # one contour point of each group in each such sector


@dataclass(frozen=True, slots=True)
class Footprints:
    """
    C rectangles on the ground.

    Attributes
    ----------
    centers : (C, 2) float64
        m.
    sizes : (C, 2) float64
        Length along the heading, width across it, m.
    yaws : (C,) float64
        Heading about +z, rad, not wrapped.
    solidity : (C,) float64
        Share of the contour that lies on a side: near 1 for what has faces, less for a bush.

    """

    centers: NDArray[np.float64]
    sizes: NDArray[np.float64]
    yaws: NDArray[np.float64]
    solidity: NDArray[np.float64]

    def __len__(self) -> int:
        """Count the rectangles."""
        return len(self.centers)

    def __getitem__(self, rows: Any) -> Footprints:
        """Pick rectangles by mask, slice or indices."""
        return Footprints(
            self.centers[rows], self.sizes[rows], self.yaws[rows], self.solidity[rows])

    def and_also(self, others: Footprints) -> Footprints:
        """Add other rectangles after these."""
        return Footprints(
            np.concatenate([self.centers, others.centers]),
            np.concatenate([self.sizes, others.sizes]),
            np.concatenate([self.yaws, others.yaws]),
            np.concatenate([self.solidity, others.solidity]),
        )

    @property
    def axes(self) -> NDArray[np.float64]:
        """
        Unit vectors along the length and along the width: (C, 2, 2), axes as rows.
        """
        c, s = np.cos(self.yaws), np.sin(self.yaws)
        return np.stack([c, s, -s, c], axis=-1).reshape(-1, 2, 2)


def fit_footprints(
    xy: NDArray[np.float32], groups: Groups, sensor_xy: NDArray[np.float64]
) -> Footprints:
    """
    Enclose each group by the rectangle whose sides its contour follows best.

    Parameters
    ----------
    xy : (M, 2) float32
        Points, of which `groups` holds indices.
    groups : Groups
        C groups.
    sensor_xy : (2,) float64
        Where the points were seen from.

    Returns
    -------
    Footprints
        The longer side is the length.

    """
    if not len(groups):
        return Footprints(np.empty((0, 2)), np.empty((0, 2)), np.empty(0), np.empty(0))
    grouped = xy[groups.order].astype(np.float64)
    yaws, solidity = _best_angles(*_contours(grouped, groups, sensor_xy))
    per_point = np.repeat(yaws, groups.sizes)
    c, s = np.cos(per_point), np.sin(per_point)
    turned = np.stack(
        [c * grouped[:, 0] + s * grouped[:, 1], c * grouped[:, 1] - s * grouped[:, 0]], axis=1)
    low = np.minimum.reduceat(turned, groups.starts)
    high = np.maximum.reduceat(turned, groups.starts)
    middle, sizes = (low + high) / 2, high - low
    c, s = np.cos(yaws), np.sin(yaws)
    centers = np.stack(
        [c * middle[:, 0] - s * middle[:, 1], s * middle[:, 0] + c * middle[:, 1]], axis=1)
    across = sizes[:, 1] > sizes[:, 0]
    return Footprints(
        centers,
        np.where(across[:, None], sizes[:, ::-1], sizes),
        yaws + across * (np.pi / 2),
        solidity,
    )


def _contours(
    grouped: NDArray[np.float64], groups: Groups, sensor_xy: NDArray[np.float64]
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """
    Keep the nearest point of each group in each direction, from the group's middle; and starts.
    """
    seen = grouped - sensor_xy
    direction = np.floor(np.arctan2(seen[:, 1], seen[:, 0]) / _CONTOUR_STEP_RAD).astype(np.intp)
    distance = np.hypot(seen[:, 0], seen[:, 1])
    numbers = groups.numbers
    order = np.lexsort((distance, direction, numbers))
    first = np.flatnonzero(
        np.diff(direction[order], prepend=np.iinfo(np.intp).min) | np.diff(numbers, prepend=-1))
    starts = np.searchsorted(numbers[first], np.arange(len(groups)))
    middle = np.add.reduceat(grouped, groups.starts) / groups.sizes[:, None]
    contour = grouped[order[first]] - middle[numbers[first]]
    return contour.astype(np.float32), starts


def _best_angles(
    contour: NDArray[np.float32], starts: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """
    Find for each group the angle in [0, pi / 2) at which its points are closest to its sides.

    Also the share of its points that are on a side then.
    """
    c, s = np.cos(_ANGLES), np.sin(_ANGLES)
    along = contour[:, :1] * c + contour[:, 1:] * s  # (P, A)
    across = contour[:, 1:] * c - contour[:, :1] * s
    distance = np.minimum(_to_nearest_side(along, starts), _to_nearest_side(across, starts))
    closeness = np.add.reduceat(1 / np.maximum(distance, np.float32(_CLOSE_M)), starts)
    best = closeness.argmax(axis=1)
    sizes = np.diff(starts, append=len(contour))
    distance_at_best = np.take_along_axis(distance, np.repeat(best, sizes)[:, None], axis=1)
    on_side = (distance_at_best[:, 0] < _ON_SIDE_M).astype(np.float64)
    return _ANGLES[best].astype(np.float64), np.add.reduceat(on_side, starts) / sizes


def _to_nearest_side(
    along: NDArray[np.float32], starts: NDArray[np.intp]
) -> NDArray[np.float32]:
    sizes = np.diff(starts, append=len(along))
    low = np.repeat(np.minimum.reduceat(along, starts), sizes, axis=0)
    high = np.repeat(np.maximum.reduceat(along, starts), sizes, axis=0)
    nearest: NDArray[np.float32] = np.minimum(along - low, high - along)
    return nearest
