# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Public data sets as training samples: KITTI object and tracking, nuScenes.
"""
