# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What each sensor measures of the world, and how a vehicle mounts them.
"""
