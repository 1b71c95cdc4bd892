# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Whether the ground is where the network expects it: a base frame that is elsewhere silences it.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.stamps import NS_PER_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PERIOD_NS = NS_PER_S
_CHECKS = 3  # the middle one of so many counts: one may stand on a crest or beside a wall
_TOLERANCE_M = 0.5
_NEAR_M = (3.0, 12.0)
_LOWEST_M, _HIGHEST_M, _STEP_M = -5.0, 5.0, 0.1
_LAYER = np.ones(3)  # steps that a layer is thick
_FEWEST = 200
_LEAST_SHARE = 0.2  # of the points near by; a wall's spread over more layers


class GroundCheck:
    """
    Looks for the lowest dense layer of points, once a second by the stamps.

    Parameters
    ----------
    expected_m : float
        Height of the ground in `base_link`.

    """

    def __init__(self, expected_m: float) -> None:
        self._expected_m = expected_m
        self.forget()

    def forget(self) -> None:
        """Start afresh, as after time began anew."""
        self._last_ns: int | None = None
        self._found_m: deque[float] = deque(maxlen=_CHECKS)

    def look(self, stamp_ns: int, points: NDArray[np.float32]) -> tuple[str, ...]:
        """
        Look at the points (N, 3 or more) of a frame in `base_link`, if it is time again.

        Returns
        -------
        tuple of str
            What is wrong; empty if nothing is.

        """
        if self._last_ns is not None and 0 <= stamp_ns - self._last_ns < _PERIOD_NS:
            return ()
        self._last_ns = stamp_ns
        found_m = ground_height(points)
        if found_m is not None:
            self._found_m.append(found_m)
        if len(self._found_m) < _CHECKS:
            return ()
        middle_m = float(np.median(self._found_m))
        if abs(middle_m - self._expected_m) <= _TOLERANCE_M:
            return ()
        return (f'the ground appears to be at z = {middle_m:.1f} m of the base frame, the network '
                f'expects it at {self._expected_m:.1f} m and will find little: is the base frame '
                'on the ground, and the LiDAR where its transform says?',)


def ground_height(points: NDArray[np.float32]) -> float | None:
    """Find the height of the lowest dense layer of points (N, 3 or more); None without any."""
    distance = np.hypot(points[:, 0], points[:, 1])
    heights = points[(distance > _NEAR_M[0]) & (distance < _NEAR_M[1]), 2]
    if len(heights) < _FEWEST:
        return None
    bins = round((_HIGHEST_M - _LOWEST_M) / _STEP_M)
    counts, edges = np.histogram(heights, bins, (_LOWEST_M, _HIGHEST_M))
    layers = np.convolve(counts, _LAYER, 'same')
    dense = np.flatnonzero(layers >= max(_LEAST_SHARE * len(heights), layers.max() / 2.0))
    if not len(dense):
        return None
    # The first dense one reaches into the layer from below; the next two are nearer its middle.
    best = dense[0] + int(np.argmax(layers[dense[0]:dense[0] + len(_LAYER)]))
    return float(edges[best] + _STEP_M / 2.0)
