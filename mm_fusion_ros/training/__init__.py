# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
How the network learns: samples, readers of data sets, augmentation.
"""
