# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The bag library's message classes for `convert_out`, given the defaults that they lack.

Every call makes fields of its own; none are shared between messages.
"""

from __future__ import annotations

from typing import Any, TYPE_CHECKING

import numpy as np
from rosbags.interfaces import Nodetype

from mm_fusion_ros.bags.typestore import TYPESTORE
from mm_fusion_ros.messages.message_types import load_message_types

if TYPE_CHECKING:
    from collections.abc import Callable

    from mm_fusion_ros.messages.message_types import Constructor

# The defaults in message texts that are not zero; the bag library does not keep them.
_DEFAULTS: dict[str, dict[str, Callable[[], Any]]] = {
    'geometry_msgs/msg/Quaternion': {'w': lambda: 1.0},
    'sensor_msgs/msg/NavSatStatus': {'status': lambda: -2},
}
_BYTE_TYPES = ('byte', 'char', 'octet')


def constructor(name: str) -> Constructor:
    """Give a constructor with defaults for any known type, such as 'sensor_msgs/msg/Imu'."""
    message_class = TYPESTORE.types[name]
    _, members = TYPESTORE.fielddefs[name]
    defaults = {member: _default_maker(description) for member, description in members}
    defaults.update(_DEFAULTS.get(name, {}))

    def construct(**given: Any) -> Any:
        for member, make in defaults.items():
            if member not in given:
                given[member] = make()
        return message_class(**given)

    return construct


def _default_maker(description: Any) -> Callable[[], Any]:
    """Give a function that makes the value of a field that nobody set: zero, empty or false."""
    kind, detail = description
    if kind == Nodetype.NAME:
        return constructor(detail)
    if kind == Nodetype.BASE:
        number = 0.0 if 'float' in detail[0] else 0
        zero: Any = {'string': '', 'bool': False}.get(detail[0], number)
        return lambda: zero
    (element_kind, element), length = detail
    size = length if kind == Nodetype.ARRAY else 0
    if element_kind == Nodetype.BASE and element[0] != 'string':
        dtype = 'uint8' if element[0] in _BYTE_TYPES else element[0]
        return lambda: np.zeros(size, dtype)
    make = _default_maker((element_kind, element))
    return lambda: [make() for _ in range(size)]


BAG_TYPES = load_message_types(
    lambda package, name: constructor(f'{package}/msg/{name}'),
    bytes_field=lambda data: data,
    byte_field=lambda value: value,
    signed_bytes_field=lambda data: data,
)
