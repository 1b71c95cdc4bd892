# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Between ROS messages and the package's own data types, reading fields by name.
"""
