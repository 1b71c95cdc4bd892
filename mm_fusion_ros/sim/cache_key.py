# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Names what was simulated, so that it is found again, and not taken for something else.
"""

from __future__ import annotations

import hashlib

# Raised whenever a seed looks otherwise than before, so that what was kept is made anew.
VERSION = 3


def cache_key(*parts: object) -> str:
    """Give a short name for all that a simulation follows from; it goes by their `repr`."""
    return hashlib.sha256(repr((VERSION, *parts)).encode()).hexdigest()[:16]
