# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""The color of each class, the same in pictures and in RViz."""

from __future__ import annotations

from mm_fusion_ros.data_types import ObjectClass

CLASS_COLORS = {
    ObjectClass.OBSTACLE: (235, 235, 235),
    ObjectClass.CAR: (66, 165, 245),
    ObjectClass.TRUCK: (255, 167, 38),
    ObjectClass.BUS: (255, 112, 67),
    ObjectClass.CYCLIST: (171, 71, 188),
    ObjectClass.PEDESTRIAN: (239, 83, 80),
    ObjectClass.BARRIER: (141, 110, 99),
}  # RGB, 0 to 255
