# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Marks every test of this folder `ros`; where rclpy is missing, skips the folder and says so.
"""
from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


class SkippedModule(pytest.Module):
    """
    A module that is not imported.
    """

    def collect(self) -> list[pytest.Item]:
        """
        Skip the whole module.
        """
        pytest.skip('rclpy cannot be imported here', allow_module_level=True)


def pytest_pycollect_makemodule(
    module_path: Path, parent: pytest.Collector
) -> pytest.Module | None:
    """
    Keep modules of this folder from being imported without rclpy.
    """
    try:
        import rclpy  # noqa: F401
    except ImportError:
        return SkippedModule.from_parent(parent, path=module_path)
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Mark what was collected here.
    """
    for item in items:
        if HERE in item.path.parents:
            item.add_marker('ros')
