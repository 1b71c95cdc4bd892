# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Every message ends in exactly one way, and what is reported about a sensor.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mm_fusion_ros.stamps import ClockKind


class Fate(IntEnum):
    """
    How a message ended.
    """

    USED = 0  # served at least one match
    SUPERSEDED = 1  # lay within tolerance of a match that took a nearer one
    UNMATCHED = 2  # never lay within tolerance of a match
    LATE = 3  # arrived after the matches it could have served were emitted
    OUT_OF_ORDER = 4  # older than the newest of its sensor
    DUPLICATE = 5  # repeats a stamp of its sensor
    INVALID_STAMP = 6  # not positive, a step that nothing confirms, or of an alien clock


@dataclass(frozen=True, slots=True)
class MessageCounts:
    """
    How many messages ended in each way, in the order of `Fate`.
    """

    used: int = 0
    superseded: int = 0
    unmatched: int = 0
    late: int = 0
    out_of_order: int = 0
    duplicate: int = 0
    invalid_stamp: int = 0

    @property
    def total(self) -> int:
        """
        All that have ended.
        """
        return sum(getattr(self, item.name) for item in fields(self))


@dataclass(frozen=True, slots=True)
class SensorStatistics:
    """
    What was counted and learned about one sensor.

    Attributes
    ----------
    name : str
        The sensor.
    received, pending : int
        All messages, and those that have not ended yet: received = counts.total + pending.
    counts : MessageCounts
        How the others ended.
    period_ns, jitter_ns : int, optional
        Median stamp interval and the median deviation from it; None until known.
    delay_ns, delay_p99_ns : int, optional
        Median and 99th percentile of arrival - stamp: transport delay plus clock offset, which
        cannot be told apart.
    clock : ClockKind, optional
        What clock the newest stamp appears to be from; None before the first message.
    last_stamp_ns : int, optional
        The newest stamp, corrected, valid or not.

    """

    name: str
    received: int
    pending: int
    counts: MessageCounts
    period_ns: int | None = None
    jitter_ns: int | None = None
    delay_ns: int | None = None
    delay_p99_ns: int | None = None
    clock: ClockKind | None = None
    last_stamp_ns: int | None = None
