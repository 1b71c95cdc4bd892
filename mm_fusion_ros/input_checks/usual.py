# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What is usual for a sensor: the mean of what came lately.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_KNOWN = 10  # messages after which it is known
_MEMORY = 200  # messages over which it may change


class Usual:
    """Learns slowly, and what is unusual slower still: so that it stays unusual for a while."""

    def __init__(self) -> None:
        self._mean: NDArray[np.float64] | None = None
        self._count = 0

    @property
    def values(self) -> NDArray[np.float64] | None:
        """What is usual; None until that is known."""
        return self._mean if self._count >= _KNOWN else None

    def learn(self, values: NDArray[np.float64], *, is_unusual: bool) -> None:
        """Take in what came."""
        self._count = min(self._count + 1, _MEMORY)
        before = values if self._mean is None else self._mean
        self._mean = before + (values - before) / (_MEMORY if is_unusual else self._count)
