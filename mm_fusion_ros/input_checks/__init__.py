# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Notices sensors that speak but do not see: frozen, covered, dark, blurred, blocked, noisy, late.

Compares each message with what is usual for its sensor; says so, and takes nothing away.
"""

from mm_fusion_ros.input_checks.mounting import moved
from mm_fusion_ros.input_checks.sensor_check import SensorCheck
from mm_fusion_ros.input_checks.settings import InputCheckSettings

__all__ = ['InputCheckSettings', 'SensorCheck', 'moved']
