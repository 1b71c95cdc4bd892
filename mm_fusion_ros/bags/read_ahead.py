# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Lets a thread read a bag ahead, so that unpacking a chunk delays nobody."""

from __future__ import annotations

from contextlib import suppress
from queue import Full, Queue
from threading import Event, Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

_T = TypeVar('_T')

_ITEMS = 16
_LOOK_S = 0.1  # how often the thread looks whether it is still wanted


def read_ahead(items: Iterable[_T]) -> Generator[_T, None, None]:
    """
    Yield the same items in the same order, taken by a thread up to 16 before they are wanted.

    An error of the source is raised where the item it stands for would have come. Closing the
    generator ends the thread.
    """
    queue: Queue[tuple[list[_T], BaseException | None]] = Queue(_ITEMS)
    stopped = Event()

    def put(taken: list[_T], error: BaseException | None) -> None:
        while not stopped.is_set():
            with suppress(Full):
                queue.put((taken, error), timeout=_LOOK_S)
                return

    def fill() -> None:
        try:
            for item in items:
                put([item], None)
                if stopped.is_set():
                    return
            put([], None)
        except Exception as err:  # noqa: BLE001  raised again where the items are taken
            put([], err)

    thread = Thread(target=fill, name='read ahead', daemon=True)
    thread.start()
    try:
        while True:
            taken, error = queue.get()
            if error is not None:
                raise error
            if not taken:
                return
            yield taken[0]
    finally:
        stopped.set()
        thread.join()
