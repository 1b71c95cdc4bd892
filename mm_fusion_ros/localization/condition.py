# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
How the localization is, and why: judged from counts and stamps, never from a clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mm_fusion_ros.localization.ego_state import Mode
from mm_fusion_ros.localization.source import Source

if TYPE_CHECKING:
    from mm_fusion_ros.localization.recent_troubles import Troubles
    from mm_fusion_ros.localization.tally import Tally

_SILENT_S = 2.0
_GRACE_S = 2.0
_BAD_SHARE = 0.1
_DELAY_MS = 40.0
_TROUBLES = (
    'could not be read', 'came twice', 'have stamps of another time', 'came too late')


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """
    One source as seen from where its messages come in.

    Attributes
    ----------
    source : Source
        Which.
    topic : str
        Where its messages come from.
    received, invalid, repeated, misstamped, without_fix, held_back : int
        Messages in all; those that could not be read; those of a stamp that came before; those
        of another time; those in which the receiver says that it has no fix; those that had to be
        held back, as their transform or unit is not known.
    received_lately : int
        Messages of the last seconds.
    lately : Troubles
        What was wrong with them.
    tally : Tally
        What became of the others.
    silent_s : float
        Since its last message, by arrival; infinite without any.
    unused_s : float
        Since its last measurement that was used, by stamps, and since these no longer go on;
        infinite without any, or where they come too seldom to be of use.
    problem : str
        What was last wrong with a message; empty if nothing is.

    """

    source: Source
    topic: str
    received: int
    invalid: int
    repeated: int
    misstamped: int
    without_fix: int
    held_back: int
    received_lately: int
    lately: Troubles
    tally: Tally
    silent_s: float
    unused_s: float
    problem: str

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with it; empty if nothing is."""
        name = self.source.value
        if not self.received:
            return (f'{name}: no message on {self.topic} yet',)
        found = []
        if self.silent_s > _SILENT_S:
            found.append(f'{name}: silent for {self.silent_s:.0f} s on {self.topic}')
        if self.problem:
            found.append(f'{name}: {self.problem}')
        if self.without_fix and self.unused_s > _SILENT_S:
            found.append(f'{name}: the receiver has no fix')
        for count, text in zip(self.lately, _TROUBLES, strict=True):
            if count > _BAD_SHARE * self.received_lately:
                found.append(
                    f'{name}: {count} of the last {self.received_lately} messages {text}')
        contradicting, seen = self.tally.lately
        if contradicting > _BAD_SHARE * seen:
            found.append(f'{name}: {contradicting} of the last {seen} contradict the motion')
        return tuple(found)


@dataclass(frozen=True, slots=True)
class LocalizationHealth:
    """
    Everything that is known about how good the answers are.

    Attributes
    ----------
    mode : Mode
        How much is known.
    running_s : float
        Since the first message.
    position_deviation_m, yaw_deviation_deg : float
        NaN while levelling.
    gnss_delay_ms, gnss_delay_deviation_ms : float
        How much later than its stamp the satellite receiver measures; NaN while levelling.
    gnss_excess : float
        How many times larger the variance of fixes is than they say; 1 if they are right.
    sources : tuple of SourceHealth
        Those that are configured.

    """

    mode: Mode
    running_s: float
    position_deviation_m: float
    yaw_deviation_deg: float
    gnss_delay_ms: float
    gnss_delay_deviation_ms: float
    gnss_excess: float
    sources: tuple[SourceHealth, ...]

    @property
    def outage_s(self) -> float:
        """Since the last fix that was used; infinite without any."""
        return next((s.unused_s for s in self.sources if s.source is Source.FIX), float('inf'))

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that is wrong, worst first."""
        if not any(source.received for source in self.sources):
            return tuple(text for source in self.sources for text in source.problems)
        if self.running_s < _GRACE_S:
            return ()
        found = []
        fix = next((s for s in self.sources if s.source is Source.FIX), None)
        imu = next((s for s in self.sources if s.source is Source.IMU), None)
        has_imu = imu is not None and imu.unused_s <= _SILENT_S
        if not has_imu:
            found.append('no inertial measurements: constant velocity is assumed')
        if fix is None or not fix.received:
            found.append('no GNSS: dead reckoning from where it began')
        elif self.mode is Mode.DEAD_RECKONING:
            found.append(
                'the direction on the map is not known yet: drive some metres with a fix')
        elif fix.unused_s > _SILENT_S:
            found.append(f'no usable fix for {fix.unused_s:.0f} s: dead reckoning')
        least_ms = max(_DELAY_MS, 5.0 * self.gnss_delay_deviation_ms)
        if has_imu and abs(self.gnss_delay_ms) > least_ms:
            way = 'early' if self.gnss_delay_ms > 0.0 else 'late'
            found.append(
                f'gnss: its stamps are {abs(self.gnss_delay_ms):.0f} ms {way}, which is made up '
                f'for; better add {self.gnss_delay_ms:.0f} to gnss.offset_ms')
        if self.gnss_excess > 1.0:
            found.append(
                f'gnss: fixes scatter {self.gnss_excess ** 0.5:.1f} times as far as their '
                'covariance says, which is made up for')
        return (*found, *(text for source in self.sources for text in source.problems))
