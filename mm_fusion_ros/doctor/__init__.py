# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Says what is in a bag, and what would keep perception from answering on it.
"""

from mm_fusion_ros.doctor.examination import Examination
from mm_fusion_ros.doctor.examine import examine
from mm_fusion_ros.doctor.findings import Finding
from mm_fusion_ros.doctor.render import render, vehicle_yaml

__all__ = ['Examination', 'Finding', 'examine', 'render', 'vehicle_yaml']
