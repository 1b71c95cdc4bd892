# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The fusion network at work: from one frame of the sensors to boxes that have a class.
"""
