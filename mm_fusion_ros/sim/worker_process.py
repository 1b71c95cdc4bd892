# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
What a process that renders beside others does first: it takes one core, and keeps its memory.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

import cv2

from mm_fusion_ros.memory import keep_large_buffers

_LIBRARIES = Path('/proc/self/maps')  # where Linux lists them
# By which of these names a build of OpenBLAS goes depends on who built it.
_SETTERS = tuple(f'{prefix}openblas_set_num_threads{suffix}'
                 for prefix in ('scipy_', '') for suffix in ('64_', ''))


def settle() -> None:
    """Share nothing out among threads, and give no large buffers back."""
    keep_large_buffers()
    cv2.setNumThreads(0)  # none at all: in a process that was forked, 1 waits for ever
    for library in blas_libraries():
        for name in _SETTERS:
            if hasattr(library, name):
                getattr(library, name)(1)


def blas_libraries() -> list[ctypes.CDLL]:
    """Give the copies of OpenBLAS in this process, numpy's and scipy's; none if not on Linux."""
    if not _LIBRARIES.is_file():
        return []
    lines = _LIBRARIES.read_text(encoding='utf-8').splitlines()
    paths = {line.split(maxsplit=5)[5] for line in lines if 'openblas' in line}
    return [ctypes.CDLL(path) for path in sorted(paths)]
