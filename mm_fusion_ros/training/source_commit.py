# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Which version of the source something was made by.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def source_commit(folder: Path) -> str:
    """Give the commit of a source tree, marked if files differ from it; empty without git."""
    try:
        found = subprocess.run(
            ['git', '-C', str(folder), 'describe', '--always', '--dirty', '--abbrev=12'],
            capture_output=True, text=True, check=True, timeout=10.0)
    except (OSError, subprocess.SubprocessError):
        return ''
    return found.stdout.strip()
