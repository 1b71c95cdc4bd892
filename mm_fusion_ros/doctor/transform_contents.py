# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
The tree of frames that a bag's /tf_static and /tf describe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mm_fusion_ros.errors import MmFusionError, TransformError
from mm_fusion_ros.geometry.transform_tree import TransformTree
from mm_fusion_ros.messages.convert_in import add_transform

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mm_fusion_ros.bags.read import BagMessage

_STATIC_TOPIC = '/tf_static'
_DENSE = 5000  # messages of /tf that are all read; of later ones every tenth
_STRIDE = 10


class TransformContents:
    """
    Learns from TFMessages.

    Attributes
    ----------
    tree : TransformTree
        What they say.
    topics : dict
        Those that held any message; an ordered set.
    problems : dict
        What was wrong with single transforms; an ordered set.

    """

    def __init__(self) -> None:
        self.tree = TransformTree()
        self.topics: dict[str, None] = {}
        self.problems: dict[str, None] = {}
        self._parents: dict[str, str] = {}
        self._dynamic = 0

    def add(self, recorded: BagMessage) -> None:
        """
        Take in one message.
        """
        self.topics[recorded.topic] = None
        is_static = recorded.topic == _STATIC_TOPIC
        self._dynamic += not is_static
        if not is_static and self._dynamic > _DENSE and self._dynamic % _STRIDE:
            return
        try:
            transforms = recorded.message.transforms
        except MmFusionError as err:
            self.problems[str(err)] = None
            return
        for item in transforms:
            try:
                edge = add_transform(self.tree, item, is_static=is_static)
                self._parents[edge.child] = edge.parent
            except MmFusionError as err:
                self.problems[str(err)] = None

    def to_base(self, base_frame: str, frame_id: str) -> NDArray[np.float64] | TransformError:
        """
        Give the newest transform (4, 4) from a frame to the base, or why there is none.
        """
        try:
            return self.tree.lookup(base_frame, frame_id)
        except TransformError as err:
            return err

    def chain(self, frame_id: str) -> list[str]:
        """
        List a frame and its parents, up to the root.
        """
        chain = [frame_id]
        while chain[-1] in self._parents and self._parents[chain[-1]] not in chain:
            chain.append(self._parents[chain[-1]])
        return chain
