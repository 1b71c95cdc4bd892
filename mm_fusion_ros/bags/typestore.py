# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The message classes that bags are written with: ROS 2 Jazzy's, and those of this package's data.

`messages/interfaces/<package>/msg/*.msg` holds the texts of what the library does not bring.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from rosbags.typesys import get_types_from_msg, get_typestore, Stores

if TYPE_CHECKING:
    from rosbags.typesys.store import Typestore


def load_typestore() -> Typestore:
    """
    Make a store of every message type this package reads or writes.

    Returns
    -------
    Typestore
        `store.types['vision_msgs/msg/Detection3D']` is a dataclass.

    """
    store = get_typestore(Stores.ROS2_JAZZY)
    texts = {}
    for package in files('mm_fusion_ros.messages').joinpath('interfaces').iterdir():
        for file in package.joinpath('msg').iterdir():
            name = f'{package.name}/msg/{file.name.removesuffix(".msg")}'
            if name not in store.fielddefs:
                texts.update(get_types_from_msg(file.read_text('utf-8'), name))
    store.register(texts)
    return store


TYPESTORE = load_typestore()
