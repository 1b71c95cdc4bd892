# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Which stamps of one source can be used, and when time itself began anew.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from mm_fusion_ros.stamps import NS_PER_MS, NS_PER_S
from mm_fusion_ros.sync.counts import Fate
from mm_fusion_ros.sync.settings import SyncSettings
from mm_fusion_ros.sync.stamp_clock import StampClock

if TYPE_CHECKING:
    from mm_fusion_ros.localization.settings import InputSettings

_RESTART_NS = NS_PER_S
_MOST = 0.75


class Verdict(Enum):
    """What to do with a message, by its stamp."""

    USE = 'use'
    REPEATED = 'repeated'
    MISSTAMPED = 'of another time'
    RESTART = 'time began anew'


class StampGate:
    """
    Watches the stamps of one source.

    Parameters
    ----------
    settings : InputSettings
        Which clock stamps, and what is added.

    """

    def __init__(self, settings: InputSettings) -> None:
        self._by_arrival = settings.stamp_source == 'arrival'
        self._offset_ns = round(settings.offset_ms * NS_PER_MS)
        self._clock = StampClock(replace(SyncSettings(), clock_jump_ns=_RESTART_NS))

    @property
    def spacing_ns(self) -> int | None:
        """How far most stamps lie at most behind the one before; None until known."""
        if self._clock.period_ns is None:
            return None
        return self._clock.intervals.quantile(_MOST)

    def stamp(self, header_ns: int, arrival_ns: int) -> int:
        """Give the stamp that counts, ns."""
        return arrival_ns if self._by_arrival else header_ns + self._offset_ns

    def judge(self, header_ns: int, arrival_ns: int) -> Verdict:
        """Say what to do with a message; small disorder does no harm."""
        if header_ns <= 0 and not self._by_arrival:
            return Verdict.MISSTAMPED
        stamp_ns, newest_ns = self.stamp(header_ns, arrival_ns), self._clock.newest_ns
        fate = self._clock.doubt(stamp_ns, arrival_ns)
        if fate is Fate.DUPLICATE:
            return Verdict.REPEATED
        if fate is Fate.INVALID_STAMP:
            return Verdict.MISSTAMPED
        if fate is None:
            self._clock.learn(stamp_ns, arrival_ns)
            if newest_ns is not None and stamp_ns < newest_ns - _RESTART_NS:
                return Verdict.RESTART
        return Verdict.USE

    def reset(self) -> None:
        """Forget the stamps seen."""
        self._clock.reset()
