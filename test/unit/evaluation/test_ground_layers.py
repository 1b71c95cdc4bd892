# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""Answers about the ground beside the truth."""

import numpy as np
import pytest

from mm_fusion_ros.data_types import SensorFrame
from mm_fusion_ros.detection.detections import GroundLayers
from mm_fusion_ros.evaluation.ground_layers import frame_map, true_layers
from mm_fusion_ros.evaluation.map_iou import map_overlaps
from mm_fusion_ros.model.grid import BevGrid
from mm_fusion_ros.sim.truth import MapTruth

GRID = BevGrid(reach_m=12.8, cell_m=0.8)
NOWHERE = SensorFrame(0, 'base_link', (), ())


def road(reach_m=20.0):
    """Make a road to the left of the vehicle, and nothing else."""
    size = round(2 * reach_m / 0.5)
    left = np.zeros((size, size), np.bool_)
    left[size // 2:] = True  # rows go with y
    return MapTruth(0.5, reach_m, left, ~left, np.zeros_like(left))


def test_the_true_answer_fits_and_its_mirror_image_does_not():
    truth = true_layers(NOWHERE, road(), GRID)
    assert truth.shape == (3, GRID.size, GRID.size)
    answer = GroundLayers((truth / 100).astype(np.float32), GRID)
    mirrored = GroundLayers(answer.layers[:, ::-1].copy(), GRID)
    fits = map_overlaps([frame_map(answer, truth, '')])
    assert fits.ious[:2] == pytest.approx([1, 1])
    assert map_overlaps([frame_map(mirrored, truth, '')]).ious[0] == pytest.approx(0)


def test_cells_beyond_the_map_are_unknown():
    truth = true_layers(NOWHERE, road(reach_m=8.0), GRID)
    edge, middle = truth[:, 0], truth[:, GRID.size // 2, GRID.size // 2]
    assert (edge == -1).all()
    assert middle.tolist() == [100, 0, 0]


def test_no_answer_covers_nothing():
    overlaps = map_overlaps([frame_map(None, true_layers(NOWHERE, road(), GRID), '')])
    assert overlaps.coverage == pytest.approx([0, 0, 0])
    assert np.isnan(overlaps.ious).all()
