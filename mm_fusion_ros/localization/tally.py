# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What became of the measurements of one source.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mm_fusion_ros.localization.error_state_filter import Innovation

_RECENT = 100


@dataclass(slots=True)
class Tally:
    """
    Counts; every measurement ends in one of them.

    Attributes
    ----------
    used, contradicting, late, waiting : int
        Used; refused as they contradict the motion; older than what is remembered; not used as
        the direction was not known yet.
    last_used_ns : int
        Stamp of the last one used (0 without any).

    """

    used: int = 0
    contradicting: int = 0
    late: int = 0
    waiting: int = 0
    last_used_ns: int = 0
    _recent: deque[Innovation] = field(
        default_factory=lambda: deque(maxlen=_RECENT), repr=False)

    def add(self, innovation: Innovation, stamp_ns: int) -> None:
        """Count a measurement that the filter looked at."""
        if innovation.is_accepted:
            self.used += 1
            self.last_used_ns = max(self.last_used_ns, stamp_ns)
        else:
            self.contradicting += 1
        self._recent.append(innovation)

    @property
    def lately(self) -> tuple[int, int]:
        """How many of the newest measurements contradict the motion, and of how many."""
        return sum(not item.is_accepted for item in self._recent), len(self._recent)

    @property
    def consistency(self) -> float:
        """Mean normalised innovation squared over what is expected; 1 is right, NaN unknown."""
        expected = sum(item.dof for item in self._recent)
        return sum(item.nis for item in self._recent) / expected if expected else float('nan')
