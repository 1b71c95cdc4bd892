# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Where a sensor sits on the vehicle: what the settings of all that are mounted begin with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.config import parameter
from mm_fusion_ros.geometry import transforms

if TYPE_CHECKING:
    from numpy.typing import NDArray

POSITION = 'Position in base_link.'


@dataclass(frozen=True, slots=True)
class Mount:
    """A place in `base_link`, and a direction; settings may have defaults of their own."""

    x_m: float = parameter(0.0, POSITION, 'm')
    y_m: float = parameter(0.0, POSITION, 'm')
    z_m: float = parameter(0.0, POSITION, 'm')
    roll_deg: float = parameter(0.0, 'Mounting about x, ahead.', 'deg')
    pitch_deg: float = parameter(0.0, 'Mounting about y; positive looks down.', 'deg')
    yaw_deg: float = parameter(0.0, 'Mounting about z; 0 looks ahead.', 'deg')

    @property
    def T_base_mount(self) -> NDArray[np.float64]:
        """Where it sits (4, 4); x looks along, z up."""
        return transforms.from_euler(
            np.array([self.x_m, self.y_m, self.z_m]),
            *np.deg2rad([self.roll_deg, self.pitch_deg, self.yaw_deg]))
