# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Time as integer nanoseconds, and which clock a stamp was taken from.

Nothing here reads a clock.
"""

from enum import Enum

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000
NS_PER_US = 1_000

GPS_EPOCH_S = 315_964_800  # 1980-01-06 in Unix time
GPS_LEAP_S = 18  # GPS - UTC since 2017
TAI_LEAP_S = 37  # TAI - UTC since 2017

SAME_CLOCK_NS = 5 * NS_PER_S  # two clocks that differ by less are the same
_LEAP_MATCH_S = 2.0
_GPS_MATCH_S = 60.0
_PRESENT_AGE_S = 1_000_000_000  # 2001: no wall clock shows less, no uptime shows more


class ClockKind(Enum):
    """Which clock a stamp appears to come from, seen from the receiving clock."""

    SAME = 'the receiving clock'
    ZERO = 'no clock (zero)'
    UPTIME = 'time since boot'
    GPS = 'GPS time'
    TAI = 'TAI (37 s ahead of UTC)'
    WALL = 'the wall clock, while the receiver runs on simulated time'
    UNKNOWN = 'an unknown clock'


def clock_kind(stamp_ns: int, arrival_ns: int) -> ClockKind:
    """
    Name the clock that explains the difference between a stamp and its arrival.

    Parameters
    ----------
    stamp_ns : int
        Stamp in the message header, ns.
    arrival_ns : int
        When the message arrived by the receiving clock, ns.

    Returns
    -------
    ClockKind
        SAME when they differ by less than 5 s.

    """
    if stamp_ns <= 0:
        return ClockKind.ZERO
    ahead_s = (stamp_ns - arrival_ns) / NS_PER_S
    if abs(stamp_ns - arrival_ns) < SAME_CLOCK_NS:
        return ClockKind.SAME
    if abs(ahead_s - TAI_LEAP_S) < _LEAP_MATCH_S:
        return ClockKind.TAI
    # Either counted from the GPS epoch, or GPS seconds written onto the Unix epoch.
    if abs(ahead_s + GPS_EPOCH_S - GPS_LEAP_S) < _GPS_MATCH_S:
        return ClockKind.GPS
    if abs(ahead_s - GPS_LEAP_S) < _LEAP_MATCH_S:
        return ClockKind.GPS
    stamp_is_present = stamp_ns / NS_PER_S >= _PRESENT_AGE_S
    arrival_is_present = arrival_ns / NS_PER_S >= _PRESENT_AGE_S
    if arrival_is_present and not stamp_is_present:
        return ClockKind.UPTIME
    if stamp_is_present and not arrival_is_present:
        return ClockKind.WALL
    return ClockKind.UNKNOWN


def from_seconds(seconds: float) -> int:
    """Round a duration or stamp in seconds to ns."""
    return round(seconds * NS_PER_S)


def to_seconds(duration_ns: int) -> float:
    """Express ns as seconds; stamps lose precision below 0.2 us, durations do not."""
    return duration_ns / NS_PER_S


def join(sec: int, nanosec: int) -> int:
    """Join the two fields of builtin_interfaces/Time."""
    return int(sec) * NS_PER_S + int(nanosec)


def split(stamp_ns: int) -> tuple[int, int]:
    """Split ns into the two fields of builtin_interfaces/Time."""
    return divmod(stamp_ns, NS_PER_S)
