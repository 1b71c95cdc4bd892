# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Moves points by poses that change while they are measured.

Poses are given at knots so close that they change linearly in between: a vehicle that turns with
1 rad/s is off by 12 um at 100 m.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.stamps import NS_PER_MS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KNOT_NS = NS_PER_MS


def knots_around(times_ns: NDArray[np.int32]) -> NDArray[np.int64]:
    """Give two or more evenly spaced times, ns, 1 ms apart at most, from the first to the last."""
    first, last = int(times_ns.min()), int(times_ns.max())
    count = 1 + max(-(-(last - first) // _KNOT_NS), 1)
    return np.rint(np.linspace(first, last, count)).astype(np.int64)


def move_points(
    points: NDArray[np.float32],
    times_ns: NDArray[np.int32],
    knots_ns: NDArray[np.int64],
    T_knots: NDArray[np.float64],
) -> NDArray[np.float32]:
    """
    Move each point by the transform at its own time.

    Parameters
    ----------
    points : (N, 3) float32
        m.
    times_ns : (N,) int32
        When each was measured, in any order, within the knots.
    knots_ns : (K,) int64
        Evenly spaced, as from `knots_around`.
    T_knots : (K, 4, 4) float64
        How to move what is measured at each knot.

    Returns
    -------
    (N, 3) float32
        To the precision of their type.

    """
    step_ns = max((int(knots_ns[-1]) - int(knots_ns[0])) / (len(knots_ns) - 1), 1.0)
    position = (times_ns - int(knots_ns[0])) * (1.0 / step_ns)
    knot = np.minimum(position.astype(np.intp), len(knots_ns) - 2)
    fraction = (position - knot).astype(np.float32)
    rows = T_knots[:, :3].transpose(1, 2, 0)  # (3, 4, K): one element of all transforms is a row
    start, change = rows.astype(np.float32), np.diff(rows).astype(np.float32)
    columns = [np.ascontiguousarray(points[:, axis]) for axis in range(3)]
    moved = np.empty_like(points)
    for axis in range(3):
        *turn, shift = (
            change[axis, column].take(knot) * fraction + start[axis, column].take(knot)
            for column in range(4)
        )
        for element, column in zip(turn, columns, strict=True):
            element *= column
            shift += element
        moved[:, axis] = shift
    return moved
