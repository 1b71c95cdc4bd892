# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Builds diagnostic_msgs/DiagnosticArray: how much a sensor saw of each true object."""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.messages.convert_out.common import header

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import Boxes3D
    from mm_fusion_ros.messages.message_types import MessageTypes


def from_visibility(
    boxes: Boxes3D, columns: Mapping[str, NDArray[Any]], stamp_ns: int, types: MessageTypes
) -> Any:
    """
    Build the array of one measurement: a status for each box, its id as `hardware_id`.

    Parameters
    ----------
    boxes : Boxes3D
        N boxes with ids.
    columns : mapping of str to (N,)
        Such as points, pixels, truncation.
    stamp_ns : int
        Of the measurement.
    types :
        As everywhere.

    """
    ids: NDArray[np.int64] | None = boxes.ids
    assert ids is not None
    statuses = [
        types.DiagnosticStatus(
            level=types.byte_field(0),
            name=ObjectClass(boxes.classes[row]).label,
            hardware_id=str(ids[row]),
            values=[types.KeyValue(key=name, value=f'{column[row]:g}')
                    for name, column in columns.items()],
        )
        for row in range(len(boxes))
    ]
    return types.DiagnosticArray(header=header(stamp_ns, '', types), status=statuses)
