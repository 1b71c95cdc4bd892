# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Rays into the world, and what a camera makes of what they hit.
"""
