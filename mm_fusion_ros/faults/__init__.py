# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Ways to break each sensor on purpose, the same offline and live.
"""
