# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Bags without ROS: reading, writing, the timing of replay, and data sets converted to bags.
"""
