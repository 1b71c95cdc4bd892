# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Builds tf2_msgs/TFMessage."""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

from mm_fusion_ros.geometry.transforms import to_quaternion
from mm_fusion_ros.messages.convert_out.common import header, quaternion, vector

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from mm_fusion_ros.messages.message_types import MessageTypes


def from_transforms(
    children: Mapping[str, NDArray[np.float64]],
    stamp_ns: int,
    frame_id: str,
    types: MessageTypes,
) -> Any:
    """Build a TFMessage of `T_frame_child` (4, 4) by child frame, all under one parent."""
    return types.TFMessage(
        transforms=[
            types.TransformStamped(
                header=header(stamp_ns, frame_id, types),
                child_frame_id=child,
                transform=types.Transform(
                    translation=vector(T[:3, 3], types),
                    rotation=quaternion(to_quaternion(T), types),
                ),
            )
            for child, T in children.items()
        ]
    )
