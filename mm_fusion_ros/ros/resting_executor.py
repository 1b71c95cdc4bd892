# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
An executor that lets messages gather, as a look at what has come costs more than ten messages.
"""

from __future__ import annotations

import time
from typing import Any, TYPE_CHECKING

from rclpy.executors import SingleThreadedExecutor

if TYPE_CHECKING:
    from collections.abc import Iterator


class RestingExecutor(SingleThreadedExecutor):
    """
    Looks at most so often for what is ready; else as any other.

    Parameters
    ----------
    period_s : float
        Shortest time from look to look, s: how late a callback may be.
    executor_arguments :
        As for any executor.

    """

    def __init__(self, period_s: float, **executor_arguments: Any) -> None:
        super().__init__(**executor_arguments)
        self._period_s = period_s
        self._looked_s = 0.0

    def _wait_for_ready_callbacks(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        # rclpy has no public place between two looks.
        time.sleep(max(self._looked_s + self._period_s - time.monotonic(), 0.0))
        self._looked_s = time.monotonic()
        yield from super()._wait_for_ready_callbacks(*args, **kwargs)
