# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Breaks what a bag holds, on the way to perception or into another bag.
"""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from mm_fusion_ros.bags.read import BagMessage, BagReader
from mm_fusion_ros.bags.read_ahead import read_ahead
from mm_fusion_ros.bags.typestore import TYPESTORE
from mm_fusion_ros.bags.write import BagWriter
from mm_fusion_ros.faults.injector import FaultInjector
from mm_fusion_ros.faults.serialized import Passing
from mm_fusion_ros.faults.spec import check_recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from mm_fusion_ros.faults.spec import Fault


def broken(messages: Iterable[BagMessage], injector: FaultInjector) -> Iterator[BagMessage]:
    """
    Yield recorded messages as the faults leave them, by log time.

    Those of other topics, and those that no fault changed, are the same objects.
    """
    for message in messages:
        if message.topic not in injector.topics:
            yield from map(_recorded, injector.poll(message.log_time_ns))
            yield message
            continue
        entered = Passing(message.topic, message.type, message.raw, message.log_time_ns)
        for item in injector.apply(entered):
            yield message if item is entered else _recorded(item)
    yield from map(_recorded, injector.flush())


def break_bag(
    bag: Path,
    output: Path,
    faults: Sequence[Fault],
    progress: Callable[[int, int], None],
    *,
    overwrite: bool = False,
) -> tuple[str, ...]:
    """
    Write a bag as the faults leave it.

    Parameters
    ----------
    bag, output : Path
        What to read, and where to write.
    faults : sequence of Fault
        Applied in this order.
    progress : callable
        Told (messages done, messages in all).
    overwrite : bool
        Replace an existing output.

    Returns
    -------
    tuple of str
        What could not be broken, and what was wrong with the bag.

    Raises
    ------
    BagError
        If the bag cannot be read, or the output not be written.
    ConfigError
        If a fault does not fit what is recorded.

    """
    injector = FaultInjector(faults)
    with BagReader(bag) as reader:
        check_recorded(faults, {info.name: info.type for info in reader.topics})
        latched = {info.name for info in reader.topics if info.transient_local}
        total = sum(info.count for info in reader.topics)
        known = {info.name for info in reader.topics if info.type in TYPESTORE.fielddefs}
        with (
            BagWriter(output, overwrite=overwrite) as writer,
            closing(read_ahead(reader.messages(known))) as messages,
        ):
            for done, item in enumerate(broken(messages, injector), 1):
                writer.write_raw(
                    item.topic, item.type, item.raw, item.log_time_ns, item.topic in latched)
                progress(min(done, total), total)
        left_out = [f'topic {info.name}: left out, as {info.type} is unknown here'
                    for info in reader.topics if info.name not in known]
        return (*reader.warnings, *left_out, *problems_of(injector))


def problems_of(injector: FaultInjector) -> tuple[str, ...]:
    """Say what could not be broken, and how often."""
    return tuple(f'{text}: {count} messages' for text, count in injector.problems.items())


def _recorded(item: Passing) -> BagMessage:
    decode = partial(TYPESTORE.deserialize_cdr, item.raw, item.type)
    return BagMessage(item.topic, item.type, item.at_ns, item.raw, decode)
