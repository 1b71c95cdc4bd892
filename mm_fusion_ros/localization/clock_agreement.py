# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Whether the stamps of all sources are of one clock: a filter cannot stand at two times.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from mm_fusion_ros.stamps import NS_PER_S, SAME_CLOCK_NS

if TYPE_CHECKING:
    from mm_fusion_ros.localization.source import Source

_RECENT_NS = 2 * NS_PER_S


class Agreement(Enum):
    """How the clock of a source stands to those of the others."""

    AGREES = 'the clock of the others'
    DIFFERS = 'another clock'
    OTHERS_DIFFER = 'the receiving clock, which that of the others is not'


class ClockAgreement:
    """
    Compares how far stamps lie behind arrivals.

    The clock of those that came first counts, unless it is not the receiving clock, and another
    one is.
    """

    def __init__(self) -> None:
        self._behind: dict[Source, tuple[int, int]] = {}  # arrival, and arrival - stamp, ns

    def judge(self, source: Source, stamp_ns: int, arrival_ns: int) -> Agreement:
        """Say how a stamp stands to what the others said lately."""
        behind_ns = arrival_ns - stamp_ns
        others = [behind for other, (arrived, behind) in self._behind.items()
                  if other is not source and abs(arrival_ns - arrived) < _RECENT_NS]
        agreement = Agreement.AGREES
        if others and min(abs(behind_ns - other) for other in others) > 2 * SAME_CLOCK_NS:
            if abs(behind_ns) > SAME_CLOCK_NS:
                return Agreement.DIFFERS
            self._behind.clear()
            agreement = Agreement.OTHERS_DIFFER
        self._behind[source] = arrival_ns, behind_ns
        return agreement

    def reset(self) -> None:
        """Forget all stamps."""
        self._behind.clear()
