# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""rclpy's message classes, for `messages/convert_out` and for subscriptions."""

from __future__ import annotations

from array import array
from importlib import import_module
from typing import Any, TYPE_CHECKING

from mm_fusion_ros.messages.message_types import load_message_types

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def message_class(type_name: str) -> Any:
    """Find the class of `package/msg/Name`."""
    package, _, name = type_name.split('/')
    return _find(package, name)


def _find(package: str, name: str) -> Any:
    return getattr(import_module(f'{package}.msg'), name)


def _to_array(data: NDArray[np.integer]) -> array[int]:
    """Copy once: setters take an array.array as it is, but check anything else byte by byte."""
    values = array(data.dtype.char)
    values.frombytes(memoryview(data))
    return values


ROS_TYPES = load_message_types(
    _find, bytes_field=_to_array, byte_field=lambda value: bytes([value]),
    signed_bytes_field=_to_array)
