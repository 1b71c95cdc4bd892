# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
When what was seen a moment before may be looked at again, and how the vehicle has moved since.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.stamps import NS_PER_S

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from mm_fusion_ros.data_types import SensorFrame

_LONGEST_GAP_NS = NS_PER_S // 2
_FASTEST_MPS = 100.0  # what moves farther was not driven: the poses began anew


class BevMemory:
    """
    Holds the features of one frame until the next.

    Attributes
    ----------
    features : Tensor, optional
        (1, C, H, W) of the last frame; None if there is nothing to be remembered.

    """

    def __init__(self) -> None:
        self.features: Tensor | None = None
        self._stamp_ns = 0
        self._T_odom_base: NDArray[np.float64] = np.eye(4)

    def forget(self) -> None:
        """Start afresh."""
        self.features = None

    def remember(self, frame: SensorFrame, features: Tensor) -> None:
        """Keep features of a frame, unless nobody will be able to tell where they were seen."""
        if frame.ego is None:
            self.forget()
            return
        self.features = features
        self._stamp_ns = frame.stamp_ns
        self._T_odom_base = frame.ego.T_odom_base

    def motion_since(self, frame: SensorFrame) -> NDArray[np.float64] | None:
        """
        Tell how the vehicle has moved: `T_previous_base` (4, 4).

        None, and all is forgotten, after a gap or a jump back in time, without an ego pose, or
        if the poses began anew.
        """
        if self.features is None:
            return None
        gap_ns = frame.stamp_ns - self._stamp_ns
        if frame.ego is not None and 0 < gap_ns <= _LONGEST_GAP_NS:
            T = transforms.inverse(self._T_odom_base) @ frame.ego.T_odom_base
            if np.linalg.norm(T[:3, 3]) <= _FASTEST_MPS * gap_ns / NS_PER_S:
                return T
        self.forget()
        return None
