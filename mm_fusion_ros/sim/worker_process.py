# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What a process that renders beside others does first: it takes one core, and keeps its memory.
"""

from __future__ import annotations

import cv2
from threadpoolctl import threadpool_limits

from mm_fusion_ros.memory import keep_large_buffers


def settle() -> None:
    """Share nothing out among threads, and give no large buffers back."""
    keep_large_buffers()
    cv2.setNumThreads(0)  # none at all: in a process that was forked, 1 waits for ever
    threadpool_limits(1, user_api='blas')  # variables would come too late
