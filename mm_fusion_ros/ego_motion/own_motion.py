# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
How the vehicle moves, from where it was at a few instants before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import EgoMotion
from mm_fusion_ros.geometry.pose_buffer import motions_between
from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_STEP_NS = 100 * NS_PER_MS


def own_motion(
    poses_at: Callable[[NDArray[np.int64]], NDArray[np.float64]], stamp_ns: int
) -> EgoMotion:
    """
    Tell how the vehicle moves at a stamp.

    Parameters
    ----------
    poses_at : callable
        Gives `T_odom_base` (N, 4, 4) at stamps (N,) int64, ns.
    stamp_ns : int
        When. Poses of 200 ms before it are looked at, none of later.

    """
    T = poses_at(stamp_ns + _STEP_NS * np.arange(-2, 1))
    before, now = motions_between(T[:-1], T[1:]) * (NS_PER_S / _STEP_NS)
    acceleration = (now[0] - before[0]) * (NS_PER_S / _STEP_NS)
    return EgoMotion(T[2], now, float(acceleration))
