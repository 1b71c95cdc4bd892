# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Writes figures as JSON that every reader takes: what is no finite number is null."""

from __future__ import annotations

import json
import math
from typing import Any


def strict_json(content: Any) -> str:
    """Write dicts, lists, texts and numbers, indented."""
    return json.dumps(_finite(content), indent=2, allow_nan=False) + '\n'


def _finite(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _finite(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_finite(value) for value in content]
    if isinstance(content, float) and not math.isfinite(content):
        return None
    return content
