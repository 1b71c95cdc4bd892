# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Procedural meshes of vehicles, people, plants, buildings and what stands beside a street.
"""
