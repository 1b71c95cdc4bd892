# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What the nodes are wired from: parameters, quality of service, DDS environment, publishers.
"""
