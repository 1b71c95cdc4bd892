# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Reads geometry_msgs/TransformStamped, of which a tf2_msgs/TFMessage is made."""

from __future__ import annotations

from typing import Any, NamedTuple, TYPE_CHECKING

from mm_fusion_ros.errors import InvalidMessageError, MmFusionError
from mm_fusion_ros.geometry.transforms import from_quaternion
from mm_fusion_ros.messages.convert_in.fields import read_header, read_quaternion, read_vector

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mm_fusion_ros.geometry.transform_tree import TransformTree


class StampedTransform(NamedTuple):
    """One edge of the transform tree at one time: p_parent = T_parent_child @ p_child."""

    parent: str
    child: str
    stamp_ns: int
    T_parent_child: NDArray[np.float64]


def to_transform(message: Any) -> StampedTransform:
    """
    Read a TransformStamped.

    Raises
    ------
    InvalidMessageError
        If a frame has no name, both have the same, a number is not finite or the quaternion is
        not normalised.

    """
    stamp_ns, parent = read_header(message)
    child = message.child_frame_id.lstrip('/')
    what = f'transform from {parent!r} to {child!r}'
    if not parent or not child or parent == child:
        raise InvalidMessageError(what, 'two frames with names', 'one frame or an empty name')
    T_parent_child = from_quaternion(
        read_vector(what, message.transform.translation),
        read_quaternion(what, message.transform.rotation),
    )
    return StampedTransform(parent, child, stamp_ns, T_parent_child)


def add_transform(tree: TransformTree, message: Any, *, is_static: bool) -> StampedTransform:
    """
    Read a TransformStamped into a tree; one from /tf_static holds at all times.

    Raises
    ------
    MmFusionError
        If the message or the edge is refused.

    """
    edge = to_transform(message)
    if is_static:
        tree.set_static(edge.parent, edge.child, edge.T_parent_child)
    else:
        tree.add(*edge)
    return edge


def add_transforms(
    tree: TransformTree, message: Any, *, is_static: bool
) -> tuple[tuple[StampedTransform, ...], tuple[str, ...]]:
    """
    Read a TFMessage into a tree.

    Returns
    -------
    tuple of StampedTransform
        Those that were taken.
    tuple of str
        What was wrong with the others.

    """
    edges, problems = [], []
    for item in message.transforms:
        try:
            edges.append(add_transform(tree, item, is_static=is_static))
        except MmFusionError as err:
            problems.append(str(err))
    return tuple(edges), tuple(problems)
