# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""When each message of a bag is due, counted from the start of its replay; reads no clock."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from mm_fusion_ros.errors import BagError
from mm_fusion_ros.stamps import from_seconds, NS_PER_MS, to_seconds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from mm_fusion_ros.bags.read import BagMessage, BagReader

_LOOP_PAUSE_NS = 100 * NS_PER_MS  # of recorded time, about a period of most sensors


def replay_schedule(
    bag: BagReader,
    topics: Collection[str],
    *,
    rate: float = 1.0,
    loop: bool = False,
    start_offset_s: float = 0.0,
) -> Iterator[tuple[int, BagMessage]]:
    """
    Yield messages in the order in which they are to be sent.

    Parameters
    ----------
    bag : BagReader
        Open.
    topics : collection of str
        What to play.
    rate : float
        Recorded seconds per second of replay.
    loop : bool
        Begin again at the end, for ever.
    start_offset_s : float
        Skip so much of the beginning, s. What was sent there on transient-local topics is due at
        once at the start, as a late joiner would have got it.

    Yields
    ------
    due_ns : int
        Time since the start of the replay, ns.
    message : BagMessage

    Raises
    ------
    BagError
        If nothing is left to play.

    """
    start_ns = bag.start_ns + from_seconds(start_offset_s)
    latched = [topic.name for topic in bag.topics
               if topic.name in topics and topic.transient_local]
    if next(bag.messages(topics, start_ns=start_ns), None) is None:
        raise BagError(
            f'bag {bag.path}', f'messages to play {start_offset_s:g} s after its start',
            f'none in its {to_seconds(bag.duration_ns):g} s')
    round_ns = bag.end_ns - start_ns + _LOOP_PAUSE_NS
    for count in itertools.count() if loop else range(1):
        played_ns = count * round_ns
        if start_ns > bag.start_ns and latched:
            for message in bag.messages(latched, stop_ns=start_ns):
                yield round(played_ns / rate), message
        for message in bag.messages(topics, start_ns=start_ns):
            yield round((played_ns + message.log_time_ns - start_ns) / rate), message
