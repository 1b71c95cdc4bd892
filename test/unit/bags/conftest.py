# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
A small bag on three topics, one of them transient-local.
"""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

import numpy as np
import pytest

from mm_fusion_ros.bags.typestore import TYPESTORE
from mm_fusion_ros.bags.write import BagWriter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

START_NS = 1_700_000_000_000_000_000
PERIOD_NS = 100_000_000

_T = TYPESTORE.types


def header(stamp_ns: int, frame_id: str = 'lidar_top') -> Any:
    sec, nanosec = divmod(stamp_ns, 1_000_000_000)
    stamp = _T['builtin_interfaces/msg/Time'](sec, nanosec)
    return _T['std_msgs/msg/Header'](stamp=stamp, frame_id=frame_id)


def string(text: str) -> Any:
    return _T['std_msgs/msg/String'](data=text)


def image(stamp_ns: int) -> Any:
    # Random pixels: nothing that compression could shrink below the size of a chunk.
    pixels = np.random.default_rng(stamp_ns % 1000).integers(0, 255, 300_000).astype(np.uint8)
    return _T['sensor_msgs/msg/Image'](
        header=header(stamp_ns, 'camera'),
        height=100,
        width=1000,
        encoding='rgb8',
        is_bigendian=0,
        step=3000,
        data=pixels,
    )


def static_transforms() -> Any:
    transform = _T['geometry_msgs/msg/TransformStamped'](
        header=header(START_NS, 'base_link'),
        child_frame_id='lidar_top',
        transform=_T['geometry_msgs/msg/Transform'](
            translation=_T['geometry_msgs/msg/Vector3'](1.0, 2.0, 3.0),
            rotation=_T['geometry_msgs/msg/Quaternion'](0.0, 0.0, 0.0, 1.0),
        ),
    )
    return _T['tf2_msgs/msg/TFMessage'](transforms=[transform])


@pytest.fixture
def write_bag() -> Callable[[Path], Path]:
    """
    Write ten images (0.1 s apart), ten texts between them, and one /tf_static.
    """

    def write(path: Path) -> Path:
        with BagWriter(path) as bag:
            bag.write('/tf_static', static_transforms(), START_NS, transient_local=True)
            for i in range(10):
                stamp_ns = START_NS + i * PERIOD_NS
                bag.write('/camera', image(stamp_ns), stamp_ns)
                bag.write('/text', string(f'text {i}'), stamp_ns + PERIOD_NS // 2)
        return path

    return write


@pytest.fixture
def bag_path(tmp_path: Path, write_bag: Callable[[Path], Path]) -> Path:
    return write_bag(tmp_path / 'drive')
