# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Breaks when messages come, which of them, and what their stamps say. Never decodes one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mm_fusion_ros.faults.kinds import FaultKind
from mm_fusion_ros.faults.serialized import corrupted, Passing, restamped, stamp_of, truncated
from mm_fusion_ros.stamps import from_seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from mm_fusion_ros.faults.draw import Draw

# A message as late as this many intervals comes between the next one and the one after.
_INTERVALS_LATE = 1.5


class Freeze:
    """Repeats what came last before the fault."""

    def __init__(self) -> None:
        self._last: bytes | None = None

    def take(self, message: Passing, draw: Draw | None) -> list[Passing]:
        """Let a message pass, or break it if there is a draw."""
        if draw is None or self._last is None:
            self._last = message.raw
            return [message]
        return [message._replace(raw=restamped(self._last, stamp_of(message.raw)))]


class Jitter:
    """Delays each message by another time, but lets none overtake another."""

    def __init__(self) -> None:
        self._last_ns = 0

    def take(self, message: Passing, draw: Draw | None) -> list[Passing]:
        """Let a message pass, or break it if there is a draw."""
        if draw is not None:
            delay_s = abs(draw.of_message().normal(0.0, draw.fault.magnitude))
            message = message._replace(at_ns=message.at_ns + from_seconds(delay_s))
        if message.at_ns < self._last_ns:
            message = message._replace(at_ns=self._last_ns)
        self._last_ns = message.at_ns
        return [message]


class OutOfOrder:
    """Delays some messages until after the next one, never two in a row."""

    def __init__(self) -> None:
        self._last_ns: int | None = None
        self._was_late = False

    def take(self, message: Passing, draw: Draw | None) -> list[Passing]:
        """Let a message pass, or break it if there is a draw."""
        last_ns, self._last_ns = self._last_ns, message.at_ns
        self._was_late = (
            draw is not None and last_ns is not None and not self._was_late
            and draw.of_message().random() < draw.fault.magnitude)
        if self._was_late and last_ns is not None:
            late_ns = round(_INTERVALS_LATE * max(message.at_ns - last_ns, 0))
            message = message._replace(at_ns=message.at_ns + late_ns)
        return [message]


def break_passage(message: Passing, draw: Draw) -> list[Passing]:
    """
    Break a message in a way that needs no memory.

    Raises
    ------
    InvalidMessageError
        If it has no room for a stamp.

    """
    return _CHANGES[draw.fault.what](message, draw)


def _drop(message: Passing, draw: Draw) -> list[Passing]:
    del message, draw
    return []


def _intermittent_drop(message: Passing, draw: Draw) -> list[Passing]:
    return [] if draw.of_message().random() < draw.fault.magnitude else [message]


def _delay(message: Passing, draw: Draw) -> list[Passing]:
    return [message._replace(at_ns=message.at_ns + from_seconds(draw.fault.magnitude))]


def _duplicate(message: Passing, draw: Draw) -> list[Passing]:
    return [message] * (1 + round(draw.fault.magnitude))


def _restamp_offset(message: Passing, draw: Draw) -> list[Passing]:
    return _restamp(message, draw.fault.magnitude)


def _restamp_drift(message: Passing, draw: Draw) -> list[Passing]:
    return _restamp(message, draw.fault.magnitude * draw.elapsed_s)


def _restamp(message: Passing, error_s: float) -> list[Passing]:
    stamp_ns = stamp_of(message.raw) + from_seconds(error_s)
    return [message._replace(raw=restamped(message.raw, stamp_ns))]


def _corrupt_bytes(message: Passing, draw: Draw) -> list[Passing]:
    raw = corrupted(message.raw, round(draw.fault.magnitude), draw.of_message())
    return [message._replace(raw=raw)]


def _truncated(message: Passing, draw: Draw) -> list[Passing]:
    return [message._replace(raw=truncated(message.raw, draw.fault.magnitude))]


_CHANGES: dict[FaultKind, Callable[[Passing, Draw], list[Passing]]] = {
    FaultKind.DROP: _drop,
    FaultKind.INTERMITTENT_DROP: _intermittent_drop,
    FaultKind.DELAY: _delay,
    FaultKind.DUPLICATE: _duplicate,
    FaultKind.RESTAMP_OFFSET: _restamp_offset,
    FaultKind.RESTAMP_DRIFT: _restamp_drift,
    FaultKind.CORRUPT_BYTES: _corrupt_bytes,
    FaultKind.TRUNCATED: _truncated,
}
