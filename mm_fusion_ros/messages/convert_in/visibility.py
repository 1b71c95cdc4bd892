# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Reads back how much a sensor saw of each true object, as `convert_out.visibility` writes it."""

from __future__ import annotations

from typing import Any, NamedTuple, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.messages.convert_in.fields import read_header

if TYPE_CHECKING:
    from numpy.typing import NDArray

_COUNTS = ('points', 'pixels')


class Visibility(NamedTuple):
    """Of one measurement: `ids` (N,) int64 and points or pixels of each object, (N,) int64."""

    stamp_ns: int
    ids: NDArray[np.int64]
    counts: NDArray[np.int64]


def to_visibility(message: Any) -> Visibility:
    """
    Read a diagnostic_msgs/DiagnosticArray of true objects.

    Raises
    ------
    InvalidMessageError
        If it is another kind of diagnostics.

    """
    stamp_ns, _ = read_header(message)
    try:
        ids = [int(status.hardware_id) for status in message.status]
        counts = [
            next(int(float(item.value)) for item in status.values if item.key in _COUNTS)
            for status in message.status]
        return Visibility(stamp_ns, np.array(ids, np.int64), np.array(counts, np.int64))
    except (ValueError, OverflowError, StopIteration) as err:
        raise InvalidMessageError(
            'diagnostics', 'points or pixels of objects with numbers', repr(err)) from err
