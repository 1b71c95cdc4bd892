# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Keeps the buffers of images and clouds between frames, instead of mapping them anew each time.

Does for the running process what `ros.dds.large_message_environment` does for its children.
"""

from __future__ import annotations

import ctypes
import sys

# malloc.h; the largest threshold that glibc accepts is 32 MiB.
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3
_MMAP_THRESHOLD = 1 << 25
_TRIM_THRESHOLD = (1 << 31) - 1
_TOP_PAD = 1 << 26


def keep_large_buffers() -> bool:
    """
    Tell glibc's malloc not to give buffers of megabytes back; page faults cost more than they.

    Returns
    -------
    bool
        False where the C library is another one, and nothing was changed.

    """
    if not sys.platform.startswith('linux'):
        return False
    mallopt = getattr(ctypes.CDLL(None), 'mallopt', None)
    if mallopt is None:
        return False
    settings = (
        (_M_MMAP_THRESHOLD, _MMAP_THRESHOLD),
        (_M_TRIM_THRESHOLD, _TRIM_THRESHOLD),
        (_M_TOP_PAD, _TOP_PAD),
    )
    accepted = [mallopt(option, value) == 1 for option, value in settings]
    return all(accepted)
