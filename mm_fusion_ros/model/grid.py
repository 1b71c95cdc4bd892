# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The grid on the ground in which the network thinks: rows go with y, columns with x.
"""

from __future__ import annotations

from dataclasses import dataclass

from mm_fusion_ros.config import parameter
from mm_fusion_ros.errors import ConfigError


@dataclass(frozen=True, slots=True)
class BevGrid:
    """
    Square, around the vehicle, in `base_link`; row 0 is the rightmost, column 0 the rearmost.
    """

    reach_m: float = parameter(
        51.2, 'From the vehicle to the edges of the grid.', 'm', minimum=5.0, maximum=300.0)
    cell_m: float = parameter(
        0.8, 'Size of a cell of the answer.', 'm', minimum=0.1, maximum=5.0)
    z_min_m: float = parameter(
        -1.6, 'Points lower than this are left out.', 'm', minimum=-20.0, maximum=20.0)
    z_max_m: float = parameter(
        4.0, 'Points higher than this are left out.', 'm', minimum=-20.0, maximum=20.0)
    z_step_m: float = parameter(
        0.4, 'Height of the layers that tell points apart.', 'm', minimum=0.05, maximum=5.0)

    def __post_init__(self) -> None:
        """Refuse a grid that is not made of whole cells, layers and steps of the network."""
        for name, length, step in (
            ('reach_m', self.reach_m, 4.0 * self.cell_m),
            ('z_max_m', self.z_max_m - self.z_min_m, self.z_step_m),
        ):
            if length <= 0.0 or abs(length / step - round(length / step)) > 1e-6:
                raise ConfigError(f'grid.{name}', f'whole steps of {step:g} m', f'{length:g} m')

    @property
    def size(self) -> int:
        """How many cells it has along each side."""
        return round(2.0 * self.reach_m / self.cell_m)

    @property
    def layers(self) -> int:
        """How many layers of height it has."""
        return round((self.z_max_m - self.z_min_m) / self.z_step_m)
