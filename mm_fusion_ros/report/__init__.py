# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""What a person looks at: overlays, colored points, bird's-eye pictures."""
