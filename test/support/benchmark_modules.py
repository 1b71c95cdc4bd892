# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Benchmarks as modules: they import each other from their own folder, which is no package."""

from __future__ import annotations

from contextlib import contextmanager
import importlib
from pathlib import Path
import sys
from types import SimpleNamespace

import pytest

FOLDER = Path(__file__).parents[2] / 'benchmarks'


@contextmanager
def imported(*names):
    """Give modules of the folder, by their names without a leading underscore, for a while."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        yield SimpleNamespace(**{
            name.lstrip('_'): importlib.import_module(name) for name in names})
    for name in names:
        del sys.modules[name]
