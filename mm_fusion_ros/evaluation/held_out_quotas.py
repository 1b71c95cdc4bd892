# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
How many objects of each class, range and occlusion the held-out scenes have to hold.

Counted are those of all frames, so that one object may count four times. Another
simulator makes other scenes of the same seeds; these tell whether they are as telling.
Pedestrians and cyclists count within 40 m, barriers within 30 m: there are few farther away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mm_fusion_ros.data_types import ObjectClass
from mm_fusion_ros.evaluation.detection_frame import CLASSES
from mm_fusion_ros.evaluation.object_counts import COLUMNS

if TYPE_CHECKING:
    from mm_fusion_ros.evaluation.object_counts import ObjectCounts

QUOTAS = {  # of all scenes, in the order of COLUMNS
    ObjectClass.CAR: (1800, 600, 500, 500, 1000, 400, 400),
    ObjectClass.TRUCK: (50, 10, 15, 20, 25, 15, 0),
    ObjectClass.BUS: (30, 5, 10, 10, 25, 0, 0),  # who is as large is hardly ever hidden
    ObjectClass.CYCLIST: (60, 25, 25, 0, 35, 15, 5),
    ObjectClass.PEDESTRIAN: (600, 250, 250, 80, 250, 200, 100),
    ObjectClass.BARRIER: (150, 100, 40, 0, 80, 30, 10),
}


def shortfalls(counts: ObjectCounts) -> tuple[str, ...]:
    """Say which quotas are not met, each in a line."""
    return tuple(
        f'{category.name}, {column}: expected at least {quota} objects, got {count}'
        for category, row in zip(CLASSES, counts.columns.tolist(), strict=True)
        for column, count, quota in zip(
            COLUMNS, row, QUOTAS[category.truth_classes[0]], strict=True)
        if count < quota)
