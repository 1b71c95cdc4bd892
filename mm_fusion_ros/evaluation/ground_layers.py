# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""
Answers about the ground beside the truth, in the cells of the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mm_fusion_ros.data_types import Boxes3D
from mm_fusion_ros.evaluation.map_iou import FrameMap
from mm_fusion_ros.training.sample import TrainingSample
from mm_fusion_ros.training.targets import grid_targets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mm_fusion_ros.data_types import SensorFrame
    from mm_fusion_ros.detection.detections import GroundLayers
    from mm_fusion_ros.model.grid import BevGrid
    from mm_fusion_ros.sim.truth import MapTruth

_SURE = 100


def true_layers(frame: SensorFrame, ground: MapTruth, grid: BevGrid) -> NDArray[np.int8]:
    """
    Bring the truth to the cells of a grid, as it is learned.

    Parameters
    ----------
    frame : SensorFrame
        Any of that place.
    ground : MapTruth
        The map around the vehicle.
    grid : BevGrid
        Of the network.

    Returns
    -------
    (3, H, W) int8
        Layers as in `FrameMap`, 0 or 100; -1 beyond the map.

    """
    sample = TrainingSample(frame, Boxes3D.empty(), np.empty(0, np.bool_), ground=ground)
    targets = grid_targets(sample, grid, classes=(1,))
    is_known = targets.ground_weight.numpy() > 0.0
    return np.where(is_known, _SURE * targets.ground.numpy(), -1).astype(np.int8)


def frame_map(
    answer: GroundLayers | None, truth: NDArray[np.int8], scene: str
) -> FrameMap:
    """Put an answer beside `true_layers`; no answer is one that knows nothing."""
    cells = np.full(truth.shape, -1, np.int8)
    if answer is not None:
        cells = np.rint(_SURE * answer.layers).astype(np.int8)
    return FrameMap(cells, truth, scene)
