# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Starts localization and perception for one vehicle: perception takes its ego motion from there.

With `faults`, a node that breaks sensors stands between them and both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mm_fusion_ros.ros.launching import LOCALIZATION, PERCEPTION, vehicle_launch

if TYPE_CHECKING:
    from launch import LaunchDescription


def generate_launch_description() -> LaunchDescription:
    """Declare the arguments, prepare the environment, start the nodes."""
    return vehicle_launch(LOCALIZATION, PERCEPTION)
