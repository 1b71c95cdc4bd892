# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The fusion network: what it is made of, where its weights are, and what its answer means.
"""
