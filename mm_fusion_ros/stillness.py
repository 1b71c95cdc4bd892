# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""How long things have stood still: counters of messages and answers, a simulated clock."""

from __future__ import annotations

from mm_fusion_ros.stamps import to_seconds


class Stillness:
    """Remembers when each named value last changed."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, int]] = {}

    def since_change_s(self, name: str, value: int, now_ns: int) -> float:
        """
        Take in a value and say for how long it has been the same.

        Parameters
        ----------
        name : str
            What is watched.
        value : int
            What it is now.
        now_ns : int
            By a monotonic clock, ns.

        """
        known, changed_ns = self._seen.get(name, (None, now_ns))
        if value != known:
            changed_ns = now_ns
        self._seen[name] = value, changed_ns
        return to_seconds(now_ns - changed_ns)
