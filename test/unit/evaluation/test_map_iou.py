# Copyright 2026 The mm_fusion_ros Authors
# SPDX-License-Identifier: Apache-2.0
"""How well maps fit."""

import numpy as np
import pytest

from mm_fusion_ros.errors import InvalidMessageError
from mm_fusion_ros.evaluation.bootstrap import interval_of
from mm_fusion_ros.evaluation.map_iou import FrameMap, map_overlaps


def layers(*rows):
    """Build three layers: the given rows, and twice nothing."""
    first = np.array(rows, np.int8)
    return np.stack([first, np.zeros_like(first), np.zeros_like(first)])


def test_cells_marked_in_both_are_shared():
    frame = FrameMap(layers([100, 100, 0], [50, 49, 0]), layers([100, 0, 0], [100, 100, 0]))
    ious = map_overlaps([frame]).ious
    assert ious[0] == pytest.approx(2 / 4)
    assert np.isnan(ious[1:]).all()


def test_unknown_cells_are_left_out():
    frame = FrameMap(layers([100, -1, 100, 0]), layers([100, 100, -1, -1]))
    overlaps = map_overlaps([frame])
    assert overlaps.ious[0] == 1.0
    assert overlaps.coverage.tolist() == [0.5, 1.0, 1.0]


def test_frames_are_counted_together():
    empty = layers([0, 0])
    frames = [FrameMap(layers([100, 100]), layers([100, 100]), 'a'),
              FrameMap(layers([100, 100]), empty, 'b')]
    overlaps = map_overlaps(frames)
    assert overlaps.ious[0] == 0.5
    assert overlaps.resampled(np.array([3, 1])).ious[0] == 0.75
    interval = interval_of(
        [overlaps], lambda counted: float(counted[0].ious[0]), np.random.default_rng(0), 50)
    assert (interval.value, interval.low, interval.high) == (0.5, 0.0, 1.0)


def test_no_frame_has_no_figure():
    assert np.isnan(map_overlaps([]).ious).all()


@pytest.mark.parametrize(('answer', 'text'), [
    (np.zeros((3, 2, 2), np.int8), r'answered map: expected int8 \(3, H, W\).*got int8 \(3, 2, 2'),
    (np.zeros((3, 1, 2)), 'got float64'),
    (np.zeros((2, 1, 2), np.int8), r'got int8 \(2, 1, 2\)'),
])
def test_maps_of_other_cells_are_refused(answer, text):
    with pytest.raises(InvalidMessageError, match=text):
        FrameMap(answer, layers([0, 0]))
