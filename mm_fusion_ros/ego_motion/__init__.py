# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The vehicle's own motion taken out of what its sensors saw at different instants.
"""
