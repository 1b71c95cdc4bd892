# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Starts perception for one vehicle; it configures and activates itself unless told not to.

With `faults`, a node that breaks sensors stands between them and perception.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mm_fusion_ros.ros.launching import PERCEPTION, vehicle_launch

if TYPE_CHECKING:
    from launch import LaunchDescription


def generate_launch_description() -> LaunchDescription:
    """Declare the arguments, prepare the environment, start the node."""
    return vehicle_launch(PERCEPTION)
