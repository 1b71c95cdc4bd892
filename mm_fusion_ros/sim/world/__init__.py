# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Where everything is and how it moves: streets, ground, scenery and traffic from a seed.
"""
