# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
One answer of the localization.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import EgoPose, GnssFix


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """
    Where the vehicle is at one instant.

    Attributes
    ----------
    stamp_ns : int
        The instant, ns.
    odometry : EgoPose
        The base frame in `odom`, which never jumps.
    map_pose : EgoPose
        The base frame in the map.
    T_map_odom : (4, 4) float64
        What joins the two.
    fix : GnssFix, optional
        The same on the earth; None without a datum, or while the direction is not known.

    """

    stamp_ns: int
    odometry: EgoPose
    map_pose: EgoPose
    T_map_odom: NDArray[np.float64]
    fix: GnssFix | None = None
