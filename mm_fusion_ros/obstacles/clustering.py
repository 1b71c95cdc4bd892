# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Groups obstacle points by connected cells of a bird's-eye grid, with gaps that grow with range.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Gaps:
    """
    Over which gaps points are joined.

    Attributes
    ----------
    cell_m : float
        Points in cells that touch are joined.
    reach : tuple of (float, int)
        From which range, m, how many cells an occupied cell reaches out: the spacing of a LiDAR's
        points grows with range. Two cells reaching r each are joined over a gap of 2 r cells.

    """

    cell_m: float
    reach: tuple[tuple[float, int], ...]


LOOSE = Gaps(0.2, ((0.0, 1), (20.0, 2), (40.0, 3)))
TIGHT = Gaps(0.15, ((25.0, 1),))


@dataclass(frozen=True, slots=True)
class Groups:
    """
    A partition of some points.

    Attributes
    ----------
    order : (K,) intp
        Indices of the grouped points, group by group.
    starts : (C,) intp
        Where each group begins in `order`; groups are not empty.

    """

    order: NDArray[np.intp]
    starts: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.starts)

    @classmethod
    def from_keys(cls, keys: NDArray[Any]) -> Groups:
        """
        Group the indices with the same key, in ascending order of key; negative: in no group.
        """
        order = np.argsort(keys, kind='stable')
        order = order[np.searchsorted(keys[order], 0):]
        changes = np.flatnonzero(np.diff(keys[order], prepend=-1))
        return cls(order, changes)

    @property
    def sizes(self) -> NDArray[np.intp]:
        """
        Count the points of each group.
        """
        sizes: NDArray[np.intp] = np.diff(self.starts, append=len(self.order))
        return sizes

    @property
    def numbers(self) -> NDArray[np.intp]:
        """
        Number of the group of each entry of `order`.
        """
        return np.repeat(np.arange(len(self)), self.sizes)

    def of(self, indices: NDArray[np.intp]) -> Groups:
        """Say the same of other indices: those that this partition's indices stand for."""
        return Groups(indices[self.order], self.starts)

    def and_also(self, others: Groups) -> Groups:
        """Add the groups of another partition after these."""
        return Groups(
            np.concatenate([self.order, others.order]),
            np.concatenate([self.starts, others.starts + len(self.order)]),
        )

    def of_at_least(self, num_points: int) -> Groups:
        """Drop the groups of fewer points."""
        return self.where(self.sizes >= num_points)

    def maximum(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Give the largest value of each group; `values` are indexed as the points are."""
        if not len(self):
            return np.empty(0)
        return np.maximum.reduceat(values[self.order], self.starts).astype(np.float64)

    def where(self, kept: NDArray[np.bool_]) -> Groups:
        """Keep some groups, in their order."""
        return self.take(np.flatnonzero(kept))

    def take(self, numbers: NDArray[np.intp]) -> Groups:
        """Pick groups by number, in the order given."""
        sizes = self.sizes[numbers]
        starts = np.cumsum(sizes) - sizes
        rows = np.arange(sizes.sum()) + np.repeat(self.starts[numbers] - starts, sizes)
        return Groups(self.order[rows], starts)


class Clusterer:
    """
    Labels connected cells. Holds the range of every cell, which is always the same.
    """

    def __init__(self, max_range_m: float, gaps: Gaps) -> None:
        self._cell_m = gaps.cell_m
        self._cells = 2 * int(np.ceil(max_range_m / gaps.cell_m))
        middle = (np.arange(self._cells) + 0.5 - self._cells / 2) * gaps.cell_m
        range_m = np.hypot(middle[:, None], middle)
        self._zones = [(range_m >= start, 2 * reach + 1) for start, reach in gaps.reach]

    def group(self, points: NDArray[np.float32]) -> Groups:
        """
        Group points that are connected in the bird's-eye view.

        Parameters
        ----------
        points : (M, 3) float32
            Obstacle points no farther than the maximum range.

        """
        xy = np.floor(points[:, :2] / np.float32(self._cell_m)).astype(np.intp) + self._cells // 2
        cells = np.clip(xy, 0, self._cells - 1)
        cell = cells[:, 1] * self._cells + cells[:, 0]
        occupied = np.zeros((self._cells, self._cells), np.uint8)
        occupied.ravel()[cell] = 1
        widened: NDArray[Any] = occupied
        for zone, width in self._zones:
            reached = cv2.dilate(occupied * zone, np.ones((width, width), np.uint8))
            widened = cv2.bitwise_or(widened, reached)
        _, labels = cv2.connectedComponents(widened, connectivity=8)
        return Groups.from_keys(labels.ravel()[cell])
