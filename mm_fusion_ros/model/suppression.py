# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
From where on two boxes of a class stand for one object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.model.rotated_nms import SuppressionLimits

if TYPE_CHECKING:
    from collections.abc import Iterable

_IOU = 0.2
# Centres of two of a kind are hardly ever nearer, m: vehicles would have to overlap.
_APART_M = {
    ObjectClass.CAR: 1.0,
    ObjectClass.TRUCK: 1.5,
    ObjectClass.BUS: 1.5,
    ObjectClass.CYCLIST: 0.5,
    ObjectClass.PEDESTRIAN: 0.3,
    ObjectClass.BARRIER: 0.4,
}


def suppression_limits(
    classes: Iterable[ObjectClass], device: torch.device | None = None
) -> SuppressionLimits:
    """Give the limits of the classes of a network, in its order."""
    apart_m = torch.tensor([_APART_M[each] for each in classes], device=device)
    return SuppressionLimits(torch.full_like(apart_m, _IOU), apart_m)
