# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A figure beside what it should be, in a line.
"""

from __future__ import annotations

from dataclasses import dataclass
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mm_fusion_ros.evaluation.bootstrap import Interval


@dataclass(frozen=True, slots=True)
class Target:
    """
    One thing aimed at.

    Attributes
    ----------
    what : str
        Of which figure.
    value : float
        What was measured; NaN, and so missed, where there was nothing to measure.
    limit : float
        What is aimed at.
    is_ceiling : bool
        Whether the figure should be at most that; else at least.
    interval : Interval, optional
        How sure the figure is.

    """

    what: str
    value: float
    limit: float
    is_ceiling: bool = False
    interval: Interval | None = None

    @property
    def is_met(self) -> bool:
        """Whether the figure is on the right side of the limit, or on it."""
        return self.value <= self.limit if self.is_ceiling else self.value >= self.limit

    def __str__(self) -> str:
        """Say it in a line."""
        side = 'at most' if self.is_ceiling else 'at least'
        value = '-' if math.isnan(self.value) else f'{self.value:.3f}'
        sure = ''
        if self.interval is not None and not math.isnan(self.interval.low):
            sure = f' ({self.interval.low:.3f} to {self.interval.high:.3f})'
        verdict = 'met' if self.is_met else 'MISSED'
        return f'{verdict:<7} {self.what}: {value}{sure}, {side} {self.limit:.3f}'
