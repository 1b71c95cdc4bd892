# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Transforms, camera models, boxes, geodesy, the transform tree and the ego pose buffer."""
