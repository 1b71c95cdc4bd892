# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Decides when each message of a bag is due in a replay; it neither waits nor publishes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TYPE_CHECKING

from mm_fusion_ros.errors import ConfigError
from mm_fusion_ros.stamps import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mm_fusion_ros.bags.read import BagMessage, BagReader

MAX_CLOCK_HZ = 100


class Due(NamedTuple):
    """
    Something to publish.

    Attributes
    ----------
    at_ns : int
        When, ns since the replay began, on a clock that runs like a wall clock.
    bag_time_ns : int
        The time in the bag at that instant: what /clock says. Jumps back when the bag begins anew.
    message : BagMessage, optional
        What to publish; None for /clock.

    """

    at_ns: int
    bag_time_ns: int
    message: BagMessage | None


@dataclass(frozen=True, slots=True)
class ReplaySettings:
    """
    How to replay.

    Attributes
    ----------
    rate : float
        Seconds of the bag per second, > 0.
    loop : bool
        Begin anew at the end, for ever.
    start_offset_s : float
        Where in the bag to begin, s, >= 0; transient-local messages from before come first.
    clock_hz : int
        Times per second (of the replay) that /clock is due, 1 to 100.

    Raises
    ------
    ConfigError
        If a value is out of its range.

    """

    rate: float = 1.0
    loop: bool = False
    start_offset_s: float = 0.0
    clock_hz: int = MAX_CLOCK_HZ

    def __post_init__(self) -> None:
        if not 0.0 < self.rate < float('inf'):
            raise ConfigError('replay rate', 'a number above 0', self.rate)
        if not 0.0 <= self.start_offset_s < float('inf'):
            raise ConfigError('replay start offset', '0 s or more', self.start_offset_s)
        if not 1 <= self.clock_hz <= MAX_CLOCK_HZ:
            raise ConfigError('replay clock_hz', f'1 to {MAX_CLOCK_HZ} Hz', self.clock_hz)


def replay_schedule(bag: BagReader, settings: ReplaySettings) -> Iterator[Due]:
    """
    Give what is due, in order.

    Times follow the log times exactly, whatever the time taken by publishing: errors do not
    accumulate. /clock is due at regular instants, from the first on; before any message of a pass.

    Parameters
    ----------
    bag : BagReader
        Open.
    settings : ReplaySettings
        How to replay.

    Yields
    ------
    Due

    Raises
    ------
    ConfigError
        If the start offset is beyond the end of the bag.

    """
    start_ns = bag.start_ns + round(settings.start_offset_s * NS_PER_S)
    if start_ns > bag.end_ns:
        raise ConfigError(
            'replay start offset',
            f'at most the duration, {bag.duration_ns / NS_PER_S:.3f} s',
            f'{settings.start_offset_s} s',
        )
    began_ns = 0
    while True:
        at_ns = began_ns
        for due in _one_pass(bag, settings, start_ns, began_ns):
            at_ns = due.at_ns
            yield due
        if not settings.loop:
            return
        # The next pass begins a clock period after the end, so that no loop is without time.
        began_ns = at_ns + NS_PER_S // settings.clock_hz


def _one_pass(
    bag: BagReader, settings: ReplaySettings, start_ns: int, began_ns: int
) -> Iterator[Due]:
    tick_ns = NS_PER_S // settings.clock_hz
    yield Due(began_ns, start_ns, None)
    for message in _latched_before(bag, start_ns):
        yield Due(began_ns, start_ns, message)
    next_tick_ns = began_ns + tick_ns
    for message in bag.messages(start_ns=start_ns):
        at_ns = began_ns + round((message.log_time_ns - start_ns) / settings.rate)
        while next_tick_ns <= at_ns:
            bag_time_ns = start_ns + round((next_tick_ns - began_ns) * settings.rate)
            yield Due(next_tick_ns, bag_time_ns, None)
            next_tick_ns += tick_ns
        yield Due(at_ns, message.log_time_ns, message)


def _latched_before(bag: BagReader, start_ns: int) -> Iterator[BagMessage]:
    latched = [topic.name for topic in bag.topics if topic.transient_local]
    if latched and start_ns > bag.start_ns:
        yield from bag.messages(latched, stop_ns=start_ns)
