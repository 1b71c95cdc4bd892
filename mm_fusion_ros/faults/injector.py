# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Breaks a stream of serialised messages; the same stream and seeds give the same broken stream.

`process` and `fault_node` run this same object on the same bytes. It reads no clock.
"""

from __future__ import annotations

from collections import Counter
import heapq
from typing import TYPE_CHECKING

from mm_fusion_ros.faults.serialized import Passing, stamp_of
from mm_fusion_ros.faults.stages import FaultAtWork
from mm_fusion_ros.stamps import NS_PER_S, to_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mm_fusion_ros.faults.spec import Fault

_RESTART_NS = _SAME_CLOCK_NS = NS_PER_S


class FaultInjector:
    """
    Takes messages as they arrive and gives them back broken, some of them later.

    A message that is not a fault's passes as the same bytes. So does one that a fault cannot
    break, as an image of an unknown encoding: it is counted, and named in `problems`.

    Parameters
    ----------
    faults : sequence of Fault
        Applied to each message in this order.

    Attributes
    ----------
    problems : Counter of str
        Why faults could not break messages, and how often.

    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self._faults = tuple(faults)
        self._sensor_topics = {fault.topic for fault in faults}
        self.topics = frozenset(topic for fault in faults for topic in fault.topics)
        self.problems: Counter[str] = Counter()
        self._now_ns = 0
        self._sequence = 0
        self._pending: list[tuple[int, int, Passing]] = []
        self._begin: Passing | None = None  # the first message of a sensor with a fault
        self._start_over()

    def apply(self, message: Passing) -> list[Passing]:
        """
        Take one message in and give all that is due by its arrival, in order.

        Parameters
        ----------
        message : Passing
            Of one of `topics`; others pass. A step back of its time by more than 1 s, as when a
            bag begins anew, ends what was pending and begins the faults anew.

        Raises
        ------
        ConfigError
            If a fault is not for messages of this type.

        """
        due = self._before(message.at_ns)
        elapsed_s = self._elapsed_s(message)
        passing = [message]
        for fault in self._at_work:
            passing = [out for item in passing
                       for out in self._break(fault, item, elapsed_s)]
        for item in passing:
            self._sequence += 1
            heapq.heappush(self._pending, (item.at_ns, self._sequence, item))
        return due + self.poll(message.at_ns)

    def poll(self, now_ns: int) -> list[Passing]:
        """Give what is due."""
        due = []
        while self._pending and self._pending[0][0] <= now_ns:
            due.append(heapq.heappop(self._pending)[2])
        return due

    def next_due_ns(self) -> int | None:
        """Say when `poll` will next have something; None if nothing is pending."""
        return self._pending[0][0] if self._pending else None

    def flush(self) -> list[Passing]:
        """Give everything that is pending, in order."""
        due = [item for _, _, item in sorted(self._pending)]
        self._pending.clear()
        return due

    def _before(self, now_ns: int) -> list[Passing]:
        steps_back, self._now_ns = now_ns < self._now_ns - _RESTART_NS, now_ns
        if not steps_back:
            return self.poll(now_ns)
        due = self.flush()
        self._start_over()
        return due

    def _start_over(self) -> None:
        self._at_work = tuple(map(FaultAtWork, self._faults))
        self._begin = None

    def _elapsed_s(self, message: Passing) -> float:
        """
        Say how long after the beginning a message was measured, so that delays do not matter.

        By arrival where stamps are zero, or of another clock. Nothing begins before time does.
        """
        if self._begin is None:
            if message.topic not in self._sensor_topics or message.at_ns <= 0:
                return 0.0
            self._begin = message
        by_arrival_ns = message.at_ns - self._begin.at_ns
        stamp_ns = stamp_of(message.raw)
        by_stamp_ns = stamp_ns - stamp_of(self._begin.raw)
        is_same_clock = stamp_ns > 0 and abs(by_stamp_ns - by_arrival_ns) < _SAME_CLOCK_NS
        return to_seconds(by_stamp_ns if is_same_clock else by_arrival_ns)

    def _break(self, at_work: FaultAtWork, message: Passing, elapsed_s: float) -> list[Passing]:
        passing, problem = at_work.take(message, elapsed_s)
        if problem is not None:
            fault = at_work.fault
            self.problems[f'{fault.sensor}: no {fault.kind} ({problem})'] += 1
        return passing
