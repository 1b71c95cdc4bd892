# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Builds and writes messages in another thread, always in the order in which they were given.

Compression is half of the work of a run, and needs neither the core nor its lock.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.output import absolute_topic
from mm_fusion_ros.stamps import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from typing_extensions import Self

    from mm_fusion_ros.bags.write import BagWriter
    from mm_fusion_ros.output import Output

_T = TypeVar('_T')
_MOST_WAITING = 200


class OutputWriter:
    """
    A context manager that has written everything when it is left without an error.

    Parameters
    ----------
    bag : BagWriter
        Open; nobody else writes into it.
    timer : callable
        Returns a monotonic time, ns.

    """

    def __init__(self, bag: BagWriter, timer: Callable[[], int]) -> None:
        self._bag = bag
        self._timer = timer
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._waiting: deque[Future[None]] = deque()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        """End the thread."""
        try:
            if kind is None:
                self.finish()
        finally:
            self._thread.shutdown(cancel_futures=True)

    def write(
        self,
        outputs: Sequence[Output[_T]],
        item: _T,
        log_time_ns: int,
        row: dict[str, float] | None = None,
    ) -> None:
        """
        Write what outputs make of an item.

        Parameters
        ----------
        outputs : sequence of Output
            They are asked in the other thread.
        item : Any
            What they are given.
        log_time_ns : int
            Of the messages.
        row : dict, optional
            Gets how long it took, ms, as `write`.

        """
        self.call(partial(self._build, outputs, item, log_time_ns, row))

    def call(self, what: Callable[[], None]) -> None:
        """Do something else in the other thread, in its turn."""
        while len(self._waiting) >= _MOST_WAITING:
            self._waiting.popleft().result()
        self._waiting.append(self._thread.submit(what))

    def finish(self) -> None:
        """Wait until everything is written; an error that writing met is raised here."""
        while self._waiting:
            self._waiting.popleft().result()

    def _build(
        self, outputs: Sequence[Output[_T]], item: _T, log_time_ns: int,
        row: dict[str, float] | None,
    ) -> None:
        begin_ns = self._timer()
        for output in outputs:
            message = output.build(item, BAG_TYPES)
            if message is not None:
                self._bag.write(absolute_topic(output.topic), message, log_time_ns)
        if row is not None:
            row['write'] = (self._timer() - begin_ns) / NS_PER_MS
