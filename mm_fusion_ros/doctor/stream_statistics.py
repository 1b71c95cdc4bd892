# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Rate, jitter, gaps and delay of one topic, from its stamps and log times alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.stamps import clock_kind, ClockKind, NS_PER_MS, NS_PER_S

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class StreamStatistics:
    """
    What the times of a topic tell; NaN where too few messages tell nothing.

    Attributes
    ----------
    rate_hz : float
        From the median interval between stamps; between log times if the stamps never change.
    jitter_p99_ms : float
        99th percentile of the deviation from that interval, steps over lost messages left out.
    largest_gap_s, gap_at_s : float
        Longest time without a message by the log times, and when it began in the stream.
    delay_ms, delay_p99_ms : float
        Arrival - stamp, median and 99th percentile.
    clock : ClockKind
        What clock the stamps are of, seen from the log times.
    zero_stamps, duplicates, backward : int
        Messages whose stamp is not positive, repeats the one before, or is older than it.

    """

    rate_hz: float
    jitter_p99_ms: float
    largest_gap_s: float
    gap_at_s: float
    delay_ms: float
    delay_p99_ms: float
    clock: ClockKind
    zero_stamps: int
    duplicates: int
    backward: int

    @property
    def period_s(self) -> float:
        """
        Median interval, s.
        """
        return 1.0 / self.rate_hz


def stream_statistics(
    stamps_ns: NDArray[np.int64], log_times_ns: NDArray[np.int64]
) -> StreamStatistics:
    """
    Measure a topic.

    Parameters
    ----------
    stamps_ns, log_times_ns : (N,) int64
        Header stamps and log times, ns, in the order of the log times; N >= 1.

    """
    steps_ns, gaps_ns = np.diff(stamps_ns), np.diff(log_times_ns)
    intervals_ns = steps_ns if (steps_ns > 0).any() else gaps_ns
    period_ns, jitter_ns = _period_and_jitter(intervals_ns[intervals_ns > 0])
    longest = int(np.argmax(gaps_ns)) if len(gaps_ns) else 0
    delays_ns = log_times_ns - stamps_ns
    typical = int(np.argpartition(delays_ns, len(delays_ns) // 2)[len(delays_ns) // 2])
    low_ns, high_ns = np.percentile(delays_ns, (50, 99))
    return StreamStatistics(
        rate_hz=NS_PER_S / period_ns,
        jitter_p99_ms=jitter_ns / NS_PER_MS,
        largest_gap_s=float(gaps_ns[longest]) / NS_PER_S if len(gaps_ns) else float('nan'),
        gap_at_s=float(log_times_ns[longest] - log_times_ns[0]) / NS_PER_S,
        delay_ms=float(low_ns) / NS_PER_MS,
        delay_p99_ms=float(high_ns) / NS_PER_MS,
        clock=clock_kind(int(stamps_ns[typical]), int(log_times_ns[typical])),
        zero_stamps=int((stamps_ns <= 0).sum()),
        duplicates=int((steps_ns == 0).sum()),
        backward=int((steps_ns < 0).sum()),
    )


def _period_and_jitter(steps_ns: NDArray[np.int64]) -> tuple[float, float]:
    if len(steps_ns) == 0:
        return float('nan'), float('nan')
    period_ns = float(np.median(steps_ns))
    unbroken = steps_ns[steps_ns < 1.5 * period_ns]
    return period_ns, float(np.percentile(np.abs(unbroken - period_ns), 99))
