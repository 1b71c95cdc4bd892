# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
From the frames of the sensors to the arrays that the network takes.
"""
