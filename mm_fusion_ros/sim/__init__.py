# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A world to drive in: streets, traffic and every sensor of a vehicle, with the truth about them.

`models` are the meshes, `world` is where they are and how they move, `render` casts rays into
them, `sensors` turns hits and motion into measurements. Deterministic from a seed; no ROS.
"""
