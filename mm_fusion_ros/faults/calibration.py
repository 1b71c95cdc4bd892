# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Breaks what is said of where a sensor sits, and of how its lens projects.
"""

from __future__ import annotations

import math
from typing import Any, TYPE_CHECKING

import numpy as np

from mm_fusion_ros.bags.datasets.names import TF_STATIC
from mm_fusion_ros.bags.message_types import BAG_TYPES
from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.faults.kinds import FaultKind, TRANSFORMS
from mm_fusion_ros.faults.serialized import decode, encode, Passing
from mm_fusion_ros.geometry import transforms
from mm_fusion_ros.messages.convert_in import to_transform
from mm_fusion_ros.messages.convert_in.fields import read_header
from mm_fusion_ros.messages.convert_out import from_transforms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.faults.draw import Draw
    from mm_fusion_ros.faults.spec import Fault

_AXES = ('x', 'y', 'z')


class Extrinsics:
    """
    Says on /tf_static that a sensor has moved, before its first message under the fault.

    Says where it really is before the first message thereafter. A transform of the sensor that
    comes in between is changed alike.

    Parameters
    ----------
    fault : Fault
        Which sensor is moved, and how.

    """

    def __init__(self, fault: Fault) -> None:
        self._fault = fault
        self._frame = ''
        self._moves = False
        self._known: dict[str, Any] = {}  # TransformStamped by child frame

    def take(self, message: Passing, draw: Draw | None) -> list[Passing]:
        """
        Let a message pass, after a transform where one is due.

        Raises
        ------
        InvalidMessageError
            If the message or the transform cannot be read.

        """
        if message.topic == TF_STATIC:
            return [self._pass_transforms(message)]
        if (draw is not None) == self._moves:
            return [message]
        self._frame = read_header(decode(message.raw, message.type))[1]
        known = self._known.get(self._frame)
        if known is None:
            raise InvalidMessageError('/tf_static', f'a transform of {self._frame!r}', 'none')
        self._moves = draw is not None
        said = BAG_TYPES.TFMessage(transforms=[self._moved(known) if self._moves else known])
        raw = encode(said, TRANSFORMS)
        return [Passing(TF_STATIC, TRANSFORMS, raw, message.at_ns), message]

    def _pass_transforms(self, message: Passing) -> Passing:
        """Remember what is said, and pass it on as it has to be now."""
        content = decode(message.raw, TRANSFORMS)
        self._known.update({_child(item): item for item in content.transforms})
        if not self._moves or self._frame not in map(_child, content.transforms):
            return message
        content.transforms = [
            self._moved(item) if _child(item) == self._frame else item
            for item in content.transforms
        ]
        return message._replace(raw=encode(content, TRANSFORMS))

    def _moved(self, item: Any) -> Any:
        edge = to_transform(item)
        T = _displaced(edge.T_parent_child, self._fault)
        moved = from_transforms({edge.child: T}, edge.stamp_ns, edge.parent, BAG_TYPES)
        return moved.transforms[0]


def scale_camera_info(message: Any, draw: Draw) -> None:
    """
    Scale focal lengths and centre, but not the size that is said of the image.

    Raises
    ------
    InvalidMessageError
        If a matrix is of another shape.

    """
    for name, columns in (('k', 3), ('p', 4)):
        matrix = np.array(getattr(message, name), np.float64)
        if matrix.size != 3 * columns:
            raise InvalidMessageError(f'camera_info {name}', f'3 x {columns}', matrix.size)
        matrix[:2 * columns] *= draw.fault.magnitude
        setattr(message, name, matrix)


def _child(item: Any) -> str:
    return str(item.child_frame_id).lstrip('/')


def _displaced(T_parent_child: NDArray[np.float64], fault: Fault) -> NDArray[np.float64]:
    """Turn the child where it is, or move it, along the axes of the parent."""
    along = np.array([float(axis == fault.axis) for axis in _AXES])
    displaced: NDArray[np.float64] = T_parent_child.copy()
    if fault.what is FaultKind.EXTRINSICS_SHIFTED:
        displaced[:3, 3] += along * fault.magnitude
        return displaced
    turn = transforms.from_euler((0.0, 0.0, 0.0), *along * math.radians(fault.magnitude))
    displaced[:3, :3] = turn[:3, :3] @ T_parent_child[:3, :3]
    return displaced
