# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Whether the stamps of all sources are of one clock: a filter cannot stand at two times.
"""

from __future__ import annotations

from enum import Enum

from mm_fusion_ros.localization.source import Source
from mm_fusion_ros.stamps import clock_kind, NS_PER_MS, NS_PER_S, SAME_CLOCK_NS

_RECENT_NS = 2 * NS_PER_S
_AHEAD_NS = 100 * NS_PER_MS  # of the arrival: more is no inaccuracy of a receiving clock
_LEAD_NS = 250 * NS_PER_MS  # before the others, where those are of the receiving clock
_LONG_LEAD_NS = 2 * NS_PER_S  # where they are not: the others may be late as well
_FAR_AHEAD_NS = NS_PER_S
_ONE_DEVICE = {Source.GNSS_VELOCITY: Source.FIX}  # as late as each other


class Agreement(Enum):
    """How the clock of a source stands to those of the others."""

    AGREES = 'the clock of the others'
    DIFFERS = 'another clock'
    OTHERS_DIFFER = 'the receiving clock, which that of the others is not'


class ClockAgreement:
    """
    Compares how far stamps lie behind arrivals.

    The clock of those that came first counts, unless it is not the receiving clock, and another
    one is. A stamp can be late, and is not ahead of all others unless its clock is wrong.
    """

    def __init__(self) -> None:
        self._behind: dict[Source, tuple[int, int]] = {}  # arrival, and arrival - stamp, ns

    def judge(self, source: Source, stamp_ns: int, arrival_ns: int) -> Agreement:
        """Say how a stamp stands to what the others said lately."""
        behind_ns = arrival_ns - stamp_ns
        others = self._others(source, arrival_ns)
        agreement = Agreement.AGREES
        if others and _differs(behind_ns, others):
            if abs(behind_ns) > SAME_CLOCK_NS or behind_ns < -_AHEAD_NS:
                return Agreement.DIFFERS
            self._behind.clear()
            agreement = Agreement.OTHERS_DIFFER
        self._behind[source] = arrival_ns, behind_ns
        return agreement

    def problem(self, source: Source, stamp_ns: int, arrival_ns: int) -> str:
        """Say what is wrong with a stamp that differs from what the others said lately."""
        lead_ns = min(self._others(source, arrival_ns).values()) - (arrival_ns - stamp_ns)
        seen = clock_kind(stamp_ns, arrival_ns).value
        if 0 < lead_ns <= 2 * SAME_CLOCK_NS:
            seen = f'{lead_ns / NS_PER_S:.1f} s in the future'
        return f'stamps: expected the clock of the other sensors, got {seen}'

    def reset(self) -> None:
        """Forget all stamps."""
        self._behind.clear()

    def _others(self, source: Source, arrival_ns: int) -> dict[Source, int]:
        return {other: behind for other, (arrived, behind) in self._behind.items()
                if other is not source and abs(arrival_ns - arrived) < _RECENT_NS}


def _differs(behind_ns: int, others: dict[Source, int]) -> bool:
    """Say whether a stamp so far behind its arrival is not of the clock of the others."""
    least_ns, most_ns = min(others.values()), max(others.values())
    if min(abs(behind_ns - other) for other in others.values()) > 2 * SAME_CLOCK_NS:
        return True
    if -_AHEAD_NS <= behind_ns <= SAME_CLOCK_NS:  # it is the receiving clock
        return most_ns < -_FAR_AHEAD_NS and behind_ns < _FAR_AHEAD_NS
    lead_ns = least_ns - behind_ns
    if behind_ns < 0 and least_ns >= -_AHEAD_NS:
        return lead_ns > _LEAD_NS
    devices = {_ONE_DEVICE.get(other, other) for other in others}
    return lead_ns > _LONG_LEAD_NS and len(devices) > 1
