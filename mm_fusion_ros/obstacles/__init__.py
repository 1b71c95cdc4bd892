# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Finds obstacles in LiDAR points by geometry alone: ground, clusters, oriented boxes.
"""
