# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Keeps the executor free: a mailbox of one, and the one thread that empties it.

A frame that waits while a newer one arrives is skipped and counted, never queued: an old
answer is worth less than the next one.
"""

from __future__ import annotations

import threading
from typing import Generic, TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar('_T')


class Mailbox(Generic[_T]):
    """Holds the newest item until it is taken."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._item: _T | None = None
        self._closed = False
        self._skipped = 0

    @property
    def skipped(self) -> int:
        """How many items were displaced before anybody took them."""
        return self._skipped

    @property
    def is_full(self) -> bool:
        """Whether an item waits to be taken."""
        return self._item is not None

    def put(self, item: _T) -> None:
        """Offer an item; one that nobody took yet is displaced."""
        with self._condition:
            self._skipped += self._item is not None
            self._item = item
            self._condition.notify()

    def take(self) -> _T | None:
        """Wait for an item; None once the mailbox is closed."""
        with self._condition:
            self._condition.wait_for(lambda: self._closed or self._item is not None)
            item, self._item = self._item, None
            return None if self._closed else item

    def close(self) -> None:
        """Let every `take` return None from now on."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()


class Worker(Generic[_T]):
    """
    One thread that handles the newest item of its mailbox.

    Parameters
    ----------
    handle : callable
        Does the work for one item.
    on_error : callable
        Told of every exception that `handle` let out; the thread goes on with the next item.

    """

    def __init__(
        self, handle: Callable[[_T], None], on_error: Callable[[Exception], None]
    ) -> None:
        self._handle = handle
        self._on_error = on_error
        self._mailbox: Mailbox[_T] = Mailbox()
        self._thread = threading.Thread(target=self._run, name='perception', daemon=True)

    @property
    def skipped(self) -> int:
        """Items that were overtaken by newer ones."""
        return self._mailbox.skipped

    @property
    def is_behind(self) -> bool:
        """Whether the next item waits already."""
        return self._mailbox.is_full

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def submit(self, item: _T) -> None:
        """Hand over an item; returns at once."""
        self._mailbox.put(item)

    def stop(self) -> None:
        """Finish the item at hand, drop what waits, end the thread."""
        self._mailbox.close()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while (item := self._mailbox.take()) is not None:
            try:
                self._handle(item)
            except Exception as err:  # noqa: BLE001
                # One bad frame must not silence all later ones; the owner counts and reports it.
                self._on_error(err)
