# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What a synchroniser hands out: the messages that belong to one instant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from mm_fusion_ros.sync.counts import Fate

T = TypeVar('T')


@dataclass(frozen=True, slots=True)
class Sample(Generic[T]):
    """
    One message.

    Attributes
    ----------
    stamp_ns : int
        Its stamp, corrected by the constant offset of the sensor.
    arrival_ns : int
        When it arrived, by the receiving clock.
    payload : T
        The message itself.

    """

    stamp_ns: int
    arrival_ns: int
    payload: T


@dataclass(frozen=True, slots=True)
class MatchMember(Generic[T]):
    """
    What one sensor contributes to a match.

    Attributes
    ----------
    name : str
        The sensor.
    samples : tuple of Sample
        None or one of a LiDAR or camera; all of the span, oldest first, of a window sensor.
    offset_ns : int, optional
        Stamp of the newest sample less the stamp of the match; None if absent.
    age_ns : int, optional
        Time from arrival to emission, by the receiving clock, of the newest sample; of the
        newest message ever accepted if absent; None if there never was one.
    refused : tuple of Fate
        Ways in which messages could serve no match at all since the one before: late, out of
        order, duplicate, of an invalid stamp.

    """

    name: str
    samples: tuple[Sample[T], ...]
    offset_ns: int | None
    age_ns: int | None
    refused: tuple[Fate, ...] = ()

    @property
    def present(self) -> bool:
        """
        Whether the sensor contributes anything.
        """
        return bool(self.samples)


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """
    The messages that belong together.

    Attributes
    ----------
    stamp_ns : int
        Stamp of the reference message; increases from match to match.
    reference : str
        The sensor whose message opened it.
    arrival_ns : int
        When the reference message arrived, by the receiving clock.
    emitted_ns : int
        When nothing better could come any more, by the receiving clock: that instant, not the
        instant of the call that noticed, so that it does not depend on how often one polls.
    members : tuple of MatchMember
        Every configured sensor in configured order, present or not.

    """

    stamp_ns: int
    reference: str
    arrival_ns: int
    emitted_ns: int
    members: tuple[MatchMember[T], ...]

    @property
    def complete(self) -> bool:
        """
        Whether every sensor is present.
        """
        return all(member.samples for member in self.members)

    @property
    def waited_ns(self) -> int:
        """
        Latency that synchronisation added.
        """
        return self.emitted_ns - self.arrival_ns
