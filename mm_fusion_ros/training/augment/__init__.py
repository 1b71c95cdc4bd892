# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Samples of other rigs, places, weather and mishaps, made from those at hand.
"""
