# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The way driven on the plane since the beginning, as long as its direction is not known.

Places are complex numbers: x + i y.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.stamps import NS_PER_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STEP_NS = NS_PER_S // 50


class TrackPoint(NamedTuple):
    """
    Where the vehicle is, if its first speed is `s`: at `way + s * reach`.

    Attributes
    ----------
    stamp_ns : int
        ns.
    yaw_rad : float
        Direction, unwrapped.
    gained_mps : float
        Speed now less the first speed, m/s.
    way, reach : complex
        m and s.

    """

    stamp_ns: int
    yaw_rad: float
    gained_mps: float
    way: complex
    reach: complex


class PlanarTrack:
    """
    Adds up turns and speeds.

    Parameters
    ----------
    stamp_ns : int
        The beginning.
    yaw_rad, gained_mps : float
        Direction then, and the part of the speed that is known.
    span_points : int
        Older points than so many are forgotten.

    """

    def __init__(
        self, stamp_ns: int, yaw_rad: float, gained_mps: float, span_points: int = 3000
    ) -> None:
        self._points: deque[TrackPoint] = deque(
            [TrackPoint(stamp_ns, yaw_rad, gained_mps, 0j, 0j)], maxlen=span_points)
        self._now = self._points[0]

    @property
    def now(self) -> TrackPoint:
        """The newest point."""
        return self._now

    def add(self, stamp_ns: int, yaw_rad: float, gained_mps: float) -> None:
        """Go on to a stamp; the direction and the speed gained until then are given."""
        before = self._now
        dt_s = (stamp_ns - before.stamp_ns) * 1e-9
        ahead = np.exp(0.5j * (before.yaw_rad + yaw_rad))
        speed = 0.5 * (before.gained_mps + gained_mps)
        self._now = TrackPoint(
            stamp_ns, yaw_rad, gained_mps, complex(before.way + ahead * speed * dt_s),
            complex(before.reach + ahead * dt_s))
        if stamp_ns - self._points[-1].stamp_ns >= _STEP_NS:
            self._points.append(self._now)

    def at(self, stamps_ns: NDArray[np.int64]) -> tuple[NDArray[np.complex128], ...]:
        """
        Give yaw, gained speed, way and reach (each (N,), complex) at stamps (N,).

        Outside of what is remembered the nearest are given.
        """
        rows = np.array([
            (point.stamp_ns - self._now.stamp_ns, *point[1:])
            for point in (*self._points, self._now)])
        when = (stamps_ns - self._now.stamp_ns).astype(np.float64)
        return tuple(np.interp(when, rows[:, 0].real, column) for column in rows[:, 1:].T)

    def __contains__(self, stamp_ns: int) -> bool:
        """Say whether a stamp lies within what is remembered."""
        return self._points[0].stamp_ns <= stamp_ns <= self._now.stamp_ns
